using System.Globalization;
using System.Text;

namespace FastSim.Bench;

/// <summary>A table of deployments in a folder of its own, every row with lengths of its own or every layout in many rows.</summary>
internal sealed class DeploymentTable
{
    private static readonly (string Model, string Precision, int[] TensorParallel)[] Models =
    [
        ("deepseek-ai/DeepSeek-V3", "fp8", [8, 16]),
        ("meta-llama/Meta-Llama-3.1-70B", "fp8", [2, 4, 8]),
        ("Qwen/Qwen3-32B", "fp8", [1, 2, 4]),
    ];

    private static readonly string[] Systems = ["h100_sxm", "h200_sxm", "b200"];
    private static readonly string[] Engines = ["trtllm", "vllm", "sglang"];
    private static readonly int[] Batches = [1, 4, 16, 64];
    private static readonly int[] Inputs = [1024, 4096, 8192];

    private readonly string folder = Directory.CreateTempSubdirectory("fastsim-bench-").FullName;

    /// <summary>Writes a table.</summary>
    /// <param name="rows">Its rows.</param>
    /// <param name="hasOwnLengths">Whether no two rows of a layout have the same lengths.</param>
    public DeploymentTable(int rows, bool hasOwnLengths)
    {
        StringBuilder text = new("model_path,system,backend,precision,isl,osl,tp_size,moe_ep_size,batch_size\n");
        for (int row = 0; row < rows; row++)
        {
            int rest = row;
            int Next(int count)
            {
                (rest, int place) = Math.DivRem(rest, count);
                return place;
            }

            int batch = Batches[Next(Batches.Length)];
            (string model, string precision, int[] tensorParallel) = Models[Next(Models.Length)];
            int ranks = tensorParallel[Next(tensorParallel.Length)];
            string system = Systems[Next(Systems.Length)];
            string engine = Engines[Next(Engines.Length)];
            int input = Inputs[Next(Inputs.Length)] - (hasOwnLengths ? row % 509 : 0);
            int output = 1024 - (hasOwnLengths ? row % 499 : 0);
            text.Append(
                CultureInfo.InvariantCulture, $"{model},{system},{engine},{precision},{input},{output},{ranks},{(model.Contains("DeepSeek", StringComparison.Ordinal) ? ranks : 1)},{batch}\n");
        }

        File.WriteAllText(Path, text.ToString());
    }

    /// <summary>The table.</summary>
    public string Path => System.IO.Path.Combine(folder, "table.csv");

    /// <summary>Where predictions go.</summary>
    public string Output => System.IO.Path.Combine(folder, "predicted.csv");

    /// <summary>Removes its folder.</summary>
    public void Remove() => Directory.Delete(folder, recursive: true);
}

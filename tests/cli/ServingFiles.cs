using System.Globalization;
using System.Text.Json.Nodes;
using FastSim.Kernels.Launches;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>A model, a timed chip and tables of deployments in a folder of their own.</summary>
public sealed class ServingFiles : IDisposable
{
    private const string Model =
        """
        {"model": "toy", "hidden": 1024, "feedforward": 4096, "num_blocks": 4, "attn_type": "group-query", "attn_heads": 8, "kv_heads": 2,
         "attn_size": 128, "use_flash_attn": true, "vocab_size": 32000}
        """;

    private readonly TemporaryFolder folder = new();

    public ServingFiles()
    {
        Directory.CreateDirectory(folder.PathOf("models"));
        Directory.CreateDirectory(folder.PathOf("systems"));
        folder.Write(Path.Combine("models", "owner--Toy-1B.json"), Model);
        JsonNode system = JsonNode.Parse(File.ReadAllText(Repository.PathOf("tests", "golden", "table", "systems", "SOW-U1-POR.json")))!;
        folder.Write(Path.Combine("systems", "Untimed.json"), system.ToJsonString());
        system["operators"] = Operators();
        folder.Write(Path.Combine("systems", "Timed_SXM.json"), system.ToJsonString());
    }

    public string PathOf(params string[] parts) => folder.PathOf(parts);

    /// <summary>Writes a table and runs a command on it.</summary>
    public FastSimProgram.Outcome Run(string command, string table, params string[] options)
    {
        string file = folder.Write("table.csv", table);
        return FastSimProgram.Run(
            [command, "-t", file, "-o", PathOf("out.csv"), "--models", PathOf("models"), "--systems", PathOf("systems"), .. options]);
    }

    public CsvTable Result() => CsvTable.Load(PathOf("out.csv"));

    public void Dispose() => folder.Dispose();

    private static JsonObject Operators()
    {
        JsonObject operators = new() { ["compute_units"] = 100 };
        foreach ((string family, string[] kinds) in new[]
        {
            ("gemm", new[] { "bfloat16", "fp8" }),
            ("decode_attention", ["bfloat16/gqa", "fp8/gqa"]),
            ("prefill_attention", ["bfloat16/bfloat16", "fp8/fp8"]),
            ("collectives", ["nccl_all_reduce", "nccl_all_gather", "nccl_alltoall", "custom_all_reduce"]),
            ("experts", ["bfloat16", "bfloat16/cutlass", "fp8/cutlass", "w4a8_mxfp4_mxfp8"]),
        })
        {
            JsonObject own = [];
            foreach (string kind in kinds)
            {
                JsonObject parameters = [];
                foreach (TimingParameter parameter in TimingForms.All[family].Parameters)
                {
                    parameters[parameter.Name] = double.Parse(parameter.Start.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
                }

                own[kind] = parameters;
            }

            operators[family] = own;
        }

        return operators;
    }
}

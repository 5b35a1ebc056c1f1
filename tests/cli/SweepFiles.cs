using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>A sweep of the tests' inputs in a folder of its own.</summary>
public sealed class SweepFiles : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>Copies the inputs of a small mixture of experts on a chip with a network.</summary>
    public SweepFiles()
    {
        foreach (string part in new[] { "models", "systems" })
        {
            foreach (string file in Directory.EnumerateFiles(Repository.PathOf("tests", "golden", "table", part)))
            {
                Directory.CreateDirectory(folder.PathOf(part));
                File.Copy(file, folder.PathOf(part, Path.GetFileName(file)));
            }
        }

        folder.Write("decode.json", Runtime("[[0, 36]]", "\"systems/SOW-U1-POR.json\", \"systems/SOW-U1-POR.json\""));
    }

    public string Root => folder.Root;

    public static string Runtime(string splits, string systems, string more = "") => $$"""
        {"pd-split-request-optimal": {
          "model_list": ["models/deepseek_v3_flash_mla_absorb.json"], "sequence_length_list": [[4096, 1024]],
          "num_procs_list": [36], "pd_num_procs_list": {{splits}}, "num_redundant_experts_config": 32,
          "wac_bytes_list": [[0.5, 0.5, 1, 1]], "flops_type_list": [["float4", "float8", "float4"]],
          "time_limit_list": [[null, 50]], "sys_list": [[{{systems}}]]{{more}}, "output": "out"} }
        """;

    public string PathOf(params string[] parts) => folder.PathOf(parts);

    public string Write(string name, string text) => folder.Write(name, text);

    /// <summary>Writes a sweep of the decode runtime and runs it.</summary>
    public FastSimProgram.Outcome Sweep(string axes, string more = "", params string[] options)
    {
        string file = Write("sweep.json", $$"""{"runtime": "decode.json", "output": "{{PathOf("out")}}", "axes": [{{axes}}]{{more}} }""");
        return FastSimProgram.Run(["sweep", "-c", file, .. options]);
    }

    public CsvTable Result(string name = "sweep_result.csv") => CsvTable.Load(PathOf("out", name));

    public void Dispose() => folder.Dispose();
}

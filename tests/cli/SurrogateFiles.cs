using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>A decode job in 16 bits on a small chip, in a folder of its own.</summary>
public sealed class SurrogateFiles : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public SurrogateFiles()
    {
        File.Copy(Repository.PathOf("tests", "cli", "inputs", "dense.json"), folder.PathOf("dense.json"));
        WriteSystem("");
        WriteRuntime("");
    }

    /// <summary>A chip with timings and compute units.</summary>
    public string TimedChip { get; } = Repository.PathOf("data", "systems", "H100_SXM.json");

    public string PathOf(params string[] parts) => folder.PathOf(parts);

    public void Write(string name, HandmadeOnnx model) => File.WriteAllBytes(PathOf(name), model.ToArray());

    /// <summary>Writes the job, with more keys.</summary>
    public void WriteRuntime(string more) => folder.Write(
        "runtime.json",
        $$"""
        {"pd-split-request-optimal": {
          "model_list": ["dense.json"], "sequence_length_list": [[64, 32]], "num_procs_list": [1], "pd_num_procs_list": [[0, 1]],
          "d_micro_batch_size": [[16, 1, 16]], "wac_bytes_list": [[2, 2, 2, 2]], "flops_type_list": [["float16", "float16", "float16"]],
          "time_limit_list": [[null, null]], "sys_list": [["chip.json", "chip.json"]], "accounting": "physical", "output": "out"{{more}} } }
        """);

    /// <summary>Writes the chip, with more keys.</summary>
    public void WriteSystem(string more)
    {
        string text = File.ReadAllText(Repository.PathOf("tests", "cli", "inputs", "chip.json")).TrimEnd();
        folder.Write("chip.json", $"{text[..^1]}{more}}}");
    }

    public string WriteSweep(string path) => folder.Write(
        "sweep.json",
        $$"""{"runtime": "runtime.json", "output": "swept", "axes": [{"path": "{{path}}", "values": [0.5, 0.75]}]}""");

    public FastSimProgram.Outcome Run(params string[] options) =>
        FastSimProgram.Run(["run", "-c", PathOf("runtime.json"), "-o", PathOf("out"), .. options]);

    /// <summary>Writes measured products whose times follow the timing form: all, or the first some.</summary>
    public void WriteOperators(int times = int.MaxValue)
    {
        Chip chip = SystemFile.Load(TimedChip, new Findings(allowUnknownKeys: false));
        double peak = chip.Matrix["bfloat16"].Teraflops * 1e12;
        double[] parameters = [4, 0.7, 0.8, 6, 4, 2, 0.4, 1];
        (long M, long N, long K)[] shapes =
        [
            .. from m in new long[] { 1, 4, 16, 64, 200, 512, 1024, 4096, 16384 }
               from n in new long[] { 256, 512, 1536, 4096, 7168, 14336 }
               from k in new long[] { 256, 512, 2048, 4096, 7168, 16384 }
               select (m, n, k),
        ];
        shapes = shapes[..Math.Min(times, shapes.Length)];
        MeasuredParquet.Write(
            PathOf("gemm_perf.parquet"),
            ("gemm_dtype", Array.ConvertAll(shapes, _ => "bfloat16")),
            ("m", Array.ConvertAll(shapes, shape => shape.M)),
            ("n", Array.ConvertAll(shapes, shape => shape.N)),
            ("k", Array.ConvertAll(shapes, shape => shape.K)),
            ("latency", Array.ConvertAll(
                shapes,
                shape => GemmTiming.Microseconds(
                    parameters, new TimingChip(132, 3350e9, 450e9), peak, 2, 2, shape.M, shape.N, shape.K, 0) / 1000)));
    }

    public void Dispose() => folder.Dispose();
}

using BenchmarkDotNet.Attributes;
using FastSim.Cli.Configuration;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Bench;

/// <summary>Time of a whole search: five jobs, dense and mixture of experts, 36 to 2,048 cards, split over every division of the cards.</summary>
[Config(typeof(ProductConfig))]
[MemoryDiagnoser]
[MedianColumn]
public class SearchBenchmarks
{
    private Job job = null!;

    /// <summary>The jobs.</summary>
    public enum Problem
    {
        /// <summary>The golden DeepSeek-V3 decode job.</summary>
        DeepSeek36,

        /// <summary>Qwen3-32B on 36 cards, every split.</summary>
        Qwen36,

        /// <summary>Llama 3 70B on 356 cards, every split.</summary>
        Llama356,

        /// <summary>DeepSeek-V3 on 356 cards, every split.</summary>
        DeepSeek356,

        /// <summary>DeepSeek-V3 on 2,048 cards, every split.</summary>
        DeepSeek2048,
    }

    /// <summary>The job.</summary>
    [ParamsAllValues]
    public Problem Question { get; set; }

    /// <summary>Reads the job.</summary>
    [GlobalSetup]
    public void Setup() => job = Read(Question);

    /// <summary>The bound engine on every core.</summary>
    [Benchmark(Baseline = true)]
    public JobResult Bound() => JobSolver.Solve(job, EngineSettings.Default);

    /// <summary>The bound engine on one core.</summary>
    [Benchmark]
    public JobResult BoundOneThread() => JobSolver.Solve(job, EngineSettings.Default with { Threads = 1 });

    internal static Job Read(Problem problem)
    {
        (string model, int cards, string split) = problem switch
        {
            Problem.DeepSeek36 => ("deepseek_v3_flash_mla_absorb", 36, "[[0, 36]]"),
            Problem.Qwen36 => ("qwen3_32b_flash", 36, "null"),
            Problem.Llama356 => ("llama_3_70b", 356, "null"),
            Problem.DeepSeek356 => ("deepseek_v3_flash_mla_absorb", 356, "null"),
            _ => ("deepseek_v3_flash_mla_absorb", 2048, "null"),
        };
        string system = BenchInputs.PathOf("data", "systems", "systems_without_compute_calibration", "H800_IB.json");
        string file = Path.GetTempFileName();
        File.WriteAllText(
            file,
            $$"""
            { "pd-split-request-optimal": {
                "model_list": ["{{BenchInputs.PathOf("data", "models", $"{model}.json")}}"], "sequence_length_list": [[4096, 1024]],
                "num_procs_list": [{{cards}}], "pd_num_procs_list": {{split}}, "wac_bytes_list": [[1, 1, 1, 2]],
                "flops_type_list": [["float8", "float16", "float16"]], "time_limit_list": [[2000, 50]],
                "sys_list": [["{{system}}", "{{system}}"]], "output": "unused" } }
            """);
        Job read = RuntimeFile.Load(file, RuntimeOverrides.None, new Findings(allowUnknownKeys: false))[0].Jobs[0];
        File.Delete(file);
        return read;
    }
}

/// <summary>The other engines on the two smaller jobs; on the larger ones they take minutes.</summary>
[Config(typeof(ProductConfig))]
[MemoryDiagnoser]
[MedianColumn]
public class EngineBenchmarks
{
    private Job job = null!;

    /// <summary>The job.</summary>
    [Params(SearchBenchmarks.Problem.DeepSeek36, SearchBenchmarks.Problem.Qwen36)]
    public SearchBenchmarks.Problem Question { get; set; }

    /// <summary>The engine.</summary>
    [ParamsAllValues]
    public EngineKind Engine { get; set; }

    /// <summary>Reads the job.</summary>
    [GlobalSetup]
    public void Setup() => job = SearchBenchmarks.Read(Question);

    /// <summary>The search, on one thread.</summary>
    [Benchmark]
    public JobResult Search() => JobSolver.Solve(job, EngineSettings.Default with { Kind = Engine, Threads = 1 });
}

using BenchmarkDotNet.Attributes;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FastSim.Search.Surrogates;

namespace FastSim.Bench;

/// <summary>The shipped surrogate: operator shapes through the model on two threads, and the golden DeepSeek-V3 decode job with tables and with it.</summary>
[MemoryDiagnoser]
public class SurrogateBenchmarks
{
    private const int Rows = 1 << 18;
    private const int Threads = 2;

    private readonly float[] features = new float[Rows * OperatorFeatures.Count];
    private readonly float[] answers = new float[Rows * 2];
    private OnnxEfficiency model = null!;
    private OnnxEfficiency limits = null!;
    private Job tables = null!;
    private Job learned = null!;

    /// <summary>Loads model and job.</summary>
    [GlobalSetup]
    public void Setup()
    {
        model = OnnxEfficiency.Load(File.ReadAllBytes(BenchInputs.PathOf("data", "surrogates", "operators.onnx")), "shipped");
        limits = OnnxEfficiency.Load(File.ReadAllBytes(BenchInputs.PathOf("data", "surrogates", "limits.onnx")), "limits");
        string runtime = BenchInputs.PathOf("data", "runtimes", "sample.json");
        tables = RuntimeFile.Load(runtime, RuntimeOverrides.None, new Findings(allowUnknownKeys: false))[0].Jobs[0];
        learned = tables with
        {
            PrefillChip = tables.PrefillChip with { Efficiency = model },
            DecodeChip = tables.DecodeChip with { Efficiency = model },
        };
        Random random = new(1);
        for (int index = 0; index < features.Length; index++)
        {
            features[index] = (float)(random.NextDouble() * 10);
        }
    }

    /// <summary>Ends the model.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        model.Dispose();
        limits.Dispose();
    }

    /// <summary>Time of one operator shape through the model.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public void Shape() => Ask(model);

    /// <summary>Time of one operator shape through the model of limits.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public void ShapeOfLimits() => Ask(limits);

    /// <summary>The golden job with efficiency tables.</summary>
    [Benchmark(Baseline = true)]
    public JobResult JobWithTables() => JobSolver.Solve(tables, EngineSettings.Default);

    /// <summary>The golden job with the surrogate, whose times are known from the search before.</summary>
    [Benchmark]
    public JobResult JobWithSurrogate() => JobSolver.Solve(learned, EngineSettings.Default);

    private void Ask(OnnxEfficiency asked) => Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
    {
        const int Some = Rows / Threads;
        asked.Evaluate(
            OperatorFamily.Product,
            features.AsSpan(thread * Some * OperatorFeatures.Count, Some * OperatorFeatures.Count),
            answers.AsSpan(thread * Some * 2, Some * 2));
    });
}

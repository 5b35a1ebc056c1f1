using BenchmarkDotNet.Attributes;
using FastSim.Kernels.Clocks;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FastSim.Search.Sweeps;

namespace FastSim.Bench;

/// <summary>
/// The golden DeepSeek-V3 decode job on H100 in physical accounting, its launches priced by fitted forms and by the roofline; and 10,000 chips with
/// fitted forms, per chip: HBM GiB and GBps, float8 tflops and link bandwidth, ten steps each.
/// </summary>
[Config(typeof(ProductConfig))]
[MemoryDiagnoser]
[MedianColumn]
public class FittedBenchmarks
{
    private const int Variants = 10_000;

    private readonly SweptChips chips = new(10, 1, BenchInputs.H100Job(ClockKind.Fitted));
    private readonly Job fitted = BenchInputs.H100Job(ClockKind.Fitted);
    private readonly Job roofline = BenchInputs.H100Job(ClockKind.Roofline);

    /// <summary>One search by the cost model's roofline, warm.</summary>
    [Benchmark(Baseline = true)]
    public JobResult JobByRoofline() => JobSolver.Solve(roofline, EngineSettings.Default);

    /// <summary>One search by fitted forms, warm.</summary>
    [Benchmark]
    public JobResult JobByForms() => JobSolver.Solve(fitted, EngineSettings.Default);

    /// <summary>The sweep on every core.</summary>
    [Benchmark(OperationsPerInvoke = Variants)]
    public SweepTally Sweep() => chips.Solve();
}

using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace FastSim.Bench;

/// <summary>
/// Runs benchmarks as the product runs: without dynamic profile guidance (see <c>src/FastSim.Cli/FastSim.Cli.csproj</c>). A build that
/// <c>compare</c> measures has no project to build from, so it runs in its own process, in the short form.
/// </summary>
public sealed class ProductConfig : ManualConfig
{
    /// <summary>Set to measure a build where it lies.</summary>
    public const string InProcessVariable = "FASTSIM_BENCH_IN_PROCESS";

    /// <summary>Without dynamic profile guidance.</summary>
    public const string GuidanceVariable = "DOTNET_TieredPGO";

    /// <summary>Chooses how benchmarks run.</summary>
    public ProductConfig()
    {
        bool isInProcess = Environment.GetEnvironmentVariable(InProcessVariable) is not null;
        AddJob(isInProcess
            ? Job.ShortRun.WithIterationCount(5).WithToolchain(InProcessEmitToolchain.DontLogOutput)
            : Job.Default.WithEnvironmentVariable(GuidanceVariable, "0").WithIterationCount(11).WithWarmupCount(5));
    }
}

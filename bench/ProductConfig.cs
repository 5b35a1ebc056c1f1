using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;

namespace FastSim.Bench;

/// <summary>Runs benchmarks as the product runs: without dynamic profile guidance (see <c>src/FastSim.Cli/runtimeconfig.template.json</c>).</summary>
public sealed class ProductConfig : ManualConfig
{
    /// <summary>Sets the environment of the benchmarks' processes.</summary>
    public ProductConfig() =>
        AddJob(Job.Default.WithEnvironmentVariable("DOTNET_TieredPGO", "0").WithIterationCount(11).WithWarmupCount(5));
}

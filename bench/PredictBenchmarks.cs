using BenchmarkDotNet.Attributes;
using FastSim.Cli.Commands;

namespace FastSim.Bench;

/// <summary><c>fastsim predict</c> on 100,000 rows, warm, table read and predictions written: per row.</summary>
[Config(typeof(ProductConfig))]
[MemoryDiagnoser]
[MedianColumn]
public class PredictBenchmarks
{
    private const int Rows = 100_000;

    private readonly Terminal silent = new(TextWriter.Null, TextWriter.Null, isInteractive: false);
    private DeploymentTable table = null!;

    /// <summary>Whether every row has lengths of its own; otherwise layouts come again.</summary>
    [Params(true, false)]
    public bool HasOwnLengths { get; set; }

    /// <summary>Writes the table.</summary>
    [GlobalSetup]
    public void Setup() => table = new DeploymentTable(Rows, HasOwnLengths);

    /// <summary>Removes it.</summary>
    [GlobalCleanup]
    public void Cleanup() => table.Remove();

    /// <summary>On every core.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public int Predict() => ServingCommand.Predict(
        new ServingOptions(
            table.Path,
            table.Output,
            Plot: null,
            [BenchInputs.PathOf("bench", "inputs", "models")],
            [BenchInputs.PathOf("data", "systems")],
            Worst: 0,
            Environment.ProcessorCount,
            Quiet: true,
            Json: false,
            EfficiencyModel: null,
            Choices: false),
        silent);
}

using FastSim.Cli.Configuration;
using FastSim.Cli.Surrogates;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What forms that are fitted to several chips together go by.</summary>
public sealed class PooledCalibrationTests
{
    private static readonly double[] Own = [3, 0.1, 0.16, 4, 2, 0.5, 40, 0.1, 0.8];
    private static readonly double[] Shared = [8, 4, 0.01, 12, 7, 0.05, 60, 15, 0.2];

    /// <summary>Exchanges of L40S, whose cards share a bus, do not move the form of chips that have links of their own; where nobody else was measured they are all there is.</summary>
    [Fact]
    public void Exchanges_over_a_bus_say_nothing_of_links()
    {
        using TemporaryFolder folder = new();
        TrainingChip linked = Measured(folder, "H100_SXM", 450e9, Own);
        TrainingChip onBus = Measured(folder, "L40S", 32e9, Shared);
        Assert.False(linked.SharesBus);
        Assert.True(onBus.SharesBus);
        double[]? alone = PooledCalibration.Fit([linked], linked.Kinds[0], 1000);
        Assert.Equal(alone, PooledCalibration.Fit([linked, onBus], linked.Kinds[0], 1000));
        Assert.Equal(alone, PooledCalibration.Fit([onBus, linked], onBus.Kinds[0], 1000));
        double[]? bus = PooledCalibration.Fit([onBus], onBus.Kinds[0], 1000);
        Assert.NotNull(bus);
        Assert.NotEqual(alone, bus);
    }

    private static TrainingChip Measured(TemporaryFolder folder, string system, double linkBytesPerSecond, double[] parameters)
    {
        (long Cards, long Elements)[] messages =
            [.. from cards in new long[] { 2, 4, 8 } from exponent in Enumerable.Range(7, 22) select (cards, 1L << exponent)];
        string operators = Directory.CreateDirectory(folder.PathOf(system)).FullName;
        MeasuredParquet.Write(
            Path.Combine(operators, "custom_allreduce_perf.parquet"),
            ("allreduce_dtype", Array.ConvertAll(messages, _ => "bfloat16")),
            ("num_gpus", Array.ConvertAll(messages, message => message.Cards)),
            ("message_size", Array.ConvertAll(messages, message => message.Elements)),
            ("latency", Array.ConvertAll(
                messages,
                message => CollectiveTiming.Microseconds(
                    parameters, new TimingChip(100, 1e12, linkBytesPerSecond), Collective.AllReduce, 2.0 * message.Elements, message.Cards) / 1000)));
        return new TrainingChip(Repository.PathOf("data", "systems", $"{system}.json"), [operators], new Findings(allowUnknownKeys: false));
    }
}

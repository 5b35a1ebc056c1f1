using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;

namespace FastSim.Example.Tests;

/// <summary>
/// Intermediate results in a second-level cache (docs/cost-model.md, "Second-level cache") by hand, three sequences of the dense model on TP = 4. Compute takes
/// no time; the memory moves 1024 B/s · 0.5 = 512 B/s, the cache 2048. Of the operators of FeedForwardOperatorTests a projection has 16 bytes of weights and 72
/// of rows, the norm 16 and 96, the residual no weights and 144.
/// </summary>
public sealed class CachedActivationTests
{
    private static readonly ToyStage Stage = new(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(tp: 4)) with { Accounting = Accounting.Physical });

    /// <summary>A cache of 72 bytes holds what a projection works on: 88 bytes at its rate, where the memory takes 16 / 512 s for the weights. One of 71 does not.</summary>
    [Theory]
    [InlineData(72, 2048, 88 / 2048d)]
    [InlineData(71, 2048, 88 / 512d)]
    [InlineData(72, 1e6, 16 / 512d)]
    [InlineData(72, 256, 88 / 512d)]
    public void A_projection_reads_weights_from_the_memory_and_rows_from_the_cache(double cacheBytes, double cacheRate, double seconds) =>
        Relative.Equal(seconds, Seconds("mlp/gate_projection", cacheBytes, cacheRate));

    /// <summary>144 bytes of a residual, 96 rows' bytes of a norm and its 16 bytes of weights.</summary>
    [Theory]
    [InlineData("mlp/residual", 144, 144 / 2048d)]
    [InlineData("mlp/residual", 143, 144 / 512d)]
    [InlineData("mlp/rms_norm", 96, 112 / 2048d)]
    [InlineData("mlp/rms_norm", 95, 112 / 512d)]
    public void A_pass_over_rows_is_the_caches(string path, double cacheBytes, double seconds) =>
        Relative.Equal(seconds, Seconds(path, cacheBytes, 2048));

    /// <summary>Keys and values come from the memory, whatever the cache would hold.</summary>
    [Fact]
    public void The_key_value_cache_does_not_stay() =>
        Relative.Equal(Stage.Bytes("attention/flash_score_value", 3) / 512, Seconds("attention/flash_score_value", 1e9, 2048));

    /// <summary>Seed accounting knows no cache; nor does a chip whose file does not count on it.</summary>
    [Fact]
    public void It_is_off_in_seed_accounting_and_where_nothing_is_said()
    {
        Assert.False(new ChipRates(Card(1e9, 2048), ToyChip.Types, Accounting.Seed, Phase.Decode).KeepsActivations);
        Chip silent = Card(1e9, 2048);
        silent = silent with { Structure = silent.Structure with { KeepsActivations = false } };
        Assert.False(new ChipRates(silent, ToyChip.Types, Accounting.Physical, Phase.Decode).KeepsActivations);
    }

    /// <summary>What the memory moves of a projection whose rows the cache holds is its weights.</summary>
    [Fact]
    public void What_stays_in_the_cache_is_not_the_memorys()
    {
        int projection = Stage.IndexOf("mlp/gate_projection");
        Relative.Equal(16, OperatorCost.MemoryBytes(Stage.Table, projection, Rates(72, 2048), 3));
        Relative.Equal(88, OperatorCost.MemoryBytes(Stage.Table, projection, Rates(71, 2048), 3));
    }

    private static double Seconds(string path, double cacheBytes, double cacheRate) =>
        OperatorCost.Of(Stage.Table, Stage.IndexOf(path), Rates(cacheBytes, cacheRate), 3).ProcessSeconds;

    private static ChipRates Rates(double cacheBytes, double cacheRate) => new(Card(cacheBytes, cacheRate), ToyChip.Types, Accounting.Physical, Phase.Decode);

    private static Chip Card(double cacheBytes, double cacheRate) => ToyChip.MemoryBound with
    {
        Memory = ToyChip.MemoryBound.Memory with { GigabytesPerSecond = 1024e-9 },
        Structure = new ChipStructure(CacheBytes: cacheBytes, CacheBytesPerSecond: cacheRate, KeepsActivations: true),
    };
}

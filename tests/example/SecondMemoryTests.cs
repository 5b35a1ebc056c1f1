using FastSim.Kernels.Chips;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Example.Tests;

/// <summary>
/// A second memory (docs/cost-model.md, "Second memory") on memory-bound cards: the first moves 512 B/s, the second 64. Of the dense model a block weighs
/// attention 102 bytes (0.5·(8 + 128 + 4 + 64)) and feed-forward 196 (0.5·(8 + 3·128)), four of them 1192; a sequence caches 4·32 bytes a token, 1280 of
/// its ten, and a decode pass reads nine of them, 1152. It works on 64 bytes a sequence. A pass moves 4·(328 + 944·b) bytes of the first memory
/// (DecodePlanTests), 24.6875 s of three sequences.
/// </summary>
public sealed class SecondMemoryTests
{
    private static SecondMemory Slow { get; } = new(1, 64e-9, 1, EfficiencyTable.Flat(1), JoulesPerByte: 0.5);

    private static Chip Card { get; } = Of(Slow);

    /// <summary>A quarter of the weights and half of the cache: 298 + 640·b bytes there, 894 + 640·b and working space here.</summary>
    [Fact]
    public void A_share_of_weights_and_cache_lies_there()
    {
        MemoryFootprint memory = MemoryFootprint.Of(Stage(ToyModel.Dense, Phase.Decode, new SecondMemoryShares(0.25, 0.5)));
        Relative.Equal(298 + (3 * 640), memory.SecondBytes(3));
        Relative.Equal(894 + (3 * 704), memory.TotalBytes(3));
        Relative.Equal(1192 + (3 * 64), memory.SpaceBytes(3));
    }

    /// <summary>894 + 704·b of 4096 bytes hold four sequences, 298 + 640·b of 2300 three; without it 1192 + 1344·b hold two. With no room for the weights, none.</summary>
    [Fact]
    public void The_batch_ends_where_either_memory_is_full()
    {
        MemoryFootprint memory = MemoryFootprint.Of(Stage(ToyModel.Dense, Phase.Decode, new SecondMemoryShares(0.25, 0.5)));
        Assert.Equal(4, memory.LargestBatch(4096, 1, 1e6));
        Assert.Equal(3, memory.LargestBatch(4096, 1, 2300));
        Assert.Equal(0, memory.LargestBatch(4096, 1, 297));
        Assert.Equal(2, MemoryFootprint.Of(Stage(ToyModel.Dense, Phase.Decode, default)).LargestBatch(4096, 1));
    }

    /// <summary>
    /// Three sequences stream 298 + 3·576 = 2026 bytes: 31.65625 s at 64 B/s, 6.96875 more than the pass takes itself; at 256 B/s they hide in it. A table
    /// that gives 0.5 below 2100 bytes and 1 from there on: the transfer is padded to 2100, 32.8125 s, not 63.3125.
    /// </summary>
    [Fact]
    public void A_pass_takes_as_long_as_it_streams()
    {
        SecondMemoryShares shares = new(0.25, 0.5);
        StageTime time = Time(Card, Phase.Decode, shares, 3);
        Relative.Equal(31.65625, time.StreamSeconds);
        Relative.Equal(31.65625, time.StageSeconds);
        Relative.Equal(6.96875, time.WaitSeconds);
        StageTime fast = Time(Of(Slow with { GigabytesPerSecond = 512e-9, CalibrationCoefficient = 0.5 }), Phase.Decode, shares, 3);
        Relative.Equal(7.9140625, fast.StreamSeconds);
        Relative.Equal(24.6875, fast.StageSeconds);
        Assert.Equal(0, fast.WaitSeconds);
        EfficiencyTable steps = EfficiencyTable.BySize([2100e-6, double.NegativeInfinity], [1, 0.5]);
        Relative.Equal(32.8125, Time(Of(Slow with { Efficiency = steps }), Phase.Decode, shares, 3).StreamSeconds);
    }

    /// <summary>What streams is 2026·0.5 = 1013 J besides the first memory's.</summary>
    [Fact]
    public void Streamed_bytes_take_energy()
    {
        Chip card = Card with
        {
            Economics = new ChipEconomics
            {
                MatrixJoulesPerFlop = new Dictionary<string, double> { ["half"] = 0, ["eighth"] = 0 },
                VectorJoulesPerFlop = new Dictionary<string, double> { ["half"] = 0 },
                MemoryJoulesPerByte = 0.25,
            },
        };
        double Joules(Chip chip, SecondMemoryShares shares) => StageEnergy.Joules(Stage(ToyModel.Dense, Phase.Decode, shares), Rates(chip, Phase.Decode), 3);
        Relative.Equal(12640 * 0.25, Joules(card, default));
        Relative.Equal((12640 * 0.25) + 1013, Joules(card, new SecondMemoryShares(0.25, 0.5)));
        Assert.True(double.IsNaN(Joules(card with { SecondMemory = Slow with { JoulesPerByte = null } }, new SecondMemoryShares(0, 0.5))));
    }

    /// <summary>
    /// Experts: a block weighs 0.5·(204 + 16 + 64 + 12·288) = 1870 bytes, of which ten routed ones of 144 are read if some token reaches them. Half of all, 3740
    /// bytes, are routed experts alone: one token reaches a quarter of them, 935, two 1 - 0.75² of them, 1636.25. All, 7480 bytes, are 5760 of routed experts and
    /// 1720 that every pass reads.
    /// </summary>
    [Fact]
    public void Routed_experts_go_first_and_stream_as_tokens_reach_them()
    {
        ParallelLayout layout = ToyModel.Cards(new(1, 1, 1), ep: 1, mtp: 1, mdp: 1);
        double Seconds(double share, double sequences) => StageTime.Of(
            Stage(ToyModel.GroupQueryExperts, Phase.Decode, new SecondMemoryShares(share, 0), layout), Rates(Card, Phase.Decode), sequences).StreamSeconds;
        Relative.Equal(935 / 64d, Seconds(0.5, 1));
        Relative.Equal(1636.25 / 64, Seconds(0.5, 2));
        Relative.Equal((1720 + (0.25 * 5760)) / 64, Seconds(1, 1));
    }

    /// <summary>
    /// Two cards share contexts out. That they prefill, too, keeps 128 elements of qkv a block, 64 of the output, 384 of the feed-forward and norms of 8, 8 and 4, half
    /// of which lie in the second memory: 596 elements of half a byte, 4 blocks. Decode reads 128, 32, 192 and the norms: half of 372 elements stream, 372 bytes.
    /// </summary>
    [Fact]
    public void What_decode_does_not_read_does_not_stream()
    {
        DeploymentShape shape = ToyModel.Decode(ToyModel.Dense, ToyModel.Cards() with { ContextParallel = 2, Second = new(0.5, 0) }) with { Accounting = Accounting.Physical };
        OperatorTable both = StageLowering.Lower(shape with { KeepsPromptWeights = true });
        Relative.Equal(596, MemoryFootprint.Of(both).SecondWeightBytes);
        Relative.Equal(372 / 64d, StageTime.Of(both, Rates(Card, Phase.Decode), 1).StreamSeconds);
        OperatorTable alone = StageLowering.Lower(shape);
        Relative.Equal(372, MemoryFootprint.Of(alone).SecondWeightBytes);
        Relative.Equal(372 / 64d, StageTime.Of(alone, Rates(Card, Phase.Decode), 1).StreamSeconds);
    }

    /// <summary>
    /// Four of six prompt tokens are cached, 512 bytes. Fetched from the second memory they take 8 s, from elsewhere at 32 B/s 16 s; both hide in the prefill's
    /// own time or make it longer. In the second memory they take room for every sequence in flight.
    /// </summary>
    [Fact]
    public void A_prefix_is_fetched_from_where_it_is_kept()
    {
        TransformerModel model = ToyModel.Dense with { CachedTokens = 4 };
        StageTime Prefill(PrefixStore store, SecondMemoryShares shares) => StageTime.Of(
            Stage(model, Phase.Prefill, shares, prefix: store), Rates(Card, Phase.Prefill), 1);
        PrefixStore second = new(PrefixLocation.SecondMemory);
        PrefixStore remote = new(PrefixLocation.Remote, 32);
        StageTime own = Prefill(PrefixStore.FirstMemory, default);
        Assert.Equal(0, own.StreamSeconds);
        Relative.Equal(8, Prefill(second, default).StreamSeconds);
        Relative.Equal(16, Prefill(remote, default).StreamSeconds);
        Relative.Equal(Math.Max(16, own.StageSeconds), Prefill(remote, default).StageSeconds);
        Assert.Equal(512, MemoryFootprint.Of(Stage(model, Phase.Prefill, default, prefix: second)).SecondBytes(1));
        Assert.Equal(0, MemoryFootprint.Of(Stage(model, Phase.Prefill, default, prefix: remote)).SecondBytes(1));
        Assert.Equal(0, MemoryFootprint.Of(Stage(model, Phase.Decode, default, prefix: second)).SecondBytes(1));

        // With half of the cache there: of six tokens half is moved, 384 bytes; of the two new ones half is written and the whole prefix read, 128 + 512.
        SecondMemoryShares half = new(0, 0.5);
        Relative.Equal(384 / 64d, Prefill(PrefixStore.FirstMemory, half).StreamSeconds);
        Relative.Equal(640 / 64d, Prefill(second, half).StreamSeconds);
        Relative.Equal(16, Prefill(remote, half).StreamSeconds);
    }

    /// <summary>An instance that prefills and decodes keeps the prefix of every sequence in flight: 512 bytes beside half of its cache, 640.</summary>
    [Fact]
    public void Prefixes_of_all_sequences_in_flight_are_kept()
    {
        TransformerModel model = ToyModel.Dense with { CachedTokens = 4 };
        SecondMemoryShares half = new(0, 0.5);
        PrefixStore second = new(PrefixLocation.SecondMemory);
        OperatorTable decode = Stage(model, Phase.Decode, half, prefix: second);
        OperatorTable prefill = Stage(model, Phase.Prefill, half, prefix: second);
        FusionPlan plan = new(
            new DecodePlan(decode, Rates(Card, Phase.Decode), MemoryFootprint.Of(decode)),
            new PrefillPlan(prefill, Rates(Card, Phase.Prefill), MemoryFootprint.Of(prefill)));
        Relative.Equal(3 * (640 + 512), plan.SecondMemoryBytes(3));
    }

    /// <summary>
    /// 4096 bytes hold two sequences, 17.3125 s a token, or with half of the cache elsewhere (1192 + 704·b) four, which take 32.0625 s and stream 4·576
    /// bytes: 36 s at 64 B/s, 24 at 96. 2/17.3125 is more than 4/36 and less than 4/32.0625.
    /// </summary>
    [Theory]
    [InlineData(64, 0, 2, 17.3125)]
    [InlineData(96, 0.5, 4, 32.0625)]
    public void The_search_takes_the_share_that_yields_the_most(double bytesPerSecond, double share, double batch, double seconds)
    {
        Job job = ToyJob.Split with
        {
            Cards = 1,
            Splits = [new CardSplit(0, 1)],
            Accounting = Accounting.Physical,
            DecodeChip = Of(Slow with { GigabytesPerSecond = bytesPerSecond * 1e-9 }).WithGibibytes(4096 / DeviceMemory.BytesPerGibibyte),
            Decode = new PlanRestriction(null, null, null) { Second = [default, new SecondMemoryShares(0, 0.5)] },
        };
        PhaseWinner winner = job.Solve().Decode!;
        Assert.Equal(share, winner.Layout.Second.Cache);
        Assert.Equal(batch, winner.Sequences);
        Relative.Equal(seconds, winner.LatencySeconds);
    }

    /// <summary>Pages: 0.5 of the rate at which cache is read in decode, 0.25 in prefill, beside the seed's own coefficients; in physical accounting alone.</summary>
    [Fact]
    public void Pages_slow_reads_of_the_cache_down_in_physical_accounting()
    {
        Chip chip = Card with { Memory = Card.Memory with { CacheReadCoefficient = 0.8, PageReadCoefficient = 0.5, PrefillPageReadCoefficient = 0.25 } };
        Relative.Equal(512 * 0.8 * 0.5, Rates(chip, Phase.Decode).MemoryBytesPerSecond(1, readsCache: true));
        Relative.Equal(512 * 0.25, Rates(chip, Phase.Prefill).MemoryBytesPerSecond(1, readsCache: true));
        Relative.Equal(512, Rates(chip, Phase.Decode).MemoryBytesPerSecond(1, readsCache: false));
        ChipRates seed = chip.Rates();
        Relative.Equal(seed.MemoryBytesPerSecond(1, readsCache: false) * 0.8, seed.MemoryBytesPerSecond(1, readsCache: true));
    }

    private static Chip Of(SecondMemory second) => ToyChip.MemoryBound with
    {
        Memory = ToyChip.MemoryBound.Memory with { GigabytesPerSecond = 1024e-9 },
        SecondMemory = second,
    };

    private static ChipRates Rates(Chip chip, Phase phase) => chip.Rates(Accounting.Physical, phase);

    private static StageTime Time(Chip chip, Phase phase, SecondMemoryShares shares, double sequences) =>
        StageTime.Of(Stage(ToyModel.Dense, phase, shares), Rates(chip, phase), sequences);

    private static OperatorTable Stage(
        TransformerModel model, Phase phase, SecondMemoryShares shares, ParallelLayout? layout = null, PrefixStore prefix = default) => StageLowering.Lower(
        ToyModel.Shape(model, phase, (layout ?? ToyModel.Cards()) with { Second = shares }) with { Accounting = Accounting.Physical, Prefix = prefix });
}

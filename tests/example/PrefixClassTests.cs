using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>
/// Prompts of six tokens, of which half find none and half find four cached (docs/cost-model.md, "Prefixes"): six rows that attend to 3.5 tokens on average, or two to 5.5. All of a third would be
/// four rows to 4.5.
/// </summary>
public sealed class PrefixClassTests
{
    private static readonly PrefixClasses Halves = PrefixClasses.Of([new PrefixClass(0.5, 4), new PrefixClass(0.5, 0)]);

    private static readonly DeploymentShape Shape = ToyModel.Prefill(ToyModel.Dense, ToyModel.Cards()) with { Prefixes = Halves };

    private static readonly ToyStage Mixed = new(Shape);

    [Fact]
    public void Attention_is_that_of_each_class()
    {
        // FLOP (4·6·4·2·3.5 + 4·2·4·2·5.5)/2 = (672 + 352)/2; of a third of every prompt it would be 4·4·4·2·4.5 = 576. Bytes (384 + 256)/2: queries and outputs of each row, keys and values of all six.
        Mixed.Costs("attention/flash_score_value", sequences: 1, flops: 512, bytes: 320);

        // FLOP 5·4·(6·3.5 + 2·5.5)/2 = 320.
        Mixed.Costs("attention/softmax", sequences: 1, flops: 320, bytes: 0);
    }

    [Fact]
    public void Products_go_by_the_mean_of_new_tokens_and_read_their_weights_once()
    {
        // Four rows: FLOP 2·4·8·16 = 1024, bytes 64 + 4·40·2 = 384; of two sequences 2048 and 704.
        Mixed.Costs("attention/qkv_projection", sequences: 1, flops: 1024, bytes: 384);
        Mixed.Costs("attention/qkv_projection", sequences: 2, flops: 2048, bytes: 704);
    }

    [Fact]
    public void Shares_count()
    {
        ToyStage stage = new(Shape with { Prefixes = PrefixClasses.Of([new PrefixClass(0.75, 0), new PrefixClass(0.25, 4)]) });
        stage.Costs("attention/flash_score_value", sequences: 1, flops: (0.75 * 672) + (0.25 * 352), bytes: (0.75 * 384) + (0.25 * 256));
    }

    /// <summary>Half of the prompts fetch 512 bytes: a pass of one 256 on average, 4 s at 64 B/s, of two 8 s, and as much is kept for those in flight. Working space is for six rows, 2·6·16·2.</summary>
    [Fact]
    public void A_store_holds_and_sends_the_mean()
    {
        OperatorTable table = StageLowering.Lower(
            Shape with { Accounting = Accounting.Physical, Prefix = new PrefixStore(PrefixLocation.Remote, 64) });
        Relative.Equal(4, StageTime.Of(table, ToyChip.Balanced.Rates(Accounting.Physical, Phase.Prefill), 1).StreamSeconds);
        Relative.Equal(8, StageTime.Of(table, ToyChip.Balanced.Rates(Accounting.Physical, Phase.Prefill), 2).StreamSeconds);
        MemoryFootprint kept = MemoryFootprint.Of(StageLowering.Lower(Shape with { Prefix = new PrefixStore(PrefixLocation.SecondMemory) }));
        Assert.Equal(256, kept.StoredPrefixBytesPerSequence);
        Assert.Equal(384, kept.WorkingBytesPerSequence);
    }

    [Fact]
    public void Classes_of_as_many_tokens_are_one_and_equal_where_all_are()
    {
        PrefixClasses split = PrefixClasses.Of([new PrefixClass(0.25, 4), new PrefixClass(0.5, 0), new PrefixClass(0.25, 4)]);
        Assert.Equal(Halves, split);
        Assert.Equal(Halves.GetHashCode(), split.GetHashCode());
        Assert.NotEqual(Halves, PrefixClasses.Of([new PrefixClass(0.5, 3), new PrefixClass(0.5, 0)]));
        Assert.Throws<ArgumentException>(() => PrefixClasses.Of([]));
        Assert.Throws<ArgumentException>(() => PrefixClasses.Of([new PrefixClass(0, 1)]));
    }
}

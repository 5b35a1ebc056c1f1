using FastSim.Kernels.Chips;
using FastSim.Kernels.Reference;

namespace FastSim.Example.Tests;

/// <summary>
/// Cost model A5 and B5: what of a collective shows. The dense model on TP = 2 with 3 sequences, memory-bound at 512 B/s.
/// Attention of a block moves 112 + 224 + 80 + 480 + 88 + 144 = 1128 bytes (norm, qkv, q/k norm, product, output, residual),
/// 2.203125 s; the feed-forward 112 + 3·128 + 240 + 144 = 880 bytes, 1.71875 s. Each ends in an all-reduce of
/// 2·0.25 + 72/256 = 0.78125 s. Four blocks.
/// </summary>
public sealed class OverlapTests
{
    private const double Attention = 4 * 2.203125;
    private const double FeedForward = 4 * 1.71875;
    private const double Reduce = 4 * 0.78125;

    private static readonly ToyStage TwoCards = new(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(tp: 2)));

    [Theory]
    [InlineData(0)]
    [InlineData(0.75)]
    [InlineData(1)]
    public void What_is_not_overlapped_shows(double overlap)
    {
        StageTime time = TimeOf(overlap, processorUsage: 0);
        double exposed = (1 - overlap) * Reduce;
        Relative.Equal(Attention + exposed, time.AttentionSeconds);
        Relative.Equal(FeedForward + exposed, time.FeedForwardSeconds);
        Relative.Equal(2 * exposed, time.ExposedTensorSeconds);
        Assert.Equal(0, time.ExposedExpertSeconds);
    }

    /// <summary>While half of the all-reduce runs behind compute, a fifth of the units is gone: that compute takes 1/0.8 as long.</summary>
    [Fact]
    public void Hidden_communication_slows_the_compute_that_hides_it()
    {
        StageTime time = TimeOf(overlap: 0.5, processorUsage: 0.2);
        double hidden = 0.5 * Reduce;
        Relative.Equal(Attention + (Reduce - hidden) + (hidden * ((1 / 0.8) - 1)), time.AttentionSeconds);
    }

    [Fact]
    public void Exposed_communication_slows_nothing() =>
        Relative.Equal(Attention + Reduce, TimeOf(overlap: 0, processorUsage: 0.2).AttentionSeconds);

    /// <summary>
    /// EP = 4, b = 2 on TP = 1: dispatch and combine send 2·2·8·3·3/4 = 72 bytes each, 2·0.25 + 72/256 = 0.78125 s; four blocks.
    /// </summary>
    [Fact]
    public void Dispatch_and_combine_show_as_expert_communication()
    {
        ToyStage stage = new(
            ToyModel.Decode(ToyModel.LatentExperts, ToyModel.Cards(new(Dp: 4, Pp: 1, Tp: 1), ep: 4, mtp: 1, mdp: 1)));
        StageTime shown = StageTime.Of(stage.Table, ToyChip.MemoryBound.Rates(), sequences: 2);
        StageTime hidden = StageTime.Of(stage.Table, ToyChip.MemoryBound.Hidden().Rates(), sequences: 2);
        Relative.Equal(4 * 2 * 0.78125, shown.ExposedExpertSeconds);
        Assert.Equal(0, shown.ExposedTensorSeconds);
        Assert.Equal(0, hidden.ExposedExpertSeconds);
        Relative.Equal(hidden.FeedForwardSeconds + 6.25, shown.FeedForwardSeconds);
    }

    /// <summary>
    /// Nothing hides behind work that is not there. A link ten times as slow makes an all-reduce 2·0.25 + 720/256 = 3.3125 s; eight of them, 26.5 s, against
    /// 4·(2.203125 + 1.71875) = 15.6875 s of work: the stage takes as long as its exchanges, and the 10.8125 s that are not hidden show, half in
    /// each part.
    /// </summary>
    [Fact]
    public void Nothing_hides_behind_work_that_is_not_there()
    {
        Chip chip = ToyChip.MemoryBound.Hidden() with
        {
            Networks = [ToyChip.Inner with { GigabytesPerSecond = ToyChip.Kibibyte / 10 }, ToyChip.Outer],
        };
        StageTime time = StageTime.Of(TwoCards.Table, chip.Rates(), sequences: 3);
        Relative.Equal(26.5, time.StageSeconds);
        Relative.Equal(10.8125, time.ExposedTensorSeconds);
        Relative.Equal(Attention + 5.40625, time.AttentionSeconds);
        Relative.Equal(10.8125, TimeShares.Of(TwoCards.Table, chip.Rates(), sequences: 3).CommunicationSeconds);

        // Three quarters hide, a quarter shows anyway: 6.625 + 15.6875 + (19.875 - 15.6875).
        Relative.Equal(26.5, StageTime.Of(TwoCards.Table, (chip with { CommunicationOverlap = 0.75 }).Rates(), sequences: 3).StageSeconds);

        // Half hide, 13.25 s, and there is work enough.
        Relative.Equal(13.25 + 15.6875, StageTime.Of(TwoCards.Table, (chip with { CommunicationOverlap = 0.5 }).Rates(), sequences: 3).StageSeconds);
    }

    /// <summary>Three rows to the next stage: 0.25 + 8·3·8·3/256 = 2.5 s.</summary>
    [Fact]
    public void Point_to_point_is_never_hidden()
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(pp: 2)));
        StageTime time = StageTime.Of(stage.Table, ToyChip.MemoryBound.Hidden().Rates(), sequences: 3);
        Relative.Equal(2.5, time.PointToPointSeconds);
        Relative.Equal(time.StageSeconds + 2.5, time.StepSeconds);
    }

    private static StageTime TimeOf(double overlap, double processorUsage)
    {
        Chip chip = ToyChip.MemoryBound with
        {
            CommunicationOverlap = overlap,
            Networks = [ToyChip.Inner with { ProcessorUsage = processorUsage }, ToyChip.Outer],
        };
        return StageTime.Of(TwoCards.Table, chip.Rates(), sequences: 3);
    }
}

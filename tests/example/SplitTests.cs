using FastSim.Kernels.Chips;
using FastSim.Search.Jobs;

namespace FastSim.Example.Tests;

/// <summary>Cost model B3 through the job solver: a card prefills p = 0.02754 and decodes d = 0.03038 requests/s (see ToyJob).</summary>
public sealed class SplitTests
{
    /// <summary>Two to three gives min(2p, 3d) = 2p = 0.0551, three to two min(3p, 2d) = 2d = 0.0608, the rest min(p, d) or less.</summary>
    [Fact]
    public void Five_cards_are_split_three_to_two()
    {
        JobResult result = ToyJob.Split.Solve();
        Assert.Equal((3, 2), Cards(result));
        Relative.Equal(3 * ToyJob.PrefillPerCard, result.Prefill!.RequestsPerSecond);
        Relative.Equal(2 * ToyJob.DecodePerCard, result.Decode!.RequestsPerSecond);
        Relative.Equal(36.3125, result.Prefill.LatencySeconds);
        Relative.Equal(24.6875, result.Decode.LatencySeconds);
    }

    /// <summary>One to two gives p, two to one d, which is more.</summary>
    [Fact]
    public void Three_cards_are_split_two_to_one() => Assert.Equal((2, 1), Cards((ToyJob.Split with { Cards = 3 }).Solve()));

    /// <summary>One card can decode, so requests/s are min(P·p, d): p for P = 1, and d for every P from 2 to 4.</summary>
    [Fact]
    public void A_tie_goes_to_the_fewest_cards() =>
        Assert.Equal((2, 1), Cards((ToyJob.Split with { Decode = ToyJob.Replicas(1, 3) }).Solve()));

    /// <summary>
    /// One card prefills 1/36.3125 = 0.02754 requests/s. Decode at b sequences takes 2.5625 + 7.375·b s a token, b/(4·that) requests/s: 0.02516
    /// for one, 0.02888 for two, 0.03170 for five, the most that fit 7912 bytes. Two are enough, and wait 17.3125 s a token for 39.4375.
    /// </summary>
    [Theory]
    [InlineData(SplitAim.Throughput, 5, 39.4375)]
    [InlineData(SplitAim.Balanced, 2, 17.3125)]
    public void The_phase_that_waits_takes_its_throughput_or_the_least_latency(SplitAim aim, int batch, double seconds)
    {
        JobResult result = (ToyJob.Split with
        {
            Splits = [new CardSplit(1, 1)],
            DecodeChip = ToyChip.MemoryBound.WithGibibytes(7912 / DeviceMemory.BytesPerGibibyte),
            Decode = PlanRestriction.None,
            SplitAim = aim,
        }).Solve();
        Assert.Equal(batch, result.Decode!.Sequences);
        Relative.Equal(seconds, result.Decode.LatencySeconds);
        Relative.Equal(ToyJob.PrefillPerCard, result.Prefill!.RequestsPerSecond);
        Relative.Equal(36.3125, result.Prefill.LatencySeconds);
    }

    /// <summary>Where decode binds, a limit of what one sequence takes, 9.9375 s, prefill waits: of batches of one, two and three the one of one.</summary>
    [Fact]
    public void Prefill_may_be_the_one_that_waits()
    {
        JobResult result = (ToyJob.Split with
        {
            Splits = [new CardSplit(1, 1)],
            Prefill = new PlanRestriction(null, null, [new BatchTriple(3, 1, 3), new BatchTriple(1, 1, 1), new BatchTriple(2, 1, 2)]),
            Decode = PlanRestriction.None,
            Limits = new LatencyLimits(null, 9938),
            SplitAim = SplitAim.Balanced,
        }).Solve();
        Assert.Equal((1d, 1d), (result.Prefill!.Sequences, result.Decode!.Sequences));
        Relative.Equal(1 / (4 * 9.9375), result.Decode.RequestsPerSecond);
    }

    [Fact]
    public void A_given_split_is_used_as_it_is() =>
        Assert.Equal((1, 4), Cards((ToyJob.Split with { Splits = [new CardSplit(1, 4)] }).Solve()));

    /// <summary>min(p, 4d) = p, min(2p, 2d) = 2p, min(4p, d) = d.</summary>
    [Fact]
    public void The_best_of_several_given_splits_wins() =>
        Assert.Equal((2, 2), Cards((ToyJob.Split with { Splits = [new(1, 4), new(4, 1), new(2, 2)] }).Solve()));

    [Fact]
    public void A_split_without_prefill_cards_runs_decode_alone()
    {
        JobResult result = (ToyJob.Split with { Splits = [new CardSplit(0, 3)] }).Solve();
        Assert.Null(result.Prefill);
        Assert.Null(result.PrefillTally);
        Relative.Equal(3 * ToyJob.DecodePerCard, result.Decode!.RequestsPerSecond);
    }

    [Fact]
    public void A_split_without_decode_cards_runs_prefill_alone()
    {
        JobResult result = (ToyJob.Split with { Splits = [new CardSplit(2, 0)] }).Solve();
        Assert.Null(result.Decode);
        Assert.Null(result.DecodeTally);
        Relative.Equal(2 * ToyJob.PrefillPerCard, result.Prefill!.RequestsPerSecond);
    }

    /// <summary>A first token takes 36.3125 s and a token 24.6875 s.</summary>
    [Theory]
    [InlineData(36312, null, false)]
    [InlineData(36313, null, true)]
    [InlineData(null, 24687, false)]
    [InlineData(null, 24688, true)]
    public void Both_limits_hold(int? firstToken, int? perToken, bool hasPlan) =>
        Assert.Equal(hasPlan, (ToyJob.Split with { Limits = new LatencyLimits(firstToken, perToken) }).Solve().HasPlan);

    /// <summary>Weights 1192 bytes and 1344 a sequence (DecodePlanTests): 7912 bytes hold five, 7911 four, 2535 none.</summary>
    [Theory]
    [InlineData(7912, 5)]
    [InlineData(7911, 4)]
    [InlineData(2535, 0)]
    public void A_free_batch_is_the_largest_that_fits(int bytes, int batch) =>
        Assert.Equal(batch, OneCardDecodes(bytes, null).Decode?.Sequences ?? 0);

    /// <summary>b sequences take 4·(328 + 944·b)/512 = 2.5625 + 7.375·b s a token: 17.3125 for two, 24.6875 for three.</summary>
    [Theory]
    [InlineData(24688, 3)]
    [InlineData(24687, 2)]
    [InlineData(9937, 0)]
    public void A_free_batch_is_the_largest_that_meets_the_limit(int milliseconds, int batch) =>
        Assert.Equal(batch, OneCardDecodes(7912, milliseconds).Decode?.Sequences ?? 0);

    /// <summary>
    /// One sequence, communication hidden. Alone it takes 4·1272/512 = 9.9375 s a token; on TP = 2 a block moves 792 bytes (attention
    /// 72 + 352, feed-forward 112 + 256), 6.1875 s. So two replicas yield 2/9.9375 = 0.20 tokens/s and TP = 2 1/6.1875 = 0.16.
    /// </summary>
    [Theory]
    [InlineData(null, 2, 1)]
    [InlineData(9938, 2, 1)]
    [InlineData(9937, 1, 2)]
    [InlineData(6188, 1, 2)]
    public void A_tight_limit_makes_two_cards_share_a_sequence(int? milliseconds, int dp, int tp)
    {
        JobResult result = TwoCardsDecode(milliseconds).Solve();
        Assert.Equal(ToyModel.Cards(dp: dp, tp: tp), result.Decode!.Layout);
        Relative.Equal(dp / (dp == 2 ? 9.9375 : 6.1875), result.Decode.TokensPerSecond);
    }

    /// <summary>Three layouts of two cards, [2, 1, 1], [1, 2, 1] and [1, 1, 2]: below 6.1875 s none is left.</summary>
    [Fact]
    public void The_tally_says_what_became_of_each_plan()
    {
        JobResult result = TwoCardsDecode(6187).Solve();
        Assert.False(result.HasPlan);
        Assert.Equal((3, 3, 0), (result.DecodeTally!.Covered, result.DecodeTally.TooSlow, result.DecodeTally.Feasible));
        Relative.Equal(6187.5, result.DecodeTally.NearestLatency!.Value.Milliseconds);
    }

    private static (int Prefill, int Decode) Cards(JobResult result) => (result.Prefill!.Layout.Cards, result.Decode!.Layout.Cards);

    private static Job TwoCardsDecode(int? milliseconds) => ToyJob.Split with
    {
        Splits = [new CardSplit(0, 2)],
        DecodeChip = ToyChip.MemoryBound.Hidden(),
        Decode = new PlanRestriction(null, null, [new BatchTriple(1, 1, 1)]),
        Limits = new LatencyLimits(null, milliseconds),
    };

    private static JobResult OneCardDecodes(int bytes, int? milliseconds)
    {
        Chip chip = ToyChip.MemoryBound.WithGibibytes(bytes / DeviceMemory.BytesPerGibibyte);
        Job job = ToyJob.Split with
        {
            Splits = [new CardSplit(0, 1)],
            DecodeChip = chip,
            Decode = PlanRestriction.None,
            Limits = new LatencyLimits(null, milliseconds),
        };
        return job.Solve();
    }
}

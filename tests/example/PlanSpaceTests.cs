using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Example.Tests;

/// <summary>Cost model A3: which layouts exist, counted by hand. A hundred blocks leave PP free.</summary>
public sealed class PlanSpaceTests
{
    private static readonly TransformerModel Dense = ToyModel.Dense with { Blocks = 100 };

    private static readonly TransformerModel Experts = ToyModel.LatentExperts with { Blocks = 100 };

    /// <summary>12 = 2²·3 in three ordered factors: 6 ways for the twos, 3 for the three. TP = 1, 2, 4 leave DP·PP = 12, 6, 3.</summary>
    [Fact]
    public void Twelve_cards_of_a_dense_model()
    {
        PlanSpace space = Space(Dense, 12);
        Assert.Equal(18, space.Covered);
        ParallelLayout[] layouts = [.. space.Divisible()];
        Assert.Equal(6 + 4 + 2, layouts.Length);
        Assert.Equal(12, layouts.Distinct().Count());
        Assert.All(layouts, layout => Assert.Equal(12, layout.DataParallel * layout.PipelineParallel * layout.TensorParallel));
    }

    /// <summary>13 is prime: it goes to one of three places, and 13 divides neither 4 heads nor anything else.</summary>
    [Fact]
    public void A_prime_number_of_cards()
    {
        Assert.Equal(3, Space(Dense, 13).Covered);
        Assert.Equal([ToyModel.Cards(dp: 13), ToyModel.Cards(pp: 13)], Space(Dense, 13).Divisible());

        // Experts: MTP = 13 does not divide 12, EP = 13 does not divide 12; MDP = 13 remains.
        Assert.Equal(9, Space(Experts, 13).Covered);
        ParallelLayout[] layouts = [.. Space(Experts, 13).Divisible()];
        Assert.Equal(2, layouts.Length);
        Assert.All(layouts, layout => Assert.Equal((1, 1), (layout.ExpertParallel, layout.ExpertTensorParallel)));
        Assert.All(layouts, layout => Assert.Equal(13, layout.ExpertDataParallel));
    }

    [Fact]
    public void One_card_has_one_plan()
    {
        ParallelLayout layout = Assert.Single(Space(Dense, 1).Divisible());
        Assert.Equal(ToyModel.Cards(), layout);
    }

    /// <summary>
    /// TP ∈ {1, 2, 3, 4, 6, 12} divides 12 heads and I = 48; of these 3 and 6 neither divide 4 key-value heads nor are multiples of 4.
    /// </summary>
    [Fact]
    public void Tensor_parallel_divides_heads_and_goes_with_key_value_heads()
    {
        TransformerModel model = Dense with { Heads = 12, KeyValueHeads = 4, FeedForward = 48 };
        Assert.Equal([1, 2, 4, 12], TensorParallel(model, 12));
        Assert.Equal([1, 2, 3, 4, 6, 12], TensorParallel(Experts with { Heads = 12, FeedForward = 48 }, 12));
    }

    [Fact]
    public void Tensor_parallel_divides_the_feed_forward()
    {
        // 3 and 12 do not divide 16, and 6 neither.
        Assert.Equal([1, 2, 4], TensorParallel(Experts with { Heads = 12, FeedForward = 16 }, 12));
    }

    /// <summary>
    /// Of the 18 expert layouts of 12 cards a stage of g = DP·TP cards takes those whose group EP·MTP = d divides it: 18 pairs (EP, MTP) of g = 12
    /// (1 + 2 + 2 + 3 + 4 + 6 for d = 1, 2, 3, 4, 6, 12), 9 of g = 6 (1 + 2 + 2 + 4), 6 of 4 (1 + 2 + 3), 3 of 3, 3 of 2 and 1 of 1. TP goes with both
    /// heads (4) and feed-forward (16): TP = 1, 2, 4 with DP·PP = 12, 6, 3. TP 1: PP = 1, 2, 3, 4, 6, 12 leave g = 12, 6, 4, 3, 2, 1, 40 in all; TP 2:
    /// PP = 1, 2, 3, 6 leave 12, 6, 4, 2, 36; TP 4: PP = 1, 3 leave 12, 4, 24.
    /// </summary>
    private const int Nested = 40 + 36 + 24;

    /// <summary>
    /// Ie = 12 and 8 + 2 + 2 = 12 experts: every expert layout that nests serves. Ie = 8 leaves MTP = 1, 2, 4: of g = 12 pairs for d = 1, 2, 3, 4, 6, 12
    /// are 1, 2, 1, 3, 2, 3 = 12, of 6 they are 6, of 4 also 6, of 3 are 2, of 2 are 3, of 1 one: 30 + 27 + 18.
    /// </summary>
    [Fact]
    public void Expert_layouts_divide_the_expert_width_and_count()
    {
        Assert.Equal(18 * 18, Space(Experts, 12).Covered);
        Assert.Equal(Nested, Space(Experts, 12).Divisible().Count());
        Assert.Equal(Nested, Space(Experts, 12).CountDivisible());
        TransformerModel narrow = Experts with { Experts = ToyModel.Experts with { Intermediate = 8 } };
        Assert.Equal(30 + 27 + 18, Space(narrow, 12).Divisible().Count());
    }

    /// <summary>
    /// Expert groups lie inside their pipeline stage: EP·MTP divides DP·TP. Two cards at PP 2 leave stages of one card, which hold all experts.
    /// </summary>
    [Fact]
    public void Expert_groups_lie_inside_their_pipeline_stage()
    {
        Assert.All(Space(Experts, 12).Divisible(), layout =>
            Assert.Equal(0, layout.DataParallel * layout.TensorParallel % (layout.ExpertParallel * layout.ExpertTensorParallel)));
        PlanRestriction twoStages = new([new(1, 2, 1)], null, null);
        ParallelLayout layout = Assert.Single(new PlanSpace(Experts, 2, twoStages, Own).Divisible());
        Assert.Equal((1, 1, 2), (layout.ExpertParallel, layout.ExpertTensorParallel, layout.ExpertDataParallel));
        string? obstacle = Divisibility.Obstacle(new AttentionTriple(1, 2, 1), new ExpertTriple(2, 1, 1));
        Assert.Equal(
            "an expert group of 2 cards (EP 2 x MoE-TP 1) does not divide the 1 cards of a pipeline stage (DP 1 x TP 1, at PP 2)", obstacle);
    }

    /// <summary>
    /// No shared replica and R = 0 … 4, so 8 … 12 experts, EP one of 1, 2, 4 | 1, 3 | 1, 2 | 1 | all. Pairs that nest in a stage of g = 12, 6, 4, 3, 2, 1: of 8
    /// experts 12, 6, 6, 2, 3, 1 (30 + 27 + 18), of 9 (MTP any) 9, 6, 3, 3, 2, 1 (24 + 20 + 12), of 10 are 10, 6, 5, 2, 3, 1 (27 + 24 + 15), of 11 the
    /// divisors themselves 6, 4, 3, 2, 2, 1 (18 + 15 + 9), of 12 all.
    /// </summary>
    [Fact]
    public void A_range_of_redundant_experts_is_tried_from_end_to_end()
    {
        TransformerModel model = Experts with { Experts = ToyModel.Experts with { SharedReplicas = 0 } };
        PlanSpace space = new(model, 12, PlanRestriction.None, new ExpertPlacement(new RedundancyRange(0, 4), false));
        Assert.Equal(18 * 18 * 5, space.Covered);
        ILookup<int, ParallelLayout> found = space.Divisible().ToLookup(layout => layout.RedundantExperts);
        Assert.Equal([75, 56, 66, 42, Nested], Enumerable.Range(0, 5).Select(redundant => found[redundant].Count()));
        Assert.Equal(75 + 56 + 66 + 42 + Nested, space.CountDivisible());
    }

    /// <summary>With a shared expert on every card the condition is on 8 + 2 = 10 experts, EP = 1 or 2: 27 + 24 + 15 that nest; Sh = EP.</summary>
    [Fact]
    public void A_shared_expert_on_every_card_leaves_the_routed_ones_to_divide()
    {
        PlanSpace space = new(Experts, 12, PlanRestriction.None, new ExpertPlacement(new RedundancyRange(2, 2), true));
        ParallelLayout[] layouts = [.. space.Divisible()];
        Assert.Equal(66, layouts.Length);
        Assert.All(layouts, layout => Assert.Equal(layout.ExpertParallel, layout.SharedReplicas));
        Assert.Equal([1, 2], layouts.Select(layout => layout.ExpertParallel).Distinct().Order());
    }

    [Fact]
    public void Stated_layouts_are_taken_as_they_are()
    {
        PlanRestriction restriction = new([new(2, 1, 2), new(4, 1, 1)], [new(4, 1, 1), new(2, 2, 1)], null);
        PlanSpace space = new(Experts, 4, restriction, Own);
        Assert.Equal(4, space.Covered);
        Assert.Equal(4, space.Divisible().Count());
        Assert.Equal(0, new PlanSpace(Experts, 8, restriction, Own).Covered);
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(12, 1, true)]
    [InlineData(5, 1, false)]
    [InlineData(1, 5, false)]
    public void An_obstacle_is_named(int ep, int mtp, bool isFree)
    {
        string? obstacle = Divisibility.Obstacle(ToyModel.Experts, new ExpertTriple(ep, mtp, 1), 2, false);
        Assert.Equal(isFree, obstacle is null);
        Assert.Equal(!isFree, obstacle?.Contains('5') ?? false);
    }

    private static ExpertPlacement Own => new(new RedundancyRange(2, 2), false);

    private static PlanSpace Space(TransformerModel model, int cards) =>
        new(model, cards, PlanRestriction.None, model.Experts is null ? new ExpertPlacement(new RedundancyRange(0, 0), false) : Own);

    private static IEnumerable<int> TensorParallel(TransformerModel model, int cards) =>
        Space(model, cards).Divisible().Select(layout => layout.TensorParallel).Distinct().Order();
}

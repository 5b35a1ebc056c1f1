using FastSim.Kernels.Deployment;
using FastSim.Kernels.Models;
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
    /// Ie = 12 and 8 + 2 + 2 = 12 experts: every of the 18 expert layouts of 12 cards serves. Ie = 8 leaves MTP = 1, 2, 4, that is
    /// EP·MDP = 12, 6, 3: 6 + 4 + 2.
    /// </summary>
    [Fact]
    public void Expert_layouts_divide_the_expert_width_and_count()
    {
        Assert.Equal(18 * 18, Space(Experts, 12).Covered);
        Assert.Equal(12 * 18, Space(Experts, 12).Divisible().Count());
        TransformerModel narrow = Experts with { Experts = ToyModel.Experts with { Intermediate = 8 } };
        Assert.Equal(12 * 12, Space(narrow, 12).Divisible().Count());
    }

    /// <summary>
    /// No shared replica and R = 0 … 4, so 8 … 12 experts. EP = 1, 2, 3, 4, 6, 12 leaves MTP·MDP = 12, 6, 4, 3, 2, 1, that is
    /// 6, 4, 3, 2, 2, 1 pairs. 8: EP 1, 2, 4: 12. 9: EP 1, 3: 9. 10: EP 1, 2: 10. 11: EP 1: 6. 12: all: 18.
    /// </summary>
    [Fact]
    public void A_range_of_redundant_experts_is_tried_from_end_to_end()
    {
        TransformerModel model = Experts with { Experts = ToyModel.Experts with { SharedReplicas = 0 } };
        PlanSpace space = new(model, 12, PlanRestriction.None, new ExpertPlacement(new RedundancyRange(0, 4), false));
        Assert.Equal(18 * 18 * 5, space.Covered);
        ILookup<int, ParallelLayout> found = space.Divisible().ToLookup(layout => layout.RedundantExperts);
        Assert.Equal([12 * 12, 12 * 9, 12 * 10, 12 * 6, 12 * 18], Enumerable.Range(0, 5).Select(redundant => found[redundant].Count()));
    }

    /// <summary>With a shared expert on every card the condition is on 8 + 2 = 10 experts, EP = 1 or 2: 6 + 4 pairs; Sh = EP.</summary>
    [Fact]
    public void A_shared_expert_on_every_card_leaves_the_routed_ones_to_divide()
    {
        PlanSpace space = new(Experts, 12, PlanRestriction.None, new ExpertPlacement(new RedundancyRange(2, 2), true));
        ParallelLayout[] layouts = [.. space.Divisible()];
        Assert.Equal(12 * 10, layouts.Length);
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

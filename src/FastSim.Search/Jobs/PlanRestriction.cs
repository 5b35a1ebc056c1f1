using FastSim.Kernels.Stages;

namespace FastSim.Search.Jobs;

/// <summary>What a user fixed of a phase's plans; null leaves it to the search.</summary>
/// <param name="Attention">Attention layouts to try.</param>
/// <param name="Experts">Expert layouts to try, for mixture-of-experts models.</param>
/// <param name="Batches">Batches to try; null takes the largest feasible.</param>
public sealed record PlanRestriction(
    IReadOnlyList<AttentionTriple>? Attention,
    IReadOnlyList<ExpertTriple>? Experts,
    IReadOnlyList<BatchTriple>? Batches)
{
    /// <summary>What of each card may lie in its second memory, the least first: each is tried of every layout. Nothing at all by itself.</summary>
    public IReadOnlyList<SecondMemoryShares> Second { get; init; } = [default];

    /// <summary>Numbers of cards to share a sequence's tokens out over; null for every one.</summary>
    public IReadOnlyList<int>? ContextParallel { get; init; } = [1];

    /// <summary>Whether some layout may share a sequence's tokens out.</summary>
    public bool SharesContexts => ContextParallel is not [1] || Attention?.Any(triple => triple.ContextParallel > 1) == true;

    /// <summary>Numbers of attention ranks that share each dense feed-forward out; null for every one.</summary>
    public IReadOnlyList<int>? AttentionDataParallel { get; init; } = [1];

    /// <summary>Whether some attention ranks may share a feed-forward out.</summary>
    public bool SharesFeedForwards => AttentionDataParallel is not [1] || Attention?.Any(triple => triple.AttentionDataParallel > 1) == true;

    /// <summary>What the cards of a dense feed-forward may exchange, rows first: each is tried in every way.</summary>
    public IReadOnlyList<FeedForwardExchange> FeedForwardExchanges { get; init; } = [FeedForwardExchange.Rows];

    /// <summary>Whether something else than rows may be exchanged.</summary>
    public bool ExchangesOtherThanRows => FeedForwardExchanges is not [FeedForwardExchange.Rows] || Attention?.Any(triple => !triple.FeedForward.IsOfRows) == true;

    /// <summary>Whether cards that share a product out have its rows in turn between products; what is to be tried, false first.</summary>
    public IReadOnlyList<bool> SequenceParallel { get; init; } = [false];

    /// <summary>Whether some layout may have rows in turn between products where another has not.</summary>
    public bool ChoosesRows => SequenceParallel.Count > 1;

    /// <summary>A stated layout with each number of cards that share a sequence's tokens.</summary>
    /// <param name="triple">The layout as stated.</param>
    /// <param name="cards">Cards that it is to fill where every number is tried.</param>
    public IEnumerable<AttentionTriple> Shared(AttentionTriple triple, int cards)
    {
        if (ContextParallel is { } given)
        {
            return given.Select(shared => triple with { ContextParallel = triple.ContextParallel * shared });
        }

        return cards % triple.Cards == 0 ? [triple with { ContextParallel = (int)(triple.ContextParallel * (cards / triple.Cards)) }] : [];
    }

    /// <summary>Nothing is fixed.</summary>
    public static PlanRestriction None { get; } = new(null, null, null);
}

namespace FastSim.Kernels.Stages;

/// <summary>What the cards of a dense feed-forward exchange for its products (Pope et al., arXiv 2211.05102, section 3.2).</summary>
public enum FeedForwardExchange
{
    /// <summary>Rows: weights stay, each card with a slice of the width (1D weight-stationary).</summary>
    Rows,

    /// <summary>Slices of rows and of products: weights stay, each card with a slice of the hidden size and one of the width (2D weight-stationary).</summary>
    TwoDimensional,

    /// <summary>Weights, of prompts: cards gather each other's and share the rows out.</summary>
    WeightGathered,
}

/// <summary>How the cards of a dense feed-forward come by what its products need (docs/cost-model.md, "Exchanges of a feed-forward").</summary>
/// <param name="Exchange">What they exchange.</param>
/// <param name="OfWays">Cards that share the hidden size out, or that gather each other's weights; 0 where rows are exchanged.</param>
public readonly record struct FeedForwardForm(FeedForwardExchange Exchange, int OfWays)
{
    /// <summary>Cards that share the hidden size out.</summary>
    public int HiddenWays => Exchange == FeedForwardExchange.TwoDimensional ? OfWays : 1;

    /// <summary>Cards that gather each other's weights, and share rows out.</summary>
    public int GatheredWays => Exchange == FeedForwardExchange.WeightGathered ? OfWays : 1;

    /// <summary>Whether rows are exchanged.</summary>
    public bool IsOfRows => Exchange == FeedForwardExchange.Rows;
}

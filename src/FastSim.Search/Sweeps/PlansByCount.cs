namespace FastSim.Search.Sweeps;

/// <summary>The best plans of each number of cards that a job chooses among.</summary>
internal static class PlansByCount
{
    /// <summary>Requests/s on each card count: 0 without a plan.</summary>
    /// <param name="plans">The plans.</param>
    /// <param name="tokensPerRequest">Tokens of a request that they count.</param>
    /// <param name="requests">Receives them.</param>
    public static void Requests(ReadOnlySpan<VariantPlan> plans, int tokensPerRequest, Span<double> requests)
    {
        for (int count = 0; count < plans.Length; count++)
        {
            requests[count] = plans[count].IsFound ? plans[count].Figures.TokensPerSecond / tokensPerRequest : 0;
        }
    }

    /// <summary>The plan of most throughput, of those that have as much the one of fewest cards.</summary>
    /// <param name="plans">The best plan on each number of cards, rising.</param>
    public static VariantPlan Most(ReadOnlySpan<VariantPlan> plans)
    {
        VariantPlan most = plans[0];
        foreach (VariantPlan plan in plans[1..])
        {
            if (plan.IsFound && (!most.IsFound || plan.Figures.TokensPerSecond > most.Figures.TokensPerSecond))
            {
                most = plan;
            }
        }

        return most;
    }

    /// <summary>The most requests/s on any number of cards, and the most a card.</summary>
    /// <param name="requests">Requests/s on each number of cards.</param>
    /// <param name="cards">The numbers.</param>
    public static VariantReach Reach(ReadOnlySpan<double> requests, IReadOnlyList<int> cards)
    {
        (double most, double mostPerCard) = (0, 0);
        for (int count = 0; count < requests.Length; count++)
        {
            (most, mostPerCard) = (Math.Max(most, requests[count]), Math.Max(mostPerCard, requests[count] / cards[count]));
        }

        return new VariantReach(most, mostPerCard);
    }
}

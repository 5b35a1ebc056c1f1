namespace FastSim.Search.Fronts;

/// <summary>Plans on a number of cards of which no other yields as much for as little work a token: throughput and work fall along it.</summary>
internal sealed class FrugalLine
{
    private List<FrugalPlan> plans = [];

    /// <summary>The plans, most throughput first.</summary>
    public IReadOnlyList<FrugalPlan> Plans => plans;

    /// <summary>The plan of least work a token that yields at least some tokens/s; null where none does.</summary>
    /// <param name="tokensPerSecond">Tokens/s.</param>
    public FrugalPlan? Leanest(double tokensPerSecond)
    {
        (int with, int without) = (-1, plans.Count);
        while (without - with > 1)
        {
            int middle = with + ((without - with) / 2);
            (with, without) = plans[middle].TokensPerSecond >= tokensPerSecond ? (middle, without) : (with, middle);
        }

        return with >= 0 ? plans[with] : null;
    }

    /// <summary>Whether some plan yields as much for as little work.</summary>
    /// <param name="tokensPerSecond">Tokens/s.</param>
    /// <param name="workJoulesPerToken">Joules of work a token.</param>
    public bool Beats(double tokensPerSecond, double workJoulesPerToken) => Leanest(tokensPerSecond) is { } plan && plan.WorkJoulesPerToken <= workJoulesPerToken;

    /// <summary>Takes plans in, and lets go of what they beat.</summary>
    /// <param name="some">The plans.</param>
    public void Add(IEnumerable<FrugalPlan> some)
    {
        List<FrugalPlan> all = [.. plans, .. some];
        if (all.Count == plans.Count)
        {
            return;
        }

        all.Sort(FrugalPlan.Order);
        plans = [];
        double least = double.PositiveInfinity;
        foreach (FrugalPlan plan in all)
        {
            if (plan.WorkJoulesPerToken < least)
            {
                plans.Add(plan);
                least = plan.WorkJoulesPerToken;
            }
        }
    }
}

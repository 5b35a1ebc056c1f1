namespace FastSim.Search.Engines;

/// <summary>
/// The best plans found so far on a number of cards, best first. Of layouts of one kind (<see cref="LayoutKind"/>) the best stands for all, so that places are not taken by near twins.
/// </summary>
/// <param name="most">How many are kept.</param>
internal sealed class RankedPlans(int most)
{
    private readonly List<PlanRank> plans = new(most + 1);

    /// <summary>How many there are.</summary>
    public int Count => plans.Count;

    /// <summary>Throughput below which a plan has no place among them; 0 while there are places.</summary>
    public double LeastTokensPerSecond => plans.Count < most ? 0 : plans[^1].TokensPerSecond;

    /// <summary>The plan at a place, from 0.</summary>
    public PlanRank this[int place] => plans[place];

    /// <summary>All, best first.</summary>
    public PlanRank[] InOrder() => [.. plans];

    /// <summary>Takes a plan in, if it has a place.</summary>
    public void Take(PlanRank plan)
    {
        int twin = most == 1 ? -1 : plans.FindIndex(known => LayoutKind.Of(known.Layout) == LayoutKind.Of(plan.Layout));
        if (twin >= 0)
        {
            if (!plan.Precedes(plans[twin]))
            {
                return;
            }

            plans.RemoveAt(twin);
        }

        int place = plans.Count;
        while (place > 0 && plan.Precedes(plans[place - 1]))
        {
            place--;
        }

        plans.Insert(place, plan);
        if (plans.Count > most)
        {
            plans.RemoveAt(most);
        }
    }
}

namespace FastSim.Cli.Sweeps;

/// <summary>Groups of a sweep, read and lowered when first asked for, and let go when many others were since.</summary>
internal sealed class GroupCache
{
    private const int MostGroups = 1024;

    private readonly SweepPlan plan;
    private readonly Dictionary<long, SweepGroup> known = [];
    private readonly Queue<long> order = [];
    private readonly Lock gate = new();

    public GroupCache(SweepPlan plan)
    {
        this.plan = plan;
        known[plan.FirstGroup] = plan.First;
        order.Enqueue(plan.FirstGroup);
    }

    /// <summary>A group.</summary>
    public SweepGroup Get(long group)
    {
        lock (gate)
        {
            if (known.TryGetValue(group, out SweepGroup? found))
            {
                return found;
            }
        }

        SweepGroup made = plan.Inputs.Group(group);
        lock (gate)
        {
            if (known.TryAdd(group, made))
            {
                order.Enqueue(group);
                if (order.Count > MostGroups)
                {
                    known.Remove(order.Dequeue());
                }
            }

            return known[group];
        }
    }
}

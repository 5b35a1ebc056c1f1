using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>The variants known that no other known one beats: at least as good in every objective and better in one. Equals stay, as in a sweep of all.</summary>
internal sealed class FrontGoal : ISearchGoal
{
    /// <summary>Variants that a front may have: what is written of them is gone through by people and tables.</summary>
    public const int MostVariants = 10_000_000;

    private readonly SweepPlan plan;
    private readonly int objectives;
    private List<KeptVariants> front = [];
    private FrontIndex index;

    /// <summary>A front without a variant.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="objectives">How many objectives it trades.</param>
    public FrontGoal(SweepPlan plan, int objectives)
    {
        this.plan = plan;
        this.objectives = objectives;
        index = new FrontIndex(front, objectives);
    }

    /// <inheritdoc/>
    public int TiedVariants => 1;

    /// <inheritdoc/>
    public IReadOnlyList<KeptVariants> Kept => front;

    /// <inheritdoc/>
    public bool Beats(ReadOnlySpan<double> corner) => index.Beats(corner);

    /// <inheritdoc/>
    public bool Excludes(ReadOnlySpan<double> corner, long first) => index.Beats(corner);

    /// <inheritdoc/>
    public void Add(IReadOnlyList<long> variants, double[] losses, IReadOnlyList<Box?> tied)
    {
        List<KeptVariants> answered = [];
        for (int place = 0; place < variants.Count; place++)
        {
            ReadOnlySpan<double> own = losses.AsSpan(place * objectives, objectives);
            if (!double.IsNaN(own[0]) && !index.Beats(own))
            {
                answered.Add(new KeptVariants(own.ToArray(), variants[place], tied[place]));
            }
        }

        AddKept(answered);
    }

    /// <inheritdoc/>
    public void AddKept(IReadOnlyList<KeptVariants> kept)
    {
        // Beaten by one that is beaten itself is beaten all the same.
        KeptVariants[] fresh = [.. kept.Where(each => !index.Beats(each.Losses)).Order(Comparer<KeptVariants>.Create(Compare))];
        FrontIndex among = new(fresh, objectives);
        fresh = Array.FindAll(fresh, each => !among.Beats(each.Losses));
        if (fresh.Length == 0)
        {
            return;
        }

        among = new FrontIndex(fresh, objectives);
        List<KeptVariants> merged = new(front.Count + fresh.Length);
        int next = 0;
        foreach (KeptVariants known in front.Where(each => !among.Beats(each.Losses)))
        {
            while (next < fresh.Length && Compare(fresh[next], known) < 0)
            {
                merged.Add(fresh[next++]);
            }

            merged.Add(known);
        }

        merged.AddRange(fresh[next..]);
        if (merged.Count > MostVariants)
        {
            throw TooMany(plan);
        }

        front = merged;
        index = new FrontIndex(front, objectives);
    }

    /// <summary>The variants of a front as a sweep of all would list them: by their losses in turn, of equals the first.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="kept">What a search kept.</param>
    /// <exception cref="ConfigurationException">They are too many.</exception>
    public static List<(long Variant, double[] Losses)> Listed(SweepPlan plan, IReadOnlyList<KeptVariants> kept)
    {
        if (kept.Sum(each => (double)(each.Tied?.Count ?? 1)) > MostVariants)
        {
            throw TooMany(plan);
        }

        List<(long Variant, double[] Losses)> listed = [];
        for (int first = 0; first < kept.Count;)
        {
            int end = first;
            SortedSet<long> equal = [];
            for (; end < kept.Count && kept[end].Losses.AsSpan().SequenceEqual(kept[first].Losses); end++)
            {
                equal.UnionWith(kept[end].Tied?.Variants(plan.Space, MostVariants) ?? [kept[end].First]);
            }

            listed.AddRange(equal.Select(variant => (variant, kept[first].Losses)));
            first = end;
        }

        return listed;
    }

    private static int Compare(KeptVariants left, KeptVariants right)
    {
        for (int objective = 0; objective < left.Losses.Length; objective++)
        {
            int order = left.Losses[objective].CompareTo(right.Losses[objective]);
            if (order != 0)
            {
                return order;
            }
        }

        return left.First.CompareTo(right.First);
    }

    private static ConfigurationException TooMany(SweepPlan plan) => new(string.Create(
        CultureInfo.InvariantCulture, $"{plan.File.File}: pareto: found more than {MostVariants:N0} variants that none beats; expected fewer with --optimise: objectives that tell more of them apart, or coarser axes"));
}

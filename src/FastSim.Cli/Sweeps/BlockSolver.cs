using System.Runtime.InteropServices;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Lanes;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Sweeps;

/// <summary>A block's answers.</summary>
/// <param name="Rows">Its rows, UTF-8.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Feasible">How many have a plan.</param>
/// <param name="Tally">Its candidates.</param>
internal sealed record BlockAnswers(byte[] Rows, int Count, int Feasible, SweepTally Tally);

/// <summary>Answers blocks of variants and writes their rows. Serves one thread.</summary>
internal sealed class BlockSolver
{
    private const int MostGroups = 16;

    private readonly SweepPlan plan;
    private readonly GroupCache groups;
    private readonly LaneWidth width;
    private readonly RowWriter rows;
    private readonly Formula? filter;
    private readonly Dictionary<long, JobSweep[]> searches = [];
    private readonly Queue<long> searchOrder = [];
    private readonly Dictionary<long, (SweepGroup Group, List<int> Members)> byGroup = [];
    private readonly Dictionary<long, int> prefillPlaces = [];
    private readonly Dictionary<long, int> decodePlaces = [];
    private readonly List<long> variants = [];
    private readonly List<SweepGroup> groupOf = [];
    private long jobsVariant = -1;
    private Job[] jobsOfVariant = [];
    private readonly double[] filterValues;
    private readonly Func<string, double> filterValueOf;

    public BlockSolver(SweepPlan plan, GroupCache groups, LaneWidth width)
    {
        this.plan = plan;
        this.groups = groups;
        this.width = width;
        rows = new RowWriter(plan);
        filter = plan.Filter();
        filterValues = new double[plan.AxisNames.Count];
        Dictionary<string, int> places = plan.AxisNames.Select((name, place) => (name, place)).ToDictionary(pair => pair.name, pair => pair.place);
        filterValueOf = name => filterValues[places[name]];
    }

    /// <summary>Answers a block.</summary>
    /// <param name="first">First variant.</param>
    /// <param name="end">One past the last.</param>
    public BlockAnswers Solve(long first, long end)
    {
        SweepTally tally = new();
        variants.Clear();
        groupOf.Clear();
        byGroup.Clear();
        for (long variant = first; variant < end; variant++)
        {
            if (filter is not null && !Passes(variant))
            {
                continue;
            }

            long group = plan.Space.GroupOf(variant);
            if (!byGroup.TryGetValue(group, out (SweepGroup Group, List<int> Members) own))
            {
                own = (groups.Get(group), []);
                byGroup[group] = own;
            }

            own.Members.Add(variants.Count);
            variants.Add(variant);
            groupOf.Add(own.Group);
        }

        int jobs = plan.First.Jobs.Length;
        VariantResult[] results = new VariantResult[variants.Count * jobs];
        foreach ((long group, (SweepGroup own, List<int> members)) in byGroup)
        {
            JobSweep[] sweeps = SearchesOf(group, own, members.Count);
            for (int job = 0; job < jobs; job++)
            {
                Solve(own, sweeps[job], job, members, results);
                sweeps[job].MoveCountsTo(tally);
            }
        }

        byte[] text = rows.Rows(CollectionsMarshal.AsSpan(variants), CollectionsMarshal.AsSpan(groupOf), results);
        return new BlockAnswers(text, results.Length, results.Count(result => result.HasPlan), tally);
    }

    /// <summary>The jobs as a variant has them; those of the last one asked for are kept.</summary>
    private Job[] JobsOf(long variant)
    {
        if (variant != jobsVariant)
        {
            jobsOfVariant = [.. plan.Inputs.Variant(variant).SelectMany(run => run.Jobs)];
            jobsVariant = variant;
        }

        return jobsOfVariant;
    }

    private void Solve(SweepGroup group, JobSweep search, int job, List<int> members, VariantResult[] results)
    {
        SweepJob sweepJob = group.Jobs[job];
        LaneWrite[] writes = group.Writes[job];
        ChipRows prefill = new(sweepJob.PrefillNumbers.Values.Length);
        ChipRows decode = new(sweepJob.DecodeNumbers.Values.Length);
        ChipPlaces[] places = new ChipPlaces[members.Count];
        prefillPlaces.Clear();
        decodePlaces.Clear();
        for (int index = 0; index < members.Count; index++)
        {
            long variant = variants[members[index]];
            places[index] = new ChipPlaces(
                sweepJob.HasPrefill ? Place(variant, writes, isPrefill: true, prefillPlaces, prefill, sweepJob.PrefillNumbers.Values) : 0,
                sweepJob.HasDecode ? Place(variant, writes, isPrefill: false, decodePlaces, decode, sweepJob.DecodeNumbers.Values) : 0);
        }

        VariantResult[] answers = new VariantResult[members.Count];
        search.Solve(prefill, decode, places, answers);
        bool isStudied = sweepJob.Job.Objective != PlanObjective.Throughput;
        for (int index = 0; index < members.Count; index++)
        {
            if (isStudied && answers[index].HasPlan)
            {
                answers[index] = ObjectiveVariant.Of(JobsOf(variants[members[index]])[job], EngineSettings.Default with { Threads = 1, Width = width });
            }

            results[(members[index] * plan.First.Jobs.Length) + job] = answers[index];
        }
    }

    /// <summary>Place of a variant's chip among the distinct ones of the block.</summary>
    private int Place(
        long variant, LaneWrite[] writes, bool isPrefill, Dictionary<long, int> known, ChipRows chips, ReadOnlySpan<double> baseNumbers)
    {
        long key = 0;
        int last = -1;
        foreach (ref readonly LaneWrite write in writes.AsSpan())
        {
            if ((isPrefill ? write.OnPrefill : write.OnDecode) && write.Axis != last)
            {
                last = write.Axis;
                key = (key * plan.Space.Axes[last].Count) + plan.Space.StepOf(variant, last);
            }
        }

        if (known.TryGetValue(key, out int place))
        {
            return place;
        }

        place = chips.Count;
        known[key] = place;
        Span<double> row = chips.Add(baseNumbers);
        foreach (ref readonly LaneWrite write in writes.AsSpan())
        {
            if (isPrefill ? write.OnPrefill : write.OnDecode)
            {
                row[write.Place] = plan.Space.Axes[write.Axis].ValueOf(write.Target, plan.Space.StepOf(variant, write.Axis)) ?? double.NaN;
            }
        }

        return place;
    }

    private bool Passes(long variant)
    {
        int place = 0;
        for (int axis = 0; axis < plan.Space.Axes.Count; axis++)
        {
            foreach (AxisColumn column in plan.Space.Axes[axis].Columns)
            {
                filterValues[place] = column.Values[plan.Space.StepOf(variant, axis)] ?? double.NaN;
                place++;
            }
        }

        double value = filter!.Value(filterValueOf);
        return !double.IsNaN(value) && value != 0;
    }

    private JobSweep[] SearchesOf(long group, SweepGroup own, int variantCount)
    {
        if (searches.TryGetValue(group, out JobSweep[]? known))
        {
            return known;
        }

        if (searchOrder.Count == MostGroups)
        {
            searches.Remove(searchOrder.Dequeue());
        }

        JobSweep[] made = Array.ConvertAll(own.Jobs, job => new JobSweep(job, width, variantCount));
        searches[group] = made;
        searchOrder.Enqueue(group);
        return made;
    }
}

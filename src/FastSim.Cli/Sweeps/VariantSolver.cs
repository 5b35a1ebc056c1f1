using FastSim.Kernels.Lanes;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Sweeps;

/// <summary>Answers lists of variants. Serves one thread.</summary>
internal sealed class VariantSolver
{
    private const int MostGroups = 16;

    private readonly SweepPlan plan;
    private readonly GroupCache groups;
    private readonly LaneWidth width;
    private readonly int expectedVariants;
    private readonly Formula? filter;
    private readonly Dictionary<long, JobSweep[]> searches = [];
    private readonly Queue<long> searchOrder = [];
    private readonly Dictionary<long, (SweepGroup Group, List<int> Members)> byGroup = [];
    private readonly Dictionary<long, int> prefillPlaces = [];
    private readonly Dictionary<long, int> decodePlaces = [];
    private readonly List<SweepGroup> groupOf = [];
    private readonly VariantValues values;
    private long jobsVariant = -1;
    private Job[] jobsOfVariant = [];
    private VariantResult[] allResults = [];
    private VariantResult[] jobResults = [];
    private ChipPlaces[] allPlaces = [];
    private ChipRows? prefillRows;
    private ChipRows? decodeRows;

    /// <summary>Answers a sweep's variants.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="groups">Its groups.</param>
    /// <param name="width">Lane width.</param>
    /// <param name="expectedVariants">Variants to make room for at a time, where the first list is shorter.</param>
    public VariantSolver(SweepPlan plan, GroupCache groups, LaneWidth width, int expectedVariants = 0)
    {
        this.expectedVariants = expectedVariants;
        this.plan = plan;
        this.groups = groups;
        this.width = width;
        values = new VariantValues(plan.Space);
        filter = plan.Filter();
    }

    /// <summary>Group of each variant of the last list.</summary>
    public List<SweepGroup> GroupOf => groupOf;

    /// <summary>Whether a variant passes the filter.</summary>
    public bool Passes(long variant)
    {
        if (filter is null)
        {
            return true;
        }

        values.Load(variant);
        double value = filter.Value(values.ValueOf);
        return !double.IsNaN(value) && value != 0;
    }

    /// <summary>Answers some variants.</summary>
    /// <param name="variants">The variants.</param>
    /// <param name="tally">Where to count candidates.</param>
    /// <param name="isAsked">Which jobs to answer; null for all. The others' answers are empty.</param>
    /// <returns>Their answers, the jobs of a variant one after another; the next call writes them over.</returns>
    public ReadOnlySpan<VariantResult> Answer(ReadOnlySpan<long> variants, SweepTally tally, bool[]? isAsked = null)
    {
        groupOf.Clear();
        byGroup.Clear();
        for (int index = 0; index < variants.Length; index++)
        {
            long group = plan.Space.GroupOf(variants[index]);
            if (!byGroup.TryGetValue(group, out (SweepGroup Group, List<int> Members) own))
            {
                own = (groups.Get(group), []);
                byGroup[group] = own;
            }

            own.Members.Add(index);
            groupOf.Add(own.Group);
        }

        int jobs = plan.First.Jobs.Length;
        Span<VariantResult> results = Room(ref allResults, variants.Length * jobs);
        if (isAsked is not null)
        {
            results.Clear();
        }

        foreach ((long group, (SweepGroup own, List<int> members)) in byGroup)
        {
            JobSweep[] sweeps = SearchesOf(group, own, members.Count);
            for (int job = 0; job < jobs; job++)
            {
                if (isAsked?[job] == false)
                {
                    continue;
                }

                Solve(own, sweeps[job], job, variants, members, results);
                sweeps[job].MoveCountsTo(tally);
            }
        }

        return results;
    }

    /// <summary>The searches of a group's jobs, of this thread's own; those of the last few groups are kept.</summary>
    /// <param name="group">The group.</param>
    /// <param name="own">Its jobs.</param>
    /// <param name="variantCount">Variants that are asked about.</param>
    public JobSweep[] SearchesOf(long group, SweepGroup own, int variantCount)
    {
        if (searches.TryGetValue(group, out JobSweep[]? known))
        {
            return known;
        }

        if (searchOrder.Count == MostGroups)
        {
            searches.Remove(searchOrder.Dequeue());
        }

        JobSweep[] made = Array.ConvertAll(own.Jobs, job => new JobSweep(job, width, Math.Max(variantCount, expectedVariants)));
        searches[group] = made;
        searchOrder.Enqueue(group);
        return made;
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

    private void Solve(SweepGroup group, JobSweep search, int job, ReadOnlySpan<long> variants, List<int> members, Span<VariantResult> results)
    {
        SweepJob sweepJob = group.Jobs[job];
        JobWrites writes = group.Writes[job];
        ChipRows prefill = Emptied(ref prefillRows, sweepJob.PrefillNumbers.Values.Length);
        ChipRows decode = Emptied(ref decodeRows, sweepJob.DecodeNumbers.Values.Length);
        Span<ChipPlaces> places = Room(ref allPlaces, members.Count);
        prefillPlaces.Clear();
        decodePlaces.Clear();
        bool areDistinct = IsRising(variants);
        Dictionary<long, int>? knownPrefills = areDistinct && AreAll(writes.PrefillAxes) ? null : prefillPlaces;
        Dictionary<long, int>? knownDecodes = areDistinct && AreAll(writes.DecodeAxes) ? null : decodePlaces;
        prefill.Reserve(sweepJob.HasPrefill && knownPrefills is null ? members.Count : 0);
        decode.Reserve(sweepJob.HasDecode && knownDecodes is null ? members.Count : 0);
        for (int index = 0; index < members.Count; index++)
        {
            values.Load(variants[members[index]]);
            places[index] = new ChipPlaces(
                sweepJob.HasPrefill ? Place(writes, isPrefill: true, knownPrefills, prefill, sweepJob.PrefillNumbers.Values) : 0,
                sweepJob.HasDecode ? Place(writes, isPrefill: false, knownDecodes, decode, sweepJob.DecodeNumbers.Values) : 0);
        }

        // Of one group the answers go where they belong; those of several are put there one by one.
        int jobs = plan.First.Jobs.Length;
        bool areAll = members.Count == variants.Length;
        Span<VariantResult> answers = areAll ? results[job..] : Room(ref jobResults, members.Count);
        int every = areAll ? jobs : 1;
        search.Solve(prefill, decode, places, answers, every);
        bool isStudied = SweepPlan.IsStudied(sweepJob.Job);
        for (int index = 0; index < members.Count; index++)
        {
            ref VariantResult answer = ref answers[index * every];
            if (isStudied && answer.HasPlan)
            {
                answer = ObjectiveVariant.Of(JobsOf(variants[members[index]])[job], EngineSettings.Default with { Threads = 1, Width = width });
            }

            if (!areAll)
            {
                results[(members[index] * jobs) + job] = answer;
            }
        }
    }

    /// <summary>Room that lists before took: blocks of one size come one after another, and hold too much to be thrown away each time.</summary>
    private static Span<T> Room<T>(ref T[] room, int length)
    {
        room = room.Length < length ? new T[length] : room;
        return room.AsSpan(0, length);
    }

    private static ChipRows Emptied(ref ChipRows? rows, int numbersPerChip)
    {
        rows = rows?.NumbersPerChip == numbersPerChip ? rows : new ChipRows(numbersPerChip);
        rows.Clear();
        return rows;
    }

    /// <summary>Whether variants are each another: they rise.</summary>
    private static bool IsRising(ReadOnlySpan<long> variants)
    {
        for (int index = 1; index < variants.Length; index++)
        {
            if (variants[index] <= variants[index - 1])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a chip goes by all axes along which variants of a group differ, so that each variant has one of its own.</summary>
    private bool AreAll(int[] axes)
    {
        for (int axis = 0; axis < plan.Space.Axes.Count; axis++)
        {
            if (plan.Space.IsLane[axis] && plan.Space.Axes[axis].Count > 1 && Array.IndexOf(axes, axis) < 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Place of the loaded variant's chip among the distinct ones of the list; without those that are known it is a chip of its own.</summary>
    private int Place(JobWrites writes, bool isPrefill, Dictionary<long, int>? known, ChipRows chips, ReadOnlySpan<double> baseNumbers)
    {
        long key = 0;
        if (known is not null)
        {
            foreach (int axis in isPrefill ? writes.PrefillAxes : writes.DecodeAxes)
            {
                key = (key * plan.Space.Axes[axis].Count) + values.StepOf(axis);
            }

            if (known.TryGetValue(key, out int same))
            {
                return same;
            }
        }

        int place = chips.Count;
        known?.Add(key, place);
        Span<double> row = chips.Add(baseNumbers);
        foreach (ref readonly LaneWrite write in writes.Writes.AsSpan())
        {
            if (isPrefill ? write.OnPrefill : write.OnDecode)
            {
                row[write.Place] = Checked(write);
            }
        }

        return place;
    }

    /// <summary>What is written; a derived number is looked at here, since nothing could look at all of them before.</summary>
    private double Checked(in LaneWrite write)
    {
        double value = values.At(write.Source) * write.Factor;
        return write.Source < plan.Space.ColumnCount || write.Field.Accepts(value)
            ? value
            : throw new FormulaException($"{plan.File.File}: {values.Describe()}: {write.Path.Text}: {write.Field.Complaint(value)}");
    }
}

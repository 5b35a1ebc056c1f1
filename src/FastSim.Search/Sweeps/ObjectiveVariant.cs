using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Search.Sweeps;

/// <summary>
/// The best plan of a variant under an objective that is no throughput: picked from the variant's front as a run of its own does, then answered as a sweep
/// whose only plan it is, so that its row has the figures that every other row has.
/// </summary>
public static class ObjectiveVariant
{
    /// <summary>The answer.</summary>
    /// <param name="job">The job as the variant has it; it must have a plan.</param>
    /// <param name="settings">The engine; the answer does not depend on it.</param>
    public static VariantResult Of(Job job, EngineSettings settings)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(settings);
        FrontPoint best = JobStudy.Of(job, 0, settings).BestOf(job.Objective)!;
        SweepJob pinned = new(PinnedJob.Of(job, best));
        VariantResult[] results = new VariantResult[1];
        new JobSweep(pinned, settings.Width, 1).Solve(Rows(pinned.PrefillNumbers.Values), Rows(pinned.DecodeNumbers.Values), [new ChipPlaces(0, 0)], results);
        return results[0] with
        {
            Prefill = Bounded(results[0].Prefill, job.Prefill),
            Decode = Bounded(results[0].Decode, job.Decode),
        };
    }

    private static ChipRows Rows(ReadOnlySpan<double> numbers)
    {
        ChipRows rows = new(numbers.Length);
        rows.Add(numbers);
        return rows;
    }

    /// <summary>It is the objective that keeps the batch from being larger, unless the user stated it.</summary>
    private static VariantPlan Bounded(in VariantPlan plan, PlanRestriction restriction) =>
        plan.IsFound && restriction.Batches is null ? plan with { BatchBound = BatchBound.Objective } : plan;
}

using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Search.Sweeps;

/// <summary>
/// The best plan of a variant under an objective that is no throughput, or under a limit of cost or energy: found as a run of its own does, then answered as a
/// sweep whose only plan it is, so that its row has the figures that every other row has.
/// </summary>
public static class ObjectiveVariant
{
    /// <summary>The answer.</summary>
    /// <param name="job">The job as the variant has it; it must have a plan but for its limits of cost and energy.</param>
    /// <param name="settings">The engine; the answer does not depend on it.</param>
    public static VariantResult Of(Job job, EngineSettings settings)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(settings);
        JobResult result = JobSolver.Solve(job with { Objective = PlanObjective.Throughput }, settings);
        if (!result.HasPlan)
        {
            return new VariantResult(
                default,
                default,
                result.NearestCost is { } dollars
                    ? new VariantMiss(MissKind.Cost, dollars, job.CostLimit!.Value)
                    : new VariantMiss(MissKind.Energy, result.NearestJoules!.Value, job.EnergyLimit!.Value),
                false);
        }

        FrontPoint best = job.Objective == PlanObjective.Throughput
            ? new FrontPoint(PlanOf(result.Job.Mode == ServingMode.Fusion ? null : result.Prefill), PlanOf(result.Decode), default)
            : JobStudy.Of(result with { Job = job }, 0, settings).BestOf(job.Objective)!;
        Job pinned = PinnedJob.Of(job, best);
        VariantResult found = Solve(pinned, settings);
        VariantResult open = Solve(pinned with { Prefill = pinned.Prefill with { Batches = null }, Decode = pinned.Decode with { Batches = null } }, settings);
        return found with
        {
            Prefill = Bounded(found.Prefill, open.Prefill, job.Prefill),
            Decode = Bounded(found.Decode, open.Decode, job.Decode),
        };
    }

    /// <summary>A winner, as far as it takes to pin it.</summary>
    private static FrontPlan? PlanOf(PhaseWinner? winner) => winner is { } won ? new FrontPlan(won.Layout, won.Shape.MicroBatches, won.Sequences, default) : null;

    private static VariantResult Solve(Job job, EngineSettings settings)
    {
        SweepJob sweep = new(job);
        VariantResult[] results = new VariantResult[1];
        new JobSweep(sweep, settings.Width, 1).Solve(Rows(sweep.PrefillNumbers.Values), Rows(sweep.DecodeNumbers.Values), [new ChipPlaces(0, 0)], results);
        return results[0];
    }

    private static ChipRows Rows(ReadOnlySpan<double> numbers)
    {
        ChipRows rows = new(numbers.Length);
        rows.Add(numbers);
        return rows;
    }

    /// <summary>What keeps the batch from being larger: what does so where throughput counts and the batch is the same, the objective elsewhere; or the user stated it.</summary>
    private static VariantPlan Bounded(in VariantPlan plan, in VariantPlan open, PlanRestriction restriction) =>
        !plan.IsFound || restriction.Batches is not null ? plan
        : plan with { BatchBound = open.IsFound && open.Sequences == plan.Sequences ? open.BatchBound : BatchBound.Objective };
}

using FastSim.Kernels.Plans;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;

namespace FastSim.Search.Fronts;

/// <summary>
/// The batches of a layout of which no larger one yields as much for as little work a token. Work a token never rises with the batch (docs/cost-model.md,
/// "Objective and order"), nor does throughput fall within a run of batches at which every efficiency is the same: of each run the largest batch within the
/// limits is all there is to look at, and of flat tables one batch in all. Figures that differ by rounding count as the same, the larger batch then stands for both.
/// Serves one thread.
/// </summary>
internal sealed class FrugalBatches
{
    private readonly EfficiencyRuns runs = new();
    private double mostTokens;
    private double leastWork;

    /// <summary>Finds them.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="steps">The batches that are tried.</param>
    /// <param name="largest">Largest batch that fits, in units; at least 1.</param>
    /// <param name="isCounted">Whether every batch is looked at, whatever is known of those between.</param>
    /// <param name="take">Takes a batch, its figures and its draw.</param>
    public void Find<TPlan>(
        in TPlan plan, LatencyLimits limits, BatchSteps steps, long largest, bool isCounted, Action<double, PlanFigures, CardDraw> take)
        where TPlan : struct, IBatchPlan
    {
        (mostTokens, leastWork) = (0, double.PositiveInfinity);
        if (isCounted)
        {
            for (long units = largest; units > 0; units--)
            {
                Look(plan, limits, steps.At(units), take);
            }

            return;
        }

        if (plan.IsMonotone)
        {
            BatchChoice choice = BatchSearch.Bisect(plan, limits, steps, largest);
            Look(plan, limits, choice.Sequences, take);
            return;
        }

        plan.Load(runs, steps);
        for (long top = largest; top > 0;)
        {
            long start = runs.StartOf(top);
            if (LargestWithin(plan, limits, steps, start, top) is var units and > 0)
            {
                Look(plan, limits, steps.At(units), take);
            }

            top = start - 1;
        }
    }

    /// <summary>Takes a batch that meets the limits and that no larger one beats.</summary>
    private void Look<TPlan>(in TPlan plan, LatencyLimits limits, double sequences, Action<double, PlanFigures, CardDraw> take)
        where TPlan : struct, IBatchPlan
    {
        PlanFigures figures = plan.At(sequences);
        if (!limits.Accept(figures))
        {
            return;
        }

        CardDraw draw = plan.Draw(sequences);
        double work = draw.WorkWatts / figures.TokensPerRankSecond;
        bool isBetter = figures.TokensPerRankSecond > mostTokens * Slack.Above || work < leastWork * Slack.Below;
        (mostTokens, leastWork) = (Math.Max(mostTokens, figures.TokensPerRankSecond), Math.Min(leastWork, work));
        if (isBetter)
        {
            take(sequences, figures, draw);
        }
    }

    /// <summary>The largest batch of a run that meets the limits, in units; 0 where none does.</summary>
    private static long LargestWithin<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long start, long top)
        where TPlan : struct, IBatchPlan
    {
        (long accepted, long refused) = (start - 1, top + 1);
        for (long probe = top; refused - accepted > 1; probe = accepted + ((refused - accepted) / 2))
        {
            (accepted, refused) = limits.Accept(plan.At(steps.At(probe))) ? (probe, refused) : (accepted, probe);
        }

        return accepted >= start ? accepted : 0;
    }
}

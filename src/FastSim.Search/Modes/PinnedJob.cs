using FastSim.Kernels.Models;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;

namespace FastSim.Search.Modes;

/// <summary>A job that leaves nothing open: one deployment of another job, to be explained.</summary>
public static class PinnedJob
{
    /// <summary>The job whose only plan is a deployment.</summary>
    /// <param name="job">The job that it is a deployment of.</param>
    /// <param name="point">The deployment.</param>
    public static Job Of(Job job, FrontPoint point)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(point);
        FrontPlan? replicated = point.Decode ?? point.Prefill;
        int redundant = replicated!.Value.Layout.RedundantExperts;
        return job with
        {
            Splits = job.Mode == ServingMode.Fusion ? null : [new CardSplit(point.Prefill?.Layout.Cards ?? 0, point.Decode?.Layout.Cards ?? 0)],
            CardCounts = job.CardCounts is null ? null : [point.Cards],
            Prefill = Restriction(job.Model, point.Prefill),
            Decode = Restriction(job.Model, point.Decode),
            Objective = PlanObjective.Throughput,
            CostLimit = null,
            EnergyLimit = null,
            Redundancy = point.Decode is null ? job.Redundancy : new RedundancyRange(redundant, redundant),
        };
    }

    private static PlanRestriction Restriction(TransformerModel model, FrontPlan? plan)
    {
        if (plan is not { Layout: { } layout } known)
        {
            return PlanRestriction.None;
        }

        int sequences = checked((int)known.Sequences);
        return new PlanRestriction(
            [
                new AttentionTriple(
                    layout.DataParallel, layout.PipelineParallel, layout.TensorParallel, layout.ContextParallel, layout.AttentionDataParallel, layout.SequenceParallel)
                {
                    FeedForward = layout.FeedForward,
                },
            ],
            model.Experts is null ? null : [new ExpertTriple(layout.ExpertParallel, layout.ExpertTensorParallel, layout.ExpertDataParallel)],
            [new BatchTriple(checked(sequences * known.MicroBatches), known.MicroBatches, sequences)])
        {
            Second = [layout.Second],
        };
    }
}

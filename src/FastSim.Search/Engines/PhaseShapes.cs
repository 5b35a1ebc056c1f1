using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Search.Engines;

/// <summary>The plan shapes of a phase of a job and what bounds each on any variant of its chip. Made once, then read by every thread.</summary>
internal sealed class PhaseShapes
{
    private PhaseShapes(Job job, ShapeCatalog catalog, ShapeOutline?[] outlines, int cardCounts)
    {
        Job = job;
        Catalog = catalog;
        Outlines = outlines;
        CardCounts = cardCounts;
        for (int shape = 0; shape < outlines.Length; shape++)
        {
            double layouts = catalog.Shapes[shape].UseCount;
            (Reachable, Unreachable) = outlines[shape] is null ? (Reachable, Unreachable + layouts) : (Reachable + layouts, Unreachable);
        }
    }

    /// <summary>The job.</summary>
    public Job Job { get; }

    /// <summary>The shapes.</summary>
    public ShapeCatalog Catalog { get; }

    /// <summary>What bounds each shape; null where the network does not reach.</summary>
    public ShapeOutline?[] Outlines { get; }

    /// <summary>Card counts the phase is searched on.</summary>
    public int CardCounts { get; }

    /// <summary>Layouts that the network reaches across.</summary>
    public double Reachable { get; }

    /// <summary>Layouts that it does not.</summary>
    public double Unreachable { get; }

    /// <summary>Outlines every shape, near the batches that the job's own chip would take.</summary>
    public static PhaseShapes Of<TPlan, TFactory>(
        Job job, Phase phase, TFactory factory, PlanRestriction restriction, IReadOnlyList<int> cardCounts)
        where TPlan : struct, IBatchPlan
        where TFactory : struct, IPlanFactory<TPlan>
    {
        PlanSpace[] spaces = [.. cardCounts.Select(cards => PlanSpace.Of(job, phase, cards, restriction))];
        ShapeCatalog catalog = new(
            spaces, restriction.Batches, job.Accounting, factory.Rates, leastRedundancyOnly: factory.Rates.HasFlatEfficiency);
        ShapeOutline?[] outlines = new ShapeOutline?[catalog.Shapes.Count];
        PlanTables tables = new() { LearnsLater = true };
        for (int shape = 0; shape < outlines.Length; shape++)
        {
            (ShapeKey key, Kernels.Stages.ParallelLayout layout, _, _) = catalog.Shapes[shape];
            TPlan plan = factory.Create(layout, key.MicroBatches, tables);
            if (plan.IsReachable)
            {
                BatchSteps steps = key.StatedBatch > 0 ? key.StatedBatch : factory.Steps(layout);
                long largest = Math.Max(1, plan.LargestBatch(steps));
                long near = key.StatedBatch > 0 ? 1 : Math.Max(1, LaneBatchSearch.Look(plan, job.Limits, steps, largest).Within);
                outlines[shape] = plan.Outline(steps.At(near), steps, key.StatedBatch > 0 ? 1 : long.MaxValue);
            }
        }

        return new PhaseShapes(job, catalog, outlines, cardCounts.Count);
    }
}

using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Laws.Tests;

/// <summary>A plan of each kind for a job: a layout that the choice picks among those its model can be cut into.</summary>
internal static class RandomPlans
{
    public static ParallelLayout? Layout(Job job, int choice)
    {
        ParallelLayout[] layouts =
            [.. new PlanSpace(job.Model, job.Cards, PlanRestriction.None, ExpertPlacement.Of(job, Phase.Decode)).Divisible()];
        return layouts.Length == 0 ? null : layouts[(int)((uint)choice % (uint)layouts.Length)];
    }

    public static DecodePlan Decode(Job job, ParallelLayout layout)
    {
        OperatorTable table = Lower(job, Phase.Decode, layout);
        return new DecodePlan(table, new ChipRates(job.DecodeChip, job.Types, job.Accounting, Phase.Decode), MemoryFootprint.Of(table));
    }

    public static PrefillPlan Prefill(Job job, ParallelLayout layout)
    {
        OperatorTable table = Lower(job, Phase.Prefill, layout);
        return new PrefillPlan(table, new ChipRates(job.DecodeChip, job.Types, job.Accounting, Phase.Prefill), MemoryFootprint.Of(table));
    }

    public static FusionPlan Fusion(Job job, ParallelLayout layout) => new(Decode(job, layout), Prefill(job, layout));

    private static OperatorTable Lower(Job job, Phase phase, ParallelLayout layout) => StageLowering.Lower(
        new DeploymentShape(
            job.Model, job.Lengths, job.Precision, job.Accounting, job.Prediction, phase, layout, layout.PipelineParallel)
        {
            Prefix = job.Prefix,
            Prefixes = job.Prefixes,
        });
}

using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;

namespace FastSim.Search.Modes;

/// <summary>A layout at one of its batches.</summary>
/// <param name="Plan">The plan at the batch.</param>
/// <param name="MemoryBytes">What a card holds.</param>
/// <param name="IsWithin">Whether it meets the limits.</param>
public readonly record struct ProfiledBatch(FrontPlan Plan, double MemoryBytes, bool IsWithin);

/// <summary>What a layout does over the batch, up to the largest that fits, the limits aside.</summary>
public static class BatchProfile
{
    /// <summary>Profiles a plan's layout.</summary>
    /// <param name="job">Its job.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="role">What its cards do.</param>
    public static IReadOnlyList<ProfiledBatch> Of(Job job, FrontPlan plan, ServingRole role)
    {
        ArgumentNullException.ThrowIfNull(job);
        return (job.Engine, role) switch
        {
            ({ }, _) => Of<ServingPlan, ServingFactory>(job, new ServingFactory(job, role), plan),
            (null, ServingRole.Both) => Of<FusionPlan, FusionFactory>(job, new FusionFactory(job), plan),
            (null, ServingRole.Prefill) => Of<PrefillPlan, PrefillFactory>(job, new PrefillFactory(job), plan),
            _ => Of<DecodePlan, DecodeFactory>(job, new DecodeFactory(job), plan),
        };
    }

    private static ProfiledBatch[] Of<TPlan, TFactory>(Job job, TFactory factory, FrontPlan known)
        where TPlan : struct, IBatchPlan
        where TFactory : struct, IPlanFactory<TPlan>
    {
        TPlan plan = factory.Create(known.Layout, known.MicroBatches);
        BatchSteps steps = factory.Steps(known.Layout);
        long largest = plan.LargestBatch(steps);
        if (largest == 0)
        {
            return [];
        }

        FrontBatches batches = new(largest);
        ProfiledBatch[] profile = new ProfiledBatch[batches.Count];
        for (int place = 0; place < profile.Length; place++)
        {
            double sequences = steps.At(batches.At(place));
            PlanFigures figures = plan.At(sequences);
            profile[place] = new ProfiledBatch(
                known with { Sequences = sequences, Figures = figures }, plan.MemoryBytes(sequences), job.Limits.Accept(figures));
        }

        return profile;
    }
}

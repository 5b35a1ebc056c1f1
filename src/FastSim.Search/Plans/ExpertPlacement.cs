using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Search.Plans;

/// <summary>Which replicas of experts a phase may deploy.</summary>
/// <param name="Redundancy">Redundant experts to try.</param>
/// <param name="SharedOnEveryCard">Whether each card carries one shared expert instead of the model's replicas.</param>
public readonly record struct ExpertPlacement(RedundancyRange Redundancy, bool SharedOnEveryCard)
{
    /// <summary>
    /// What a job asks for: its decode settings apply to decode and fusion alone, prefill deploys the model's own replicas. A model
    /// without shared experts has none to put on every card.
    /// </summary>
    public static ExpertPlacement Of(Job job, Phase phase)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (job.Model.Experts is not { } experts)
        {
            return new ExpertPlacement(new RedundancyRange(0, 0), false);
        }

        RedundancyRange own = new(experts.RedundantExperts, experts.RedundantExperts);
        return phase == Phase.Prefill
            ? new ExpertPlacement(own, false)
            : new ExpertPlacement(job.Redundancy ?? own, job.SharedExpertOnEveryCard && experts.SharedExpertsPerToken > 0);
    }
}

using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Search.Plans;

/// <summary>What a phase's cards do with a sequence's tokens, which context parallelism shares out.</summary>
/// <param name="Prompts">Whether they prefill.</param>
/// <param name="Decodes">Whether they decode.</param>
/// <param name="PromptTokens">New tokens of a prompt; 0 where it is not known yet.</param>
public readonly record struct ContextUse(bool Prompts, bool Decodes, int PromptTokens = 0)
{
    /// <summary>Of a job's phase; decode stands for both of a fusion job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="phase">The phase.</param>
    public static ContextUse Of(Job job, Phase phase)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new ContextUse(phase == Phase.Prefill || job.Mode == ServingMode.Fusion, phase == Phase.Decode, job.Lengths.Input - (job.Prefixes?.Most ?? job.Model.CachedTokens));
    }
}

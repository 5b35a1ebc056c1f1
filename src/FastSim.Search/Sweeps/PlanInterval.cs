using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Plans;
using FastSim.Search.Jobs;

namespace FastSim.Search.Sweeps;

/// <summary>
/// What a plan achieves at its batch where every learned time is the shortest, or the longest, of its interval (docs/surrogate.md, "Intervals of a plan"). The
/// plan itself lies between.
/// </summary>
/// <param name="Fastest">At the shortest times.</param>
/// <param name="Slowest">At the longest.</param>
public readonly record struct PlanInterval(PlanFigures Fastest, PlanFigures Slowest)
{
    /// <summary>The job at both ends of its chips' intervals; none where no learned efficiency that has some prices its launches first.</summary>
    /// <param name="job">The job.</param>
    public static IReadOnlyList<Job> Ends(Job job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return AreStated(job) ? [At(job, isSlow: false), At(job, isSlow: true)] : [];
    }

    /// <summary>Whether plans of a job have intervals.</summary>
    /// <param name="job">The job.</param>
    public static bool AreStated(Job job)
    {
        ArgumentNullException.ThrowIfNull(job);
        bool isLearned = job.Engine is null || (job.Timing.Count > 0 && job.Timing[0] == ClockKind.Learned);
        return isLearned && (IntervalEnd.Has(job.PrefillChip.Efficiency) || IntervalEnd.Has(job.DecodeChip.Efficiency));
    }

    /// <summary>The interval of a plan. Some of what an engine's launches take is a difference of learned times: an end is never on the wrong side of the plan.</summary>
    /// <param name="plan">What the plan achieves.</param>
    /// <param name="one">What it does at one end.</param>
    /// <param name="other">What it does at the other.</param>
    internal static PlanInterval Of(in PlanFigures plan, in PlanFigures one, in PlanFigures other) => new(
        plan with
        {
            FirstTokenSeconds = Math.Min(plan.FirstTokenSeconds, Math.Min(one.FirstTokenSeconds, other.FirstTokenSeconds)),
            PerTokenSeconds = Math.Min(plan.PerTokenSeconds, Math.Min(one.PerTokenSeconds, other.PerTokenSeconds)),
            PassSeconds = Math.Min(plan.PassSeconds, plan.TokensPerRank * Math.Min(Each(one), Each(other))),
        },
        plan with
        {
            FirstTokenSeconds = Math.Max(plan.FirstTokenSeconds, Math.Max(one.FirstTokenSeconds, other.FirstTokenSeconds)),
            PerTokenSeconds = Math.Max(plan.PerTokenSeconds, Math.Max(one.PerTokenSeconds, other.PerTokenSeconds)),
            PassSeconds = Math.Max(plan.PassSeconds, plan.TokensPerRank * Math.Max(Each(one), Each(other))),
        });

    /// <summary>Seconds that a token of a rank takes.</summary>
    private static double Each(in PlanFigures figures) => figures.PassSeconds / figures.TokensPerRank;

    private static Job At(Job job, bool isSlow) => job with { PrefillChip = At(job.PrefillChip, isSlow), DecodeChip = At(job.DecodeChip, isSlow) };

    private static Chip At(Chip chip, bool isSlow) => IntervalEnd.Has(chip.Efficiency) ? chip with { Efficiency = new IntervalEnd(chip.Efficiency!, isSlow) } : chip;
}

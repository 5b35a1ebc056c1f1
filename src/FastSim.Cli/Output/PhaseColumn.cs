using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Rates;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>One phase of one job, as a result table shows it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Phase">The phase.</param>
/// <param name="Winner">Its best plan, or null.</param>
/// <param name="IsInPlay">Whether the phase ran, or would have had the job a plan: if not, its cells stay empty.</param>
internal sealed record PhaseColumn(Job Job, Phase Phase, PhaseWinner? Winner, bool IsInPlay)
{
    public static PhaseColumn Of(JobResult result, Phase phase)
    {
        bool isPrefill = phase == Phase.Prefill;
        PhaseWinner? winner = isPrefill ? result.Prefill : result.Decode;
        bool searched = result.Job.Mode == ServingMode.Fusion || (isPrefill ? result.PrefillTally : result.DecodeTally) is not null;
        return new PhaseColumn(result.Job, phase, winner, winner is not null || (!result.HasPlan && searched));
    }

    public Chip Chip => Phase == Phase.Prefill ? Job.PrefillChip : Job.DecodeChip;

    public ChipRates Rates => new(Chip, Job.Types, Job.Accounting, Phase);

    public double? LimitMilliseconds => Phase == Phase.Prefill ? Job.Limits.FirstTokenMilliseconds : Job.Limits.PerTokenMilliseconds;

    /// <summary>Cards of the phase: the winner's, or what the user stated when there is none.</summary>
    public int? Cards
    {
        get
        {
            if (Winner is not null)
            {
                return Winner.Layout.Cards;
            }

            if (Job.Mode == ServingMode.Fusion)
            {
                return Job.Cards;
            }

            return Job.Splits is [var split] ? (Phase == Phase.Prefill ? split.PrefillCards : split.DecodeCards) : null;
        }
    }
}

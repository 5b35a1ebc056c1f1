using FastSim.Kernels.Chips;
using FastSim.Search.Jobs;

namespace FastSim.Search.Sweeps;

/// <summary>
/// Which way a chip's numbers help. At any plan and batch no operator and no exchange takes longer on a chip of a higher rate or a lower latency, and
/// nothing is held that a larger memory does not hold (docs/cost-model.md): so the plans and batches that meet the limits grow with such a number,
/// and the most requests/s among them never falls.
/// </summary>
public static class ChipLaws
{
    /// <summary>1 where more of a number never serves fewer requests, -1 where less never does, 0 where no plan depends on it.</summary>
    /// <param name="place">Place among <see cref="ChipNumbers"/>.</param>
    /// <param name="networkTiers">Tiers of the chip.</param>
    public static int DirectionOf(int place, int networkTiers)
    {
        if (place is ChipNumbers.DollarsPerHour or ChipNumbers.SecondDollarsPerHour or ChipNumbers.BoardWatts)
        {
            return 0;
        }

        bool isLess = place is ChipNumbers.StaticLatencySeconds or ChipNumbers.IdleWatts or ChipNumbers.MemoryJoulesPerByte
            or ChipNumbers.SecondJoulesPerByte;
        foreach (OperatorRate rate in Enum.GetValues<OperatorRate>())
        {
            isLess |= place == ChipNumbers.JoulesPerFlop(rate);
        }

        for (int tier = 0; tier < networkTiers; tier++)
        {
            isLess |= place == ChipNumbers.HopSeconds(tier) || place == ChipNumbers.LinkJoulesPerByte(tier);
        }

        return isLess ? -1 : 1;
    }

    /// <summary>Why the laws do not hold for a job; null where they do.</summary>
    /// <param name="job">The job.</param>
    public static string? Exception(Job job)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (job.Engine is { } engine)
        {
            return $"plans of an engine ({engine.Name}), whose launches, waves and closed loop have no law that a faster chip is never worse";
        }

        if (job.PrefillChip.Efficiency is not null || job.DecodeChip.Efficiency is not null)
        {
            return "a learned efficiency, which has no law that a faster chip is never worse";
        }

        if (job.HasEconomicLimit)
        {
            return $"a limit of {(job.CostLimit is null ? "energy" : "cost")}, under which a faster chip may serve less";
        }

        return job.Objective != PlanObjective.Throughput ? $"an objective of {job.Objective.ToString().ToLowerInvariant()}, of which no law bounds a variant" : null;
    }
}

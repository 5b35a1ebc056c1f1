using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>What all jobs of a table decide about the rows it has, whichever of them are at hand.</summary>
/// <param name="NetworkTiers">Network tiers of the chip that has most.</param>
/// <param name="IsFusion">Whether all are fused.</param>
/// <param name="HasLearnedEfficiency">Whether some chip has a learned efficiency.</param>
/// <param name="Economics">What some chip states of cost and energy.</param>
internal readonly record struct TableShape(int NetworkTiers, bool IsFusion, bool HasLearnedEfficiency, StatedEconomics Economics)
{
    /// <summary>Whether some job may keep something in a second memory, or prefixes elsewhere.</summary>
    public bool HasSecondMemory { get; private init; }

    /// <summary>Dimensions of layouts that some job asks for.</summary>
    public AskedDimensions Asked { get; private init; }

    /// <summary>The shape of a table of some jobs.</summary>
    public static TableShape Of(IReadOnlyList<Job> jobs) => new(
        jobs.Max(job => Math.Max(job.PrefillChip.Networks.Count, job.DecodeChip.Networks.Count)),
        jobs.All(job => job.Mode == ServingMode.Fusion),
        jobs.Any(job => job.PrefillChip.Efficiency is not null || job.DecodeChip.Efficiency is not null),
        StatedEconomics.Of(jobs.SelectMany(job => new[] { job.PrefillChip, job.DecodeChip })))
    {
        HasSecondMemory = jobs.Any(SecondMemoryRows.AreAsked),
        Asked = AskedDimensions.Of(jobs),
    };
}

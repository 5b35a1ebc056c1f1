using FastSim.Cli.Sweeps;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Commands;

/// <summary>What <c>fastsim sweep</c> or <c>fastsim merge</c> was asked.</summary>
/// <param name="SweepFile">The sweep file.</param>
/// <param name="OutputFolder">Folder of the results; null leaves the file's.</param>
/// <param name="Accounting">Accounting in place of the runtime's; null leaves it.</param>
/// <param name="AllowUnknownKeys">Whether unknown keys are warnings.</param>
/// <param name="Quiet">Whether to print nothing but errors.</param>
/// <param name="Json">Whether the summary is JSON.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Width">Lane width.</param>
/// <param name="Resume">Whether to go on with an unfinished sweep.</param>
/// <param name="Restart">Whether to discard an unfinished sweep.</param>
/// <param name="Shard">Part of the sweep to do.</param>
/// <param name="Plots">Whether to write the report's plots as files, too.</param>
/// <param name="EfficiencyModel">File of a learned efficiency; null leaves the files'.</param>
/// <param name="BeyondContext">Whether to answer for contexts that a model's positions do not reach.</param>
public sealed record SweepOptions(
    string SweepFile,
    string? OutputFolder,
    Accounting? Accounting,
    bool AllowUnknownKeys,
    bool Quiet,
    bool Json,
    int Threads,
    LaneWidth Width,
    bool Resume,
    bool Restart,
    Shard Shard,
    bool Plots,
    string? EfficiencyModel,
    bool BeyondContext)
{
    /// <summary>Whether to study each variant and put their fronts together.</summary>
    public bool Front { get; init; }

    /// <summary>Whether to search for the best alone, in place of an answer for every variant.</summary>
    public bool Optimise { get; init; }

    /// <summary>What the report is called; null for what the sweep is about.</summary>
    public string? Title { get; init; }

    /// <summary>What prices an engine's launches, the first choice first; null leaves the runtime's word.</summary>
    public IReadOnlyList<ClockKind>? Timing { get; init; }
}

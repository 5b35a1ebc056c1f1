using FastSim.Cli.Configuration;
using FastSim.Search.Engines;

namespace FastSim.Cli.Commands;

/// <summary>What <c>fastsim run</c> was asked.</summary>
/// <param name="RuntimeFile">The runtime file.</param>
/// <param name="Overrides">What the command line says over it.</param>
/// <param name="AllowUnknownKeys">Whether unknown keys are warnings.</param>
/// <param name="Quiet">Whether to print nothing but errors.</param>
/// <param name="Json">Whether the summary is JSON.</param>
/// <param name="Engine">How plans are searched.</param>
public sealed record RunOptions(
    string RuntimeFile,
    RuntimeOverrides Overrides,
    bool AllowUnknownKeys,
    bool Quiet,
    bool Json,
    EngineSettings Engine)
{
    /// <summary>Whether to write each job's front, and what its best layout does over the batch.</summary>
    public bool Front { get; init; }

    /// <summary>Whether to write a page a job.</summary>
    public bool Report { get; init; }

    /// <summary>The command that asks the same again.</summary>
    public string Command { get; init; } = "fastsim run";

    /// <summary>Folder of launch files; null for none.</summary>
    public string? LaunchFolder { get; init; }
}

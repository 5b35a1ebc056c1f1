using FastSim.Cli.Configuration;

namespace FastSim.Cli.Commands;

/// <summary>What <c>fastsim run</c> was asked.</summary>
/// <param name="RuntimeFile">The runtime file.</param>
/// <param name="Overrides">What the command line says over it.</param>
/// <param name="AllowUnknownKeys">Whether unknown keys are warnings.</param>
/// <param name="Quiet">Whether to print nothing but errors.</param>
/// <param name="Json">Whether the summary is JSON.</param>
/// <param name="Threads">Threads to use, or -1 for one a core.</param>
public sealed record RunOptions(
    string RuntimeFile,
    RuntimeOverrides Overrides,
    bool AllowUnknownKeys,
    bool Quiet,
    bool Json,
    int Threads);

using FastSim.Cli.Configuration;
using FastSim.Cli.Planning;
using FastSim.Search.Engines;

namespace FastSim.Cli.Commands;

/// <summary>What <c>fastsim plan</c> was asked.</summary>
/// <param name="Request">The question.</param>
/// <param name="Chips">Chips to answer for, by name or file.</param>
/// <param name="SystemFolders">The user's folders of chips.</param>
/// <param name="Cards">Cards.</param>
/// <param name="RequestsPerSecond">Requests/s that the fewest cards are to serve; null for what the cards can do.</param>
/// <param name="Ranked">How many deployments to rank.</param>
/// <param name="RuntimeFile">File for the runtime; null for none.</param>
/// <param name="OutputFolder">Folder for tables; null for none.</param>
/// <param name="LaunchFolder">Folder of launch files; null for none.</param>
/// <param name="Overrides">What else the command line says of the runtime.</param>
/// <param name="AllowUnknownKeys">Whether unknown keys are warnings.</param>
/// <param name="Quiet">Whether to print nothing but errors.</param>
/// <param name="Json">Whether the answer is JSON.</param>
/// <param name="Csv">Whether the answer is the ranking as CSV.</param>
/// <param name="Settings">How plans are searched.</param>
internal sealed record PlanOptions(
    PlanRequest Request,
    IReadOnlyList<string> Chips,
    IReadOnlyList<string> SystemFolders,
    CardRange Cards,
    double? RequestsPerSecond,
    int Ranked,
    string? RuntimeFile,
    string? OutputFolder,
    string? LaunchFolder,
    RuntimeOverrides Overrides,
    bool AllowUnknownKeys,
    bool Quiet,
    bool Json,
    bool Csv,
    EngineSettings Settings)
{
    /// <summary>The command that asks the same again.</summary>
    public required string Command { get; init; }
}

using FastSim.Cli.Configuration;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>What a run says of one mode.</summary>
/// <param name="Run">The mode.</param>
/// <param name="Results">Its results.</param>
/// <param name="ResultPath">Its table of every phase; null where none is written.</param>
/// <param name="SearchTime">Wall time of the search.</param>
public sealed record ModeReport(ModeRun Run, IReadOnlyList<JobResult> Results, string? ResultPath, TimeSpan SearchTime);

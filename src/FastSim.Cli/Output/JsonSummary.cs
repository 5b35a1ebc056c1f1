using System.Text.Json;
using System.Text.Json.Serialization;
using FastSim.Kernels.Deployment;
using FastSim.Kernels.Hardware;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>The summary for programs, <c>--json</c>.</summary>
internal static class JsonSummary
{
    /// <summary>The summary's text.</summary>
    public static string Of(IReadOnlyList<ModeSummary> modes, IReadOnlyList<string> warnings) =>
        JsonSerializer.Serialize(new RunSummary(modes, warnings), JsonSummaryContext.Default.RunSummary);

    /// <summary>Adds a mode's results, or the next part of them.</summary>
    /// <param name="modes">The modes so far.</param>
    /// <param name="report">The results.</param>
    public static void Add(List<ModeSummary> modes, ModeReport report)
    {
        ModeSummary part = Mode(report);
        if (modes.Count > 0 && modes[^1].Mode == part.Mode)
        {
            modes[^1].Jobs.AddRange(part.Jobs);
            modes[^1] = modes[^1] with { SearchSeconds = modes[^1].SearchSeconds + part.SearchSeconds };
        }
        else
        {
            modes.Add(part);
        }
    }

    private static ModeSummary Mode(ModeReport report) => new(
        report.Run.Name,
        report.ResultPath,
        report.SearchTime.TotalSeconds,
        [.. report.Results.Select(JobOf)]);

    private static JobSummary JobOf(JobResult result) => new(
        result.Job.Index,
        result.Job.Model.Name,
        result.HasPlan,
        Phase(result.Prefill),
        Phase(result.Decode),
        Tally(result.PrefillTally),
        Tally(result.DecodeTally));

    private static PhaseSummary? Phase(PhaseWinner? winner) => winner is null
        ? null
        : new PhaseSummary(
            winner.Rates.Chip.Name,
            winner.Layout.Cards,
            winner.Layout,
            winner.Sequences,
            winner.Shape.MicroBatches,
            winner.TokensPerSecond,
            winner.TokensPerSecond / winner.Layout.Cards,
            winner.RequestsPerSecond,
            winner.LatencySeconds * 1000,
            winner.Memory.TotalBytes(winner.Sequences) / DeviceMemory.BytesPerGibibyte,
            winner.Rates.Chip.Memory.CapacityGibibytes,
            Bottleneck.Of(winner),
            winner.IsBeyondTraining);

    private static TallySummary? Tally(SearchTally? tally) => tally is null
        ? null
        : new TallySummary(
            tally.Covered,
            tally.Indivisible,
            tally.Unreachable,
            tally.TooLarge,
            tally.TooSlow,
            tally.Outbid,
            tally.Feasible,
            new CandidateSummary(
                tally.Candidates,
                tally.Evaluated,
                tally.CandidatesIndivisible,
                tally.CandidatesTooLarge,
                tally.CandidatesTooSlow,
                tally.CandidatesOutbid),
            TallyText.NearestMiss(tally));
}

internal sealed record RunSummary(IReadOnlyList<ModeSummary> Modes, IReadOnlyList<string> Warnings);

internal sealed record ModeSummary(string Mode, string ResultFile, double SearchSeconds, List<JobSummary> Jobs);

internal sealed record JobSummary(
    int Run,
    string Model,
    bool HasPlan,
    PhaseSummary? Prefill,
    PhaseSummary? Decode,
    TallySummary? PrefillPlans,
    TallySummary? DecodePlans);

internal sealed record PhaseSummary(
    string System,
    int Cards,
    ParallelLayout Layout,
    double SequencesPerRank,
    int MicroBatches,
    double TokensPerSecond,
    double TokensPerSecondPerCard,
    double RequestsPerSecond,
    double LatencyMilliseconds,
    double MemoryGibibytes,
    double CapacityGibibytes,
    string BoundBy,
    bool? BeyondTraining);

internal sealed record TallySummary(
    long Covered,
    long RemovedByDivisibility,
    long RemovedByNetworkReach,
    long RemovedByMemory,
    long RemovedByLatency,
    long RemovedByBound,
    long Feasible,
    CandidateSummary Candidates,
    string? NearestMiss);

/// <summary>Plans times batches.</summary>
internal sealed record CandidateSummary(
    double Covered,
    double Evaluated,
    double PrunedByDivisibility,
    double PrunedByMemory,
    double PrunedByLatency,
    double PrunedByBound);

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunSummary))]
internal sealed partial class JsonSummaryContext : JsonSerializerContext;

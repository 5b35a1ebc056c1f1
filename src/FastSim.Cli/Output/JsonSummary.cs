using System.Text.Json;
using System.Text.Json.Serialization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>The summary for programs, <c>--json</c>.</summary>
internal static class JsonSummary
{
    /// <summary>Writes the summary, a line of its own at the end.</summary>
    /// <param name="modes">The modes.</param>
    /// <param name="reports">Modes whose jobs were answered at once: splits and fusions of one question among them stand side by side.</param>
    /// <param name="warnings">The warnings.</param>
    /// <param name="writer">Where it goes, piece by piece; to a program in process all at once.</param>
    /// <param name="isForCaller">Whether a program in process reads it: without the line ends and indents that people go by, a third of it.</param>
    /// <exception cref="ConfigurationException">A figure is not finite.</exception>
    public static void Write(
        IReadOnlyList<ModeSummary> modes, IReadOnlyList<ModeReport> reports, IReadOnlyList<string> warnings, TextWriter writer, bool isForCaller)
    {
        RunSummary summary = new(modes, [.. DeploymentText.Questions(reports).Select(SideBySide)], warnings);
        try
        {
            using TextStream stream = new(writer);
            if (isForCaller)
            {
                using Utf8JsonWriter json = new(stream);
                JsonSerializer.Serialize(json, summary, JsonSummaryContext.Default.RunSummary);
            }
            else
            {
                JsonSerializer.Serialize(stream, summary, JsonSummaryContext.Default.RunSummary);
            }
        }
        catch (ArgumentException exception)
        {
            throw IndentedJson.NotFinite(exception);
        }

        writer.WriteLine();
    }

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

    private static SideBySideSummary SideBySide(JobResult[] answers) => new(
        answers[0].Job.Model.Name,
        [.. answers.Where(answer => answer.Job.Mode == ServingMode.Split).Select(answer => answer.Job.Index)],
        [.. answers.Where(answer => answer.Job.Mode == ServingMode.Fusion).Select(answer => answer.Job.Index)]);

    private static ModeSummary Mode(ModeReport report) => new(
        report.Run.Name,
        report.ResultPath,
        report.SearchTime.TotalSeconds,
        [.. report.Results.Select(JobOf)]);

    private static JobSummary JobOf(JobResult result) => new(
        result.Job.Index,
        result.Job.Model.Name,
        result.HasPlan,
        Deployment(result),
        EconomicsSummary.Of(DeploymentEconomics.Of(result)),
        Phase(result.Prefill, result.Job),
        Phase(result.Decode, result.Job),
        Tally(result.PrefillTally),
        Tally(result.DecodeTally),
        TallyText.NearestMiss(result));

    private static DeploymentSummary? Deployment(JobResult result) => DeploymentFigures.Of(result) is { } figures
        ? new DeploymentSummary(
            figures.RequestsPerSecond,
            figures.TokensPerSecond,
            figures.TokensPerSecondPerCard,
            figures.Cards,
            figures.IdleCards,
            figures.Binding switch
            {
                Kernels.Models.Phase.Prefill => "prefill",
                Kernels.Models.Phase.Decode => "decode",
                _ => null,
            },
            figures.PrefillRequestsPerSecond,
            figures.DecodeRequestsPerSecond)
        : null;

    private static PhaseSummary? Phase(PhaseWinner? winner, Job job) => winner is null
        ? null
        : new PhaseSummary(
            winner.Rates.Chip.Name,
            winner.Layout.Cards,
            LayoutSummary.Of(winner.Layout, job),
            winner.Sequences,
            winner.Shape.MicroBatches,
            winner.SequencesPerCard,
            winner.InFlight,
            winner.TokensPerSecond,
            winner.TokensPerSecond / winner.Layout.Cards,
            winner.ComputedTokensPerSecond,
            winner.RequestsPerSecond,
            winner.LatencySeconds * 1000,
            winner.Memory.TotalBytes(winner.Sequences) / DeviceMemory.BytesPerGibibyte,
            winner.Rates.Chip.Memory.CapacityGibibytes,
            Bottleneck.Of(winner),
            winner.IsBeyondTraining,
            winner.Shape.Engine?.Name,
            winner.Shape.Engine is null ? null : winner.WorkedSequences,
            TimingText.Shares(winner),
            winner.Shape.Engine is null ? null : TimingText.ByRoofline(winner),
            PoolSummary.Of(winner.Pool))
        {
            SecondMemory = SecondMemorySummary.Of(winner),
        };

    private static TallySummary? Tally(SearchTally? tally) => tally is null
        ? null
        : new TallySummary(
            tally.Covered,
            tally.Indivisible,
            tally.SplitBlocks,
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
            TallyText.NearestMiss(tally),
            tally.Refused.Count == 0 ? null : tally.Refused.Values.Sum());
}

internal sealed record RunSummary(
    IReadOnlyList<ModeSummary> Modes, IReadOnlyList<SideBySideSummary> SideBySide, IReadOnlyList<string> Warnings);

internal sealed record ModeSummary(string Mode, string? ResultFile, double SearchSeconds, List<JobSummary> Jobs);

internal sealed record JobSummary(
    int Run,
    string Model,
    bool HasPlan,
    DeploymentSummary? Deployment,
    EconomicsSummary? Economics,
    PhaseSummary? Prefill,
    PhaseSummary? Decode,
    TallySummary? PrefillPlans,
    TallySummary? DecodePlans,
    string? NearestMiss);

/// <summary>Prefill and decode together.</summary>
internal sealed record DeploymentSummary(
    double RequestsPerSecond,
    double TokensPerSecond,
    double TokensPerSecondPerCard,
    int Cards,
    int IdleCards,
    string? BindingPhase,
    double? PrefillRequestsPerSecond,
    double? DecodeRequestsPerSecond);

/// <summary>Jobs of both modes that ask one question, by their places.</summary>
internal sealed record SideBySideSummary(string Model, IReadOnlyList<int> SplitRuns, IReadOnlyList<int> FusionRuns);

internal sealed record PhaseSummary(
    string System,
    int Cards,
    LayoutSummary Layout,
    double SequencesPerRank,
    int MicroBatches,
    double SequencesPerCard,
    double SequencesInFlight,
    double TokensPerSecond,
    double TokensPerSecondPerCard,
    double ComputedTokensPerSecond,
    double RequestsPerSecond,
    double LatencyMilliseconds,
    double MemoryGibibytes,
    double CapacityGibibytes,
    string BoundBy,
    bool? BeyondTraining,
    string? Engine,
    double? SequencesWorkedPerRank,
    IReadOnlyDictionary<string, double>? Timing,
    IReadOnlyList<string>? TimedByRoofline,
    PoolSummary? Economics)
{
    /// <summary>What lies in a second memory, and how long a pass streams; missing where none does.</summary>
    public SecondMemorySummary? SecondMemory { get; init; }
}

internal sealed record SecondMemorySummary(double Gibibytes, double CapacityGibibytes, double StreamMilliseconds, double ExposedMilliseconds)
{
    public static SecondMemorySummary? Of(PhaseWinner winner) => winner.Memory.SecondBytes(winner.Sequences) + winner.Breakdown.Time.StreamSeconds == 0
        ? null
        : new SecondMemorySummary(
            winner.Memory.SecondBytes(winner.Sequences) / DeviceMemory.BytesPerGibibyte,
            winner.Rates.SecondCapacityBytes / DeviceMemory.BytesPerGibibyte,
            winner.Breakdown.Time.StreamSeconds * 1000,
            winner.Breakdown.Time.WaitSeconds * 1000);
}

internal sealed record TallySummary(
    long Covered,
    long RemovedByDivisibility,
    long RemovedByQuantizationBlocks,
    long RemovedByNetworkReach,
    long RemovedByMemory,
    long RemovedByLatency,
    long PrunedByBound,
    long BestOf,
    CandidateSummary Candidates,
    string? NearestMiss,
    long? RemovedByEngine);

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

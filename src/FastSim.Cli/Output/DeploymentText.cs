using System.Globalization;
using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>Whole deployments in words.</summary>
internal static class DeploymentText
{
    /// <summary>What a split does as a whole; null for an answer of another kind, or of one phase.</summary>
    public static string? Split(JobResult result)
    {
        if (result.Job.Mode != ServingMode.Split || DeploymentFigures.Of(result) is not { } figures)
        {
            return null;
        }

        string binding = figures.Binding switch
        {
            Phase.Prefill => Text($"prefill binds, decode could serve {figures.DecodeRequestsPerSecond:G4}"),
            Phase.Decode => Text($"decode binds, prefill could serve {figures.PrefillRequestsPerSecond:G4}"),
            _ => "neither phase holds the other back",
        };
        return Text($"run_{result.Job.Index} split: {Rates(figures)}; {binding}; {figures.IdleCards:N0} of {result.Job.Cards:N0} cards idle");
    }

    /// <summary>How many of the cards a fusion uses; null where it uses all, and for an answer of another kind.</summary>
    public static string? PartlyUsed(JobResult result) =>
        result.Job.Mode == ServingMode.Fusion && DeploymentFigures.Of(result) is { IdleCards: > 0 } figures
            ? Text($"run_{result.Job.Index} fusion: {figures.IdleCards:N0} of {result.Job.Cards:N0} cards idle")
            : null;

    /// <summary>
    /// The splits and fusions of a run that answer one question, a model under one load on as many cards, next to each other; nothing where no
    /// question was asked of both.
    /// </summary>
    public static IEnumerable<string> SideBySide(IReadOnlyList<ModeReport> reports)
    {
        bool isFirst = true;
        foreach (JobResult[] answers in Questions(reports))
        {
            if (isFirst)
            {
                yield return "";
                yield return "split and fusion side by side";
                isFirst = false;
            }

            Job job = answers[0].Job;
            yield return Text($"{job.Model.Name}, {job.Lengths.Input} + {job.Lengths.Output} tokens, {job.Cards:N0} cards{Limits(job.Limits)}:");
            foreach (JobResult answer in answers)
            {
                string mode = answer.Job.Mode == ServingMode.Split ? "split " : "fusion";
                string chips = answer.Job.PrefillChip.Name == answer.Job.DecodeChip.Name
                    ? answer.Job.DecodeChip.Name
                    : $"{answer.Job.PrefillChip.Name} to {answer.Job.DecodeChip.Name}";
                yield return $"  {mode} run_{answer.Job.Index}, {chips}: {(DeploymentFigures.Of(answer) is { } figures ? Figures(figures) : OnePhase(answer))}";
            }
        }
    }

    /// <summary>Answers by question: those that both modes were asked, splits first.</summary>
    internal static IEnumerable<JobResult[]> Questions(IReadOnlyList<ModeReport> reports) => reports
        .SelectMany(report => report.Results)
        .GroupBy(result => (
            result.Job.Model, result.Job.Lengths, result.Job.Cards, result.Job.Precision, result.Job.Types, result.Job.Limits, result.Job.Accounting))
        .Select(group => group.OrderBy(result => result.Job.Mode).ToArray())
        .Where(answers => answers[0].Job.Mode != answers[^1].Job.Mode);

    private static string Figures(DeploymentFigures figures) =>
        Text($"{Rates(figures)}, TTFT {figures.FirstTokenMilliseconds:G4} ms, TPOT {figures.PerTokenMilliseconds:G4} ms, {figures.IdleCards:N0} idle");

    private static string Rates(DeploymentFigures figures) => Text(
        $"{figures.RequestsPerSecond:G4} requests/s, {figures.TokensPerSecond:N0} tokens/s in and out, {figures.TokensPerSecondPerCard:N1} a card of {figures.Cards:N0}");

    private static string OnePhase(JobResult answer) => answer.HasPlan ? "one phase alone" : "no plan";

    private static string Limits(LatencyLimits limits) => (limits.FirstTokenMilliseconds, limits.PerTokenMilliseconds) switch
    {
        ({ } first, { } token) => Text($", TTFT {first} ms, TPOT {token} ms at most"),
        ({ } first, null) => Text($", TTFT {first} ms at most"),
        (null, { } token) => Text($", TPOT {token} ms at most"),
        _ => "",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

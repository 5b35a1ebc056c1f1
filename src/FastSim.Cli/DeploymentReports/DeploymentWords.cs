using System.Globalization;
using FastSim.Cli.Output;
using FastSim.Cli.Planning;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;

namespace FastSim.Cli.DeploymentReports;

/// <summary>A deployment in words.</summary>
internal static class DeploymentWords
{
    private const double Milliseconds = 1000;

    /// <summary>The phases of a deployment that have cards, each with its name: where cards do both, their decoding.</summary>
    public static IReadOnlyList<(string Name, PhaseWinner Winner)> Pools(PlannedDeployment deployment) => deployment.IsSplit
        ? [.. new[] { deployment.Result.Prefill, deployment.Result.Decode }.OfType<PhaseWinner>().Select(phase => (PlannedDeployment.PhaseOf(phase), phase))]
        : [("every card", deployment.Result.Decode!)];

    /// <summary>How a deployment's cards share the work, a sentence a pool.</summary>
    public static IEnumerable<string> Sentences(PlannedDeployment deployment)
    {
        foreach ((string name, PhaseWinner phase) in Pools(deployment))
        {
            string chip = phase.Rates.Chip.Name;
            string who = deployment.IsSplit
                ? Text($"{phase.Layout.Cards:N0} {chip} {(name == "prefill" ? "prefill" : "decode")}")
                : Text($"{phase.Layout.Cards:N0} {chip} prefill and decode");
            yield return $"{who}, {LayoutWords.Of(phase.Layout, phase.Shape.Model.Experts is not null)}, {BatchText.Of(phase)}.";
        }

        if (deployment.IdleCards > 0)
        {
            yield return Text($"{deployment.Point.Cards:N0} of {deployment.Job.Cards:N0} cards are in use.");
        }
    }

    /// <summary>Cards and layouts in few words.</summary>
    public static string Layouts(Job job, FrontPoint point)
    {
        bool hasExperts = job.Model.Experts is not null;
        return string.Join(" + ", new[] { point.Prefill, point.Decode }.OfType<FrontPlan>().Select(plan => LayoutWords.Short(plan.Layout, hasExperts)));
    }

    /// <summary>The latencies that a deployment has.</summary>
    public static IEnumerable<string> Latencies(FrontPoint point)
    {
        if (point.Merit.FirstTokenSeconds > 0)
        {
            yield return Text($"TTFT {Labels(point.Merit.FirstTokenSeconds)} ms");
        }

        if (point.Decode is not null)
        {
            yield return Text($"TPOT {Labels(point.Merit.PerTokenSeconds)} ms");
        }

        static string Labels(double seconds) => Reports.Labels.Of(seconds * Milliseconds);
    }

    /// <summary>What was asked: model, load, cards and limits.</summary>
    public static string Question(Job job)
    {
        return Text($"{job.Lengths.Input:N0} prompt tokens and {job.Lengths.Output:N0} generated tokens a request; {LimitWords.Of(job) ?? "no latency limits"}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

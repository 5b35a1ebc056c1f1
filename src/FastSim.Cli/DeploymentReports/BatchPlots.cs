using System.Globalization;
using FastSim.Cli.Planning;
using FastSim.Cli.Reports;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Plans;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Cli.DeploymentReports;

/// <summary>Throughput and latencies of a deployment's layouts over the batch, with the limits and where it stands.</summary>
internal static class BatchPlots
{
    private const double Milliseconds = 1000;

    /// <summary>Draws every phase of a deployment.</summary>
    /// <param name="deployment">The deployment.</param>
    /// <param name="tips">Takes what marks say.</param>
    public static IEnumerable<Plot> Draw(PlannedDeployment deployment, PageTips tips)
    {
        (string Name, FrontPlan? Plan, ServingRole Role)[] phases = deployment.IsSplit
            ? [("prefill", deployment.Point.Prefill, ServingRole.Prefill), ("decode", deployment.Point.Decode, ServingRole.Decode)]
            : [("", deployment.Point.Decode, ServingRole.Both)];
        foreach ((string name, FrontPlan? plan, ServingRole role) in phases)
        {
            if (plan is { } known)
            {
                ProfiledBatch[] batches = [.. BatchProfile.Of(deployment.Job, known, role)];
                foreach (Plot plot in batches.Length == 0 ? [] : Draw(deployment.Job.Limits, name, known, batches, tips))
                {
                    yield return plot;
                }
            }
        }
    }

    private static IEnumerable<Plot> Draw(LatencyLimits limits, string phase, FrontPlan plan, ProfiledBatch[] batches, PageTips tips)
    {
        int[] numbers = [.. batches.Select(batch => tips.Add(Tip(phase, batch)))];
        string of = phase.Length == 0 ? "" : $" of {phase}";
        string tokens = phase == "prefill" ? "prompt tokens/s a card" : "tokens/s a card";
        ChartMark[] places =
        [
            new("deployed", InFlight(plan), IsUpright: true),
            new("memory ends here", InFlight(batches[^1].Plan), IsUpright: true),
        ];
        yield return Draw($"throughput{Suffix(phase)}", $"Throughput{of} over the batch", tokens, batch => batch.Plan.Figures.TokensPerSecond / batch.Plan.Layout.Cards, places);
        if (!double.IsNaN(plan.Figures.PerTokenSeconds))
        {
            yield return Draw(
                $"tpot{Suffix(phase)}", $"Time per output token{of} over the batch", "ms a token", batch => batch.Plan.Figures.PerTokenSeconds * Milliseconds, Limited(places, limits.PerTokenMilliseconds));
        }

        if (!double.IsNaN(plan.Figures.FirstTokenSeconds))
        {
            yield return Draw(
                $"ttft{Suffix(phase)}", $"Time to first token{of} over the batch", "ms", batch => batch.Plan.Figures.FirstTokenSeconds * Milliseconds, Limited(places, limits.FirstTokenMilliseconds));
        }

        Plot Draw(string name, string title, string unit, Func<ProfiledBatch, double> figure, IReadOnlyList<ChartMark> marks)
        {
            ChartPoint[] points = [.. batches.Select((batch, index) => new ChartPoint(InFlight(batch.Plan), figure(batch), numbers[index]))];
            Series[] series =
            [
                new("within the limits", [.. points.Where((_, index) => batches[index].IsWithin)], Palette.Kind(0), true, 3),
                new("beyond a limit", [.. points.Where((_, index) => !batches[index].IsWithin)], "#b9bdc4", true, 3) { Kind = "cloud" },
                new("deployed", [.. points.Where((_, index) => batches[index].Plan.Sequences == plan.Sequences).Take(1)], Palette.Best, false, 9) { IsStarred = true, Kind = "best" },
            ];
            return new Plot(
                name,
                title,
                "The same layout at other batches, up to the largest that fits.",
                new XyChart(title, "sequences in flight a card", unit) { Series = series, Marks = marks }.Draw(),
                new PageTable(
                    title,
                    ["in flight a card", unit, "memory, GiB", "within the limits"],
                    [
                        .. batches.Select((batch, index) => (IReadOnlyList<PageCell>)
                        [
                            PageCell.Of(points[index].X), PageCell.Of(points[index].Y), PageCell.Of(batch.MemoryBytes / DeviceMemory.BytesPerGibibyte), batch.IsWithin ? "yes" : "no",
                        ]),
                    ])
                {
                    Best = Array.FindIndex(batches, batch => batch.Plan.Sequences == plan.Sequences),
                });
        }
    }

    private static IEnumerable<string> Tip(string phase, ProfiledBatch batch)
    {
        yield return Text($"{(phase.Length == 0 ? "" : $"{phase}: ")}{Labels.Of(InFlight(batch.Plan))} sequences in flight a card");
        yield return Text($"{Labels.Of(batch.Plan.Figures.TokensPerSecond / batch.Plan.Layout.Cards)} {(phase == "prefill" ? "prompt " : "")}tokens/s a card");
        if (!double.IsNaN(batch.Plan.Figures.PerTokenSeconds))
        {
            yield return Text($"TPOT {Labels.Of(batch.Plan.Figures.PerTokenSeconds * Milliseconds)} ms");
        }

        if (!double.IsNaN(batch.Plan.Figures.FirstTokenSeconds))
        {
            yield return Text($"TTFT {Labels.Of(batch.Plan.Figures.FirstTokenSeconds * Milliseconds)} ms");
        }

        yield return Text($"{batch.MemoryBytes / DeviceMemory.BytesPerGibibyte:0.0} GiB a card{(batch.IsWithin ? "" : ", beyond a limit")}");
    }

    private static ChartMark[] Limited(ChartMark[] places, double? limit) =>
        limit is { } most ? [.. places, new ChartMark($"limit {Labels.Of(most)} ms", most, IsUpright: false)] : places;

    private static string Suffix(string phase) => phase.Length == 0 ? "" : $"-{phase}";

    private static double InFlight(FrontPlan plan) => plan.Sequences * plan.MicroBatches * plan.Layout.DataParallel / plan.Layout.Cards;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

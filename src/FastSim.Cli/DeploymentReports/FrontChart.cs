using System.Globalization;
using FastSim.Cli.Planning;
using FastSim.Cli.Reports;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Cli.DeploymentReports;

/// <summary>What no deployment beats, of both ways of deploying: throughput of a card against what a user sees.</summary>
internal static class FrontChart
{
    /// <summary>Points of a way of deploying that are drawn; more are evenly thinned out.</summary>
    private const int MostPoints = 400;

    private const double Milliseconds = 1000;

    /// <summary>Draws the fronts.</summary>
    /// <param name="studies">The ways of deploying.</param>
    /// <param name="best">The best deployment.</param>
    /// <param name="tips">Takes what marks say.</param>
    public static Plot Draw(IReadOnlyList<JobStudy> studies, PlannedDeployment best, PageTips tips)
    {
        const string Title = "What no deployment beats";
        bool decodes = best.Point.Decode is not null;
        (string Name, string Colour, FrontPoint[] Points, Job Job)[] fronts =
        [
            .. studies.Where(study => study.Front.Count > 0).Select(study => study.Result.Job.Mode == ServingMode.Split
                ? ("phases apart", Palette.Kind(0), Thinned(study.Front), study.Result.Job)
                : ("every card does both", Palette.Kind(1), Thinned(study.Front), study.Result.Job)),
        ];
        double Across(FrontPoint point) => decodes ? point.TokensPerUserSecond : point.Merit.FirstTokenSeconds * Milliseconds;
        Series[] series =
        [
            .. fronts.Select(front => new Series(
                front.Name,
                [.. front.Points.Select(point => new ChartPoint(Across(point), point.TokensPerCardSecond, tips.Add(Tip(front.Name, front.Job, point))))],
                front.Colour,
                false,
                3.5)),
            new("the best", [new ChartPoint(Across(best.Point), best.Point.TokensPerCardSecond, tips.Add(["the best", .. Tip("", best.Job, best.Point)]))], Palette.Best, false, 9)
            {
                IsStarred = true,
                Kind = "best",
            },
        ];
        XyChart chart = new(Title, decodes ? "tokens/s a user" : "time to first token, ms", decodes ? "tokens/s a card" : "prompt tokens/s a card")
        {
            Series = series,
            Marks = (decodes, best.Job.Limits) switch
            {
                (true, { PerTokenMilliseconds: { } limit }) => [new ChartMark($"TPOT limit {Labels.Of(limit)} ms", Milliseconds / limit, IsUpright: true)],
                (false, { FirstTokenMilliseconds: { } limit }) => [new ChartMark($"limit {Labels.Of(limit)} ms", limit, IsUpright: true)],
                _ => [],
            },
        };
        return new Plot(
            "front",
            Title,
            "In throughput, time per output token and time to first token at once, so that some points lie below others here: they answer sooner.",
            chart.Draw(),
            new PageTable(
                "Deployments that no other beats",
                ["way", "requests/s", "tokens/s a card", "tokens/s a user", "TTFT, ms", "TPOT, ms", "cards and layout"],
                [
                    .. fronts.SelectMany(front => front.Points.Select(point => (IReadOnlyList<PageCell>)
                    [
                        front.Name, PageCell.Of(point.RequestsPerSecond(front.Job.Lengths)), PageCell.Of(point.TokensPerCardSecond), PageCell.Of(point.TokensPerUserSecond),
                        PageCell.Of(point.Merit.FirstTokenSeconds * Milliseconds), PageCell.Of(point.Merit.PerTokenSeconds * Milliseconds), DeploymentWords.Layouts(front.Job, point),
                    ])),
                ]));
    }

    private static IEnumerable<string> Tip(string way, Job job, FrontPoint point)
    {
        if (way.Length > 0)
        {
            yield return way;
        }

        yield return DeploymentWords.Layouts(job, point);
        yield return Text($"{Labels.Of(point.RequestsPerSecond(job.Lengths))} requests/s, {Labels.Of(point.TokensPerCardSecond)} tokens/s a card");
        yield return string.Join(", ", DeploymentWords.Latencies(point));
    }

    private static FrontPoint[] Thinned(IReadOnlyList<FrontPoint> points) => points.Count <= MostPoints
        ? [.. points]
        : [.. Enumerable.Range(0, MostPoints).Select(index => points[(int)((long)index * (points.Count - 1) / (MostPoints - 1))])];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

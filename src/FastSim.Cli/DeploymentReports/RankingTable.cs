using System.Globalization;
using FastSim.Cli.Planning;
using FastSim.Cli.Reports;

namespace FastSim.Cli.DeploymentReports;

/// <summary>The best layouts, and why each falls behind.</summary>
internal static class RankingTable
{
    private const double Milliseconds = 1000;

    /// <summary>Of a ranking, best first.</summary>
    public static PageTable Of(IReadOnlyList<PlannedDeployment> ranking) => new(
        ranking.Count == 1 ? "The best layout; no other has a plan" : string.Create(CultureInfo.InvariantCulture, $"The best {ranking.Count} layouts, and why each falls behind"),
        ["#", "requests/s", "tokens/s a card", "TTFT, ms", "TPOT, ms", "cards and layout", "requests/s against the best, and why"],
        [.. ranking.Select((ranked, place) => Row(ranked, place, ranking[0]))])
    {
        Best = 0,
        IsStacked = true,
    };

    private static IReadOnlyList<PageCell> Row(PlannedDeployment ranked, int place, PlannedDeployment best) =>
    [
        (place + 1).ToString(CultureInfo.InvariantCulture),
        PageCell.Of(ranked.RequestsPerSecond, "G4"),
        PageCell.Of(ranked.TokensPerCardSecond, "N1"),
        ranked.Point.Merit.FirstTokenSeconds > 0 ? PageCell.Of(ranked.Point.Merit.FirstTokenSeconds * Milliseconds, "N0") : "–",
        ranked.Point.Decode is null ? "–" : PageCell.Of(ranked.Point.Merit.PerTokenSeconds * Milliseconds, "0.0"),
        DeploymentWords.Layouts(ranked.Job, ranked.Point),
        place == 0 ? "the best" : Shortfall.Behind(ranked, best),
    ];
}

using FastSim.Cli.Reports;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Rates;
using FastSim.Search.Jobs;

namespace FastSim.Cli.DeploymentReports;

/// <summary>The roofs of a chip and the launches of a pass under them.</summary>
internal static class RooflinePlot
{
    private const double Tera = 1e12;
    private const double LargeShare = 0.1;
    private const double SmallShare = 0.01;
    private const double Margin = 2;
    private const int FirstRoofKind = 6;

    /// <summary>Draws the launches of a pass.</summary>
    /// <param name="name">Name of the picture.</param>
    /// <param name="what">Whose pass it is, in words.</param>
    /// <param name="winner">The phase.</param>
    /// <param name="pieces">Its pieces.</param>
    /// <param name="tips">Takes what marks say.</param>
    public static Plot Draw(string name, string what, PhaseWinner winner, IReadOnlyList<PassPiece> pieces, PageTips tips)
    {
        double all = pieces.Sum(piece => piece.Seconds);
        PassPiece[] shown = [.. pieces.Where(piece => piece is { Flops: > 0, Bytes: > 0, Seconds: > 0 })];
        string title = $"Roofline of {winner.Rates.Chip.Name}, and {what} under it";
        List<Series> series = [.. shown.Length == 0 ? [] : Roofs(winner.Rates, shown)];
        foreach ((PieceBound bound, string colour) in new[] { (PieceBound.Compute, Palette.Compute), (PieceBound.Memory, Palette.Memory) })
        {
            series.Add(new Series(
                $"bound by {PassPlot.WordOf(bound)}",
                [
                    .. shown.Where(piece => piece.Bound == bound).OrderByDescending(piece => piece.Seconds).Select(piece => new ChartPoint(
                        piece.Intensity, piece.FlopsPerSecond / Tera, tips.Add(PassPlot.Tip(piece, all)), Radius(piece.Seconds / all))),
                ],
                colour,
                false,
                4));
        }

        XyChart chart = new(title, "FLOP a byte", "TFLOP/s reached") { Series = series, IsLogarithmic = true, Nothing = "no launch computes" };
        return new Plot(
            name,
            title,
            "Each launch by its FLOP and bytes; a large dot takes a tenth of the pass or more, a small one less than a hundredth.",
            chart.Draw(),
            new PageTable(
                $"Launches of {what} under the roofs",
                ["launch", "FLOP/byte", "TFLOP/s", "roof, TFLOP/s", "% of the roof", "% of the pass"],
                [
                    .. shown.Select(piece => (IReadOnlyList<PageCell>)
                    [
                        piece.Name, PageCell.Of(piece.Intensity), PageCell.Of(piece.FlopsPerSecond / Tera), PageCell.Of(Roof(winner.Rates, piece) / Tera),
                        PageCell.Of(piece.FlopsPerSecond / Roof(winner.Rates, piece) * 100, "0"), PageCell.Of(piece.Seconds / all * 100, "0.0"),
                    ]),
                ]));
    }

    /// <summary>A roof for each rate that some launch computes at: the memory's slope, then the peak.</summary>
    private static IEnumerable<Series> Roofs(ChipRates rates, PassPiece[] shown)
    {
        double least = shown.Min(piece => piece.Intensity) / Margin;
        double most = shown.Max(piece => piece.Intensity) * Margin;
        string[] types = [rates.Types.Matrix, rates.Types.Attention, $"{rates.Types.Vector} vectors"];
        bool isFirst = true;
        int number = -1;
        foreach (IGrouping<double, OperatorRate> roof in shown.Select(piece => piece.Rate).Distinct()
            .GroupBy(rate => PassPiece.PeakFlopsPerSecond(rates, rate)).OrderByDescending(group => group.Key))
        {
            double bandwidth = rates.PeakMemoryBytesPerSecond;
            double ridge = roof.Key / bandwidth;
            string names = string.Join(", ", roof.Order().Select(rate => types[(int)rate]).Distinct());
            List<ChartPoint> line = [];
            if (isFirst && ridge > least)
            {
                line.Add(new ChartPoint(least, least * bandwidth / Tera));
            }

            line.Add(new ChartPoint(Math.Max(least, ridge), roof.Key / Tera));
            line.Add(new ChartPoint(Math.Max(most, ridge * Margin), roof.Key / Tera));
            string memory = isFirst ? $"; memory {Labels.Of(bandwidth / 1e9)} GB/s" : "";
            yield return new Series($"{names}: {Labels.Of(roof.Key / Tera)} TFLOP/s{memory}", line, isFirst ? SvgCanvas.Ink : Palette.Kind(FirstRoofKind + number), true, 0)
            {
                Kind = isFirst ? "roof" : null,
            };
            isFirst = false;
            number++;
        }
    }

    private static double Roof(ChipRates rates, PassPiece piece) =>
        Math.Min(PassPiece.PeakFlopsPerSecond(rates, piece.Rate), piece.Intensity * rates.PeakMemoryBytesPerSecond);

    private static double Radius(double share) => share switch
    {
        >= LargeShare => 9,
        >= SmallShare => 6,
        _ => 3.5,
    };
}

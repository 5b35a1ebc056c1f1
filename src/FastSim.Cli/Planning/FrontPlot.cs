using System.Globalization;
using FastSim.Cli.Output;
using FastSim.Search.Fronts;

namespace FastSim.Cli.Planning;

/// <summary>A front as a plot in text: tokens/s of a card, up, against tokens/s of a user, right.</summary>
internal static class FrontPlot
{
    private const int Height = 12;
    private const int LabelWidth = 9;
    private const int PlotWidth = TextLines.Width - LabelWidth - 2;

    /// <summary>Lines of the plot; none where no point has both.</summary>
    /// <param name="fronts">Fronts, each with its mark; of points that fall together the first front's is shown.</param>
    /// <param name="best">The deployment to mark.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<(char Mark, IReadOnlyList<FrontPoint> Points)> fronts, FrontPoint best)
    {
        FrontPoint[] all = [.. fronts.SelectMany(front => front.Points).Append(best).Where(HasBoth)];
        if (all.Length == 0)
        {
            yield break;
        }

        double right = all.Max(point => point.TokensPerUserSecond);
        double top = all.Max(point => point.TokensPerCardSecond);
        char[][] cells = [.. Enumerable.Range(0, Height).Select(_ => Enumerable.Repeat(' ', PlotWidth).ToArray())];
        foreach ((char mark, IReadOnlyList<FrontPoint> points) in fronts.Reverse())
        {
            foreach (FrontPoint point in points.Where(HasBoth))
            {
                Put(point, mark);
            }
        }

        if (HasBoth(best))
        {
            Put(best, '*');
        }

        for (int line = 0; line < Height; line++)
        {
            string label = line is 0 or Height - 1 or Height / 2 ? Number(top * (Height - line) / Height) : "";
            yield return $"{label.PadLeft(LabelWidth)} |{new string(cells[line])}".TrimEnd();
        }

        yield return $"{new string(' ', LabelWidth)} +{new string('-', PlotWidth)}";
        string middle = Number(right / 2).PadLeft(PlotWidth / 2);
        yield return $"{new string(' ', LabelWidth)} 0{middle}{Number(right).PadLeft(PlotWidth - middle.Length)}";

        void Put(FrontPoint point, char mark)
        {
            int column = Math.Min(PlotWidth - 1, (int)(point.TokensPerUserSecond / right * PlotWidth));
            int line = Math.Max(0, Height - 1 - (int)(point.TokensPerCardSecond / top * Height));
            cells[line][column] = mark;
        }
    }

    private static bool HasBoth(FrontPoint point) => point.Decode is not null && double.IsFinite(point.TokensPerUserSecond);

    private static string Number(double number) => number.ToString(number < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture);
}

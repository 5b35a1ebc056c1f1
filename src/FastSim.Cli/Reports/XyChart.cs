namespace FastSim.Cli.Reports;

/// <summary>Points of one name in an x-y chart.</summary>
/// <param name="Name">The name; empty for none.</param>
/// <param name="Points">The points, and the number of each one's tip.</param>
/// <param name="Colour">Colour.</param>
/// <param name="IsJoined">Whether a line joins them.</param>
/// <param name="Radius">Radius of a point.</param>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y, int? Tip)> Points, string Colour, bool IsJoined, double Radius);

/// <summary>A chart of points over two numbers.</summary>
internal static class XyChart
{
    private const double Width = 760;
    private const double Height = 440;
    private const double Left = 90;
    private const double Top = 46;
    private const double Right = 190;
    private const double Bottom = 60;
    private const double LogarithmFrom = 20;
    private const int MostNames = 7;

    /// <summary>Draws a chart; an axis whose values span much is logarithmic.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="xName">Name of the axis across.</param>
    /// <param name="yName">Name of the axis up.</param>
    /// <param name="series">The points.</param>
    /// <param name="names">Names of places across, where they are names and not numbers.</param>
    public static string Draw(
        string title, string xName, string yName, IReadOnlyList<Series> series, IReadOnlyDictionary<double, string>? names = null)
    {
        SvgCanvas canvas = new(Width, Height, title);
        canvas.Text(Left, 22, title, size: 15, isBold: true);
        (double X, double Y, int? Tip)[] points = [.. series.SelectMany(each => each.Points)];
        if (points.Length == 0)
        {
            canvas.Text(Left, Height / 2, "no variant has a plan");
            return canvas.ToString();
        }

        Scale across = names is null
            ? Scale.Of([.. points.Select(point => point.X)], Left, Width - Right)
            : Scale.OfNames([.. names.Keys], Left, Width - Right);
        Scale up = Scale.Of([.. points.Select(point => point.Y)], Height - Bottom, Top);
        foreach (double tick in names is null ? across.Ticks : Labels.Spread(names.Count, MostNames).Select(step => names.Keys.Order().ElementAt(step)))
        {
            canvas.Line(across.At(tick), Top, across.At(tick), Height - Bottom, "#e8e8e8");
            canvas.Text(across.At(tick), Height - Bottom + 16, names is null ? Labels.Of(tick) : names[tick], TextAnchor.Middle, size: 11);
        }

        foreach (double tick in up.Ticks)
        {
            canvas.Line(Left, up.At(tick), Width - Right, up.At(tick), "#e8e8e8");
            canvas.Text(Left - 6, up.At(tick) + 4, Labels.Of(tick), TextAnchor.End, size: 11);
        }

        foreach (Series each in series)
        {
            if (each.IsJoined)
            {
                canvas.Path(each.Points.Select(point => (across.At(point.X), up.At(point.Y))), each.Colour);
            }

            foreach ((double x, double y, int? tip) in each.Points)
            {
                canvas.Circle(across.At(x), up.At(y), each.Radius, each.Colour, tip);
            }
        }

        int line = 0;
        foreach (Series each in series.Where(each => each.Name.Length > 0))
        {
            canvas.Circle(Width - Right + 20, Top + 8 + (line * 20), 5, each.Colour);
            canvas.Text(Width - Right + 32, Top + 12 + (line * 20), each.Name);
            line++;
        }

        canvas.Text((Left + Width - Right) / 2, Height - 16, xName + across.Note, TextAnchor.Middle, isBold: true);
        canvas.Text(18, (Top + Height - Bottom) / 2, yName + up.Note, TextAnchor.Middle, isBold: true, isUpright: false);
        return canvas.ToString();
    }

    /// <summary>From numbers to pixels.</summary>
    private sealed record Scale(double Least, double Most, double From, double To, bool IsLogarithmic)
    {
        public IReadOnlyList<double> Ticks => IsLogarithmic
            ? Labels.LogarithmicTicks(Least, Most)
            : Labels.Ticks(Least, Most);

        public string Note => IsLogarithmic ? " (logarithmic)" : "";

        public static Scale Of(double[] values, double from, double to)
        {
            double least = values.Min();
            double most = values.Max();
            bool isLogarithmic = least > 0 && most / least > LogarithmFrom;
            if (least == most)
            {
                (least, most) = least == 0 ? (-1, 1) : (least - (Math.Abs(least) / 10), most + (Math.Abs(most) / 10));
            }
            else if (!isLogarithmic)
            {
                least = least >= 0 && least < most / 2 ? 0 : least - ((most - least) / 20);
                most += (most - least) / 20;
            }

            return new Scale(least, most, from, to, isLogarithmic);
        }

        /// <summary>A scale of places that have names: side by side, with half a place to spare on both ends.</summary>
        public static Scale OfNames(double[] places, double from, double to)
        {
            const double Margin = 0.5;
            return new Scale(places.Min() - Margin, places.Max() + Margin, from, to, false);
        }

        public double At(double value)
        {
            double share = IsLogarithmic
                ? Labels.LogarithmOfRatio(value, Least) / Labels.LogarithmOfRatio(Most, Least)
                : (value - Least) / (Most - Least);
            return double.IsFinite(share) ? From + (share * (To - From)) : From;
        }
    }
}

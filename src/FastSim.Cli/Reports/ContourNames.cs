namespace FastSim.Cli.Reports;

/// <summary>
/// Names of lines over a map: each once, on its longest line that has room, as near to the middle as may be, inside the map, and none over another. A phone writes them twice as large
/// (<see cref="PageStyle"/>): those that would meet there are spare, which phones leave out.
/// </summary>
/// <param name="left">Left edge of the map.</param>
/// <param name="top">Its upper edge.</param>
/// <param name="right">Its right edge.</param>
/// <param name="bottom">Its lower edge.</param>
internal sealed class ContourNames(double left, double top, double right, double bottom)
{
    private const double OnPhone = 2;

    /// <summary>A line shorter than this many times its name would vanish below it.</summary>
    private const double FewestNames = 1.2;

    private static readonly double[] Places = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9];

    private readonly List<Box> written = [];
    private readonly List<Box> onPhone = [];

    /// <summary>Writes the name of a level, if there is room for it.</summary>
    /// <param name="canvas">Where to.</param>
    /// <param name="name">The name.</param>
    /// <param name="lines">The level's lines, the longest first.</param>
    public void Write(SvgCanvas canvas, string name, IReadOnlyList<(double X, double Y)[]> lines)
    {
        (double wide, double tall) = SvgCanvas.LabelSize(name);
        (double X, double Y)? spare = null;
        foreach ((double X, double Y)[] line in lines.TakeWhile(line => MapContours.Length(line) >= FewestNames * wide))
        {
            foreach (double share in Places)
            {
                (double x, double y) = At(line, share);
                if (!IsFree(new Box(x, y, wide, tall), written))
                {
                    continue;
                }

                if (IsFree(new Box(x, y, OnPhone * wide, OnPhone * tall), onPhone))
                {
                    written.Add(new Box(x, y, wide, tall));
                    onPhone.Add(new Box(x, y, OnPhone * wide, OnPhone * tall));
                    canvas.Label(x, y, name, "contour");
                    return;
                }

                spare ??= (x, y);
            }
        }

        if (spare is { } place)
        {
            written.Add(new Box(place.X, place.Y, wide, tall));
            canvas.Label(place.X, place.Y, name, "contour spare");
        }
    }

    private bool IsFree(Box box, List<Box> others) =>
        box.X - (box.Wide / 2) >= left && box.X + (box.Wide / 2) <= right && box.Y - (box.Tall / 2) >= top && box.Y + (box.Tall / 2) <= bottom
        && others.TrueForAll(other => Math.Abs(other.X - box.X) >= (other.Wide + box.Wide) / 2 || Math.Abs(other.Y - box.Y) >= (other.Tall + box.Tall) / 2);

    /// <summary>The point of a line at a share of its length.</summary>
    private static (double X, double Y) At((double X, double Y)[] line, double share)
    {
        double left = share * MapContours.Length(line);
        for (int point = 1; point < line.Length; point++)
        {
            ((double X, double Y) from, (double X, double Y) to) = (line[point - 1], line[point]);
            double length = MapContours.Length([from, to]);
            if (length >= left && length > 0)
            {
                return (from.X + (left / length * (to.X - from.X)), from.Y + (left / length * (to.Y - from.Y)));
            }

            left -= length;
        }

        return line[^1];
    }

    /// <summary>A rectangle about a point.</summary>
    private readonly record struct Box(double X, double Y, double Wide, double Tall);
}

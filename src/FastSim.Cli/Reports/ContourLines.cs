namespace FastSim.Cli.Reports;

/// <summary>
/// Lines of equal figures through a grid, by marching squares: each square of four neighbours is crossed where the level lies between two corners, evenly between
/// them. A square whose opposite corners are alike is cut as the mean of the four says. Squares with a corner that has no figure are left out.
/// </summary>
public static class ContourLines
{
    private const int CornersOfASquare = 4;

    /// <summary>Corners of a square against the clock from its lowest left, and the edge that follows each: below, right, above, left.</summary>
    private static readonly (int X, int Y)[] Corners = [(0, 0), (1, 0), (1, 1), (0, 1)];

    /// <summary>The lines of a level.</summary>
    /// <param name="figures">Figures by place across and up; NaN for none.</param>
    /// <param name="level">The level.</param>
    /// <returns>Points in places, each line from end to end; one that closes ends where it began.</returns>
    public static IReadOnlyList<(double X, double Y)[]> Of(double[,] figures, double level)
    {
        ArgumentNullException.ThrowIfNull(figures);
        Dictionary<long, List<long>> neighbours = [];
        for (int y = 0; y + 1 < figures.GetLength(1); y++)
        {
            for (int x = 0; x + 1 < figures.GetLength(0); x++)
            {
                Cross(figures, level, x, y, neighbours);
            }
        }

        List<(double, double)[]> lines = [];
        HashSet<long> taken = [];

        // Lines that end at the rim begin there; what is left closes.
        foreach (long start in neighbours.Keys.Where(edge => neighbours[edge].Count == 1).Concat(neighbours.Keys).ToArray())
        {
            if (taken.Add(start))
            {
                lines.Add([.. Follow(start, neighbours, taken).Select(edge => PointOf(edge, figures, level))]);
            }
        }

        return lines;
    }

    private static void Cross(double[,] figures, double level, int x, int y, Dictionary<long, List<long>> neighbours)
    {
        Span<double> corners = stackalloc double[CornersOfASquare];
        double sum = 0;
        for (int corner = 0; corner < CornersOfASquare; corner++)
        {
            corners[corner] = figures[x + Corners[corner].X, y + Corners[corner].Y];
            sum += corners[corner];
        }

        if (double.IsNaN(sum))
        {
            return;
        }

        Span<int> crossed = stackalloc int[CornersOfASquare];
        int count = 0;
        for (int edge = 0; edge < CornersOfASquare; edge++)
        {
            if (corners[edge] >= level != corners[(edge + 1) % CornersOfASquare] >= level)
            {
                crossed[count++] = edge;
            }
        }

        if (count == CornersOfASquare)
        {
            // Opposite corners are alike: a line cuts off either the first and third, or the other two.
            bool cutsOthers = corners[0] >= level == sum / CornersOfASquare >= level;
            Join(x, y, cutsOthers ? 0 : 3, cutsOthers ? 1 : 0, neighbours);
            Join(x, y, cutsOthers ? 2 : 1, cutsOthers ? 3 : 2, neighbours);
        }
        else if (count > 0)
        {
            Join(x, y, crossed[0], crossed[1], neighbours);
        }
    }

    private static void Join(int x, int y, int edge, int other, Dictionary<long, List<long>> neighbours)
    {
        (long first, long second) = (NameOf(x, y, edge), NameOf(x, y, other));
        Add(first, second);
        Add(second, first);

        void Add(long from, long to)
        {
            if (!neighbours.TryGetValue(from, out List<long>? known))
            {
                neighbours[from] = known = [];
            }

            known.Add(to);
        }
    }

    private static IEnumerable<long> Follow(long start, Dictionary<long, List<long>> neighbours, HashSet<long> taken)
    {
        yield return start;
        for (long at = start; ;)
        {
            long? next = null;
            foreach (long neighbour in neighbours[at])
            {
                next ??= taken.Add(neighbour) ? neighbour : null;
            }

            if (next is not { } found)
            {
                bool closes = at != start && neighbours[start].Count == 2 && neighbours[at].Contains(start);
                if (closes)
                {
                    yield return start;
                }

                yield break;
            }

            yield return at = found;
        }
    }

    /// <summary>An edge by its lower left corner and whether it runs across: neighbours share it.</summary>
    private static long NameOf(int x, int y, int edge) => edge switch
    {
        0 => Name(x, y, isAcross: true),
        1 => Name(x + 1, y, isAcross: false),
        2 => Name(x, y + 1, isAcross: true),
        _ => Name(x, y, isAcross: false),
    };

    private static long Name(int x, int y, bool isAcross) => ((long)y << 33) | ((long)x << 1) | (isAcross ? 1L : 0);

    private static (double X, double Y) PointOf(long name, double[,] figures, double level)
    {
        (int x, int y, bool isAcross) = ((int)((name >> 1) & uint.MaxValue), (int)(name >> 33), (name & 1) == 1);
        double from = figures[x, y];
        double to = isAcross ? figures[x + 1, y] : figures[x, y + 1];
        double share = Math.Clamp((level - from) / (to - from), 0, 1);
        return isAcross ? (x + share, y) : (x, y + share);
    }
}

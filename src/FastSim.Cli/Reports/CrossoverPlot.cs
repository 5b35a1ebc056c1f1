namespace FastSim.Cli.Reports;

/// <summary>A line that is compared with others over the same places.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Figures">Its figure at each place; NaN where it has none.</param>
/// <param name="Tips">Number of each point's tip.</param>
internal sealed record ComparedLine(string Name, double[] Figures, int?[] Tips)
{
    /// <summary>What the figures at the places that have intervals lie between; none where none are stated.</summary>
    public IReadOnlyList<ChartInterval> Intervals { get; init; } = [];
}

/// <summary>Where the lead among lines changes.</summary>
/// <param name="From">Who led.</param>
/// <param name="To">Who leads from there on.</param>
/// <param name="X">Where they are equal, between two places.</param>
/// <param name="Y">Their figure there.</param>
internal readonly record struct Crossover(int From, int To, double X, double Y);

/// <summary>Lines over an axis, and from where on which of them is the best.</summary>
internal static class CrossoverPlot
{
    private const int MostMarks = 6;

    /// <summary>A lead that is less than this is none.</summary>
    private const double Alike = 1e-3;

    /// <summary>Places where the lead changes: between the two whose leaders differ, where straight lines meet.</summary>
    public static IEnumerable<Crossover> Of(IReadOnlyList<double> places, IReadOnlyList<ComparedLine> lines)
    {
        int before = -1;
        for (int place = 0; place < places.Count; place++)
        {
            int leader = Leader(lines, place);
            if (before >= 0 && leader >= 0 && lines[leader].Figures[place] <= (1 + Alike) * lines[before].Figures[place])
            {
                leader = before;
            }

            if (before >= 0 && leader >= 0 && leader != before && place > 0)
            {
                (double was, double now) = (lines[before].Figures[place - 1] - lines[leader].Figures[place - 1], lines[before].Figures[place] - lines[leader].Figures[place]);
                double share = double.IsFinite(was) && double.IsFinite(now) && was > now ? Math.Clamp(was / (was - now), 0, 1) : 1;
                double from = lines[leader].Figures[place - 1];
                double to = lines[leader].Figures[place];
                yield return new Crossover(
                    before, leader, places[place - 1] + (share * (places[place] - places[place - 1])), double.IsFinite(from) ? from + (share * (to - from)) : to);
            }

            before = leader >= 0 ? leader : before;
        }
    }

    /// <summary>Draws lines.</summary>
    /// <param name="name">Name of the picture.</param>
    /// <param name="title">What it shows.</param>
    /// <param name="xName">Name of the axis across.</param>
    /// <param name="yName">Name of the axis up.</param>
    /// <param name="places">Places across, rising.</param>
    /// <param name="lines">The lines.</param>
    public static Plot Draw(string name, string title, string xName, string yName, IReadOnlyList<double> places, IReadOnlyList<ComparedLine> lines)
    {
        Crossover[] crossovers = [.. Of(places, lines)];
        List<Series> series =
        [
            .. lines.Select((line, index) => new Series(
                line.Name,
                [
                    .. Enumerable.Range(0, places.Count).Where(place => !double.IsNaN(line.Figures[place]))
                        .Select(place => new ChartPoint(places[place], line.Figures[place], line.Tips[place])),
                ],
                Palette.Kind(index),
                true,
                3)
            {
                Intervals = line.Intervals,
            }),
        ];
        string note = crossovers.Length == 0
            ? Leader(lines, places.Count - 1) is >= 0 and int only ? $"{lines[only].Name} is the best throughout." : ""
            : string.Join("; ", crossovers.Select(crossing => $"from {Labels.Of(crossing.X)} on {lines[crossing.To].Name} is the best")) + ".";
        return new Plot(
            name,
            title,
            note.Length == 0 ? note : char.ToUpperInvariant(note[0]) + note[1..],
            new XyChart(title, xName, yName)
            {
                Series = series,
                Marks = crossovers.Length > MostMarks ? [] : [.. crossovers.Select(crossing => new ChartMark($"{lines[crossing.To].Name} from {Labels.Of(crossing.X)}", crossing.X, IsUpright: true))],
            }.Draw(),
            new PageTable(
                $"{title}: {yName}",
                [xName, .. lines.Select(line => line.Name)],
                [.. Enumerable.Range(0, places.Count).Select(place => (IReadOnlyList<PageCell>)[PageCell.Of(places[place]), .. lines.Select(line => PageCell.Of(line.Figures[place]))])]));
    }

    private static int Leader(IReadOnlyList<ComparedLine> lines, int place)
    {
        int best = -1;
        for (int line = 0; line < lines.Count; line++)
        {
            double figure = lines[line].Figures[place];
            best = !double.IsNaN(figure) && (best < 0 || figure > lines[best].Figures[place]) ? line : best;
        }

        return best;
    }
}

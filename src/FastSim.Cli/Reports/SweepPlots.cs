using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Reports;

/// <summary>The plots of a sweep: throughput and bounds over its axes, which wins from where, its Pareto front, and what its best is sensitive to.</summary>
internal sealed class SweepPlots
{
    private const int MostCloud = 4000;
    private const int MostLines = 8;
    private const int FewestPlaces = 4;
    private const string PerCard = "tokens/s a card";

    private readonly SweepPlan plan;
    private readonly SweepTable table;
    private readonly ReportView view;
    private readonly ReportTips tips;
    private readonly double[] throughput;
    private readonly byte[] bounds;
    private readonly byte[] batchBounds;
    private readonly GuessedRows guesses;

    public SweepPlots(SweepPlan plan, SweepTable table, ReportView view, ReportTips tips)
    {
        this.plan = plan;
        this.table = table;
        this.view = view;
        this.tips = tips;
        throughput = table.Number(SweepColumns.PerCard);
        bounds = table.Word("bound");
        batchBounds = table.Word("batch_bound");
        guesses = new GuessedRows(plan, table);
    }

    /// <summary>Every plot.</summary>
    /// <param name="front">Rows of the Pareto front.</param>
    public IEnumerable<Plot> Draw(int[] front)
    {
        for (int job = 0; job < plan.First.Jobs.Length; job++)
        {
            string suffix = plan.First.Jobs.Length == 1 ? "" : $"_job{job}";
            string title = plan.First.Jobs.Length == 1 ? "" : $", job {job}: {plan.First.Jobs[job].Job.Model.Name}";
            string held = view.Fixed.Count == 0 ? title : $"{title}, {view.FixedText(job)}";
            if (view.Axes.Count >= 2)
            {
                yield return ThroughputMap($"throughput{suffix}", job, held);
                yield return BoundMap($"bounds{suffix}", job, held);
            }

            if (Lines($"lines{suffix}", job, held) is { } lines)
            {
                yield return lines;
            }

            if (front.Length > 0)
            {
                yield return Pareto($"pareto{suffix}", job, title, front);
            }

            if (SensitivityPlot.Draw($"sensitivity{suffix}", title, plan, table, view.BestRowOf(job)) is { } sensitivity)
            {
                yield return sensitivity;
            }
        }

        if (view.Axes.Count == 1)
        {
            yield return ThroughputLine();
        }
    }

    private Plot ThroughputMap(string name, int job, string held)
    {
        ColourScale scale = new(Cells().Select(cell => RowOf(job, cell.X, cell.Y, cell.Panel)).Where(row => row >= 0).Select(row => throughput[row]));
        string title = $"Throughput, tokens/s/card{held}";
        MapContours contours = new(view, scale, (x, y, panel) => RowOf(job, x, y, panel) is >= 0 and int row ? throughput[row] : double.NaN);
        string svg = CellMap.Draw(
            title,
            view,
            (x, y, panel) =>
            {
                int row = RowOf(job, x, y, panel);
                return new MapCell(HasPlan(row) ? scale.Of(throughput[row]) : null, tips.Of(row), false, row >= 0 && row == view.BestRowOf(job), IsGuess(row));
            },
            scale,
            [.. Legend(job), .. GuessLegend(job)],
            contours.Has ? contours : null);
        string note = contours.Has ? $"{scale.Note} Lines join equal throughput, at round numbers.".TrimStart() : scale.Note;
        if (Cells().Any(cell => IsGuess(RowOf(job, cell.X, cell.Y, cell.Panel))))
        {
            note = $"{note} Hatched: the learned efficiency's guess, beyond its training or off by a factor of {GuessedRows.Wide} between the ends of its interval.".TrimStart();
        }

        return new Plot(name, title, note, svg, MapTable.Of(title, view, (x, y, panel) => RowOf(job, x, y, panel) is >= 0 and int row ? PageCell.Of(throughput[row]) : "–"));
    }

    private Plot BoundMap(string name, int job, string held)
    {
        int latency = IndexOf("latency limit");
        string[] present =
        [
            .. Cells().Select(cell => RowOf(job, cell.X, cell.Y, cell.Panel)).Where(HasPlan).Select(row => table.Vocabulary[bounds[row]]).Distinct().Order(StringComparer.Ordinal),
        ];
        string title = $"What binds{held}";
        LegendEntry[] legend =
        [
            .. present.Select(word => LegendEntry.Square(word, Colour(word))),
            new("batch: latency limit", (canvas, x, y, side) =>
            {
                canvas.Rectangle(x, y, side, side, "#888888");
                canvas.Circle(x + (side / 2), y + (side / 2), side / 5, "#ffffff", kind: "dot");
            }),
            LegendEntry.Square("batch: otherwise", "#888888"),
            .. Legend(job),
        ];
        string svg = CellMap.Draw(
            title,
            view,
            (x, y, panel) =>
            {
                int row = RowOf(job, x, y, panel);
                return new MapCell(
                    HasPlan(row) ? Colour(table.Vocabulary[bounds[row]]) : null, tips.Of(row), HasPlan(row) && batchBounds[row] == latency, row >= 0 && row == view.BestRowOf(job));
            },
            null,
            legend);
        return new Plot(
            name,
            title,
            "By colour what takes most of the limiting phase's time; by a dot what ends its batch.",
            svg,
            MapTable.Of(title, view, (x, y, panel) => RowOf(job, x, y, panel) is >= 0 and int row && HasPlan(row)
                ? $"{table.Vocabulary[bounds[row]]}; batch: {table.Vocabulary[batchBounds[row]]}"
                : "–"));
    }

    /// <summary>Lines along the axis of numbers, one a step of the other axis, where that has few steps.</summary>
    private Plot? Lines(string name, int job, string held)
    {
        if (view.Axes.Count != 2)
        {
            return null;
        }

        // The axis of more steps goes across, if its steps are numbers.
        int across = view.IsNumeric(0) && (!view.IsNumeric(1) || view.Steps[0].Length >= view.Steps[1].Length) ? 0 : 1;
        int other = 1 - across;
        if (!view.IsNumeric(across) || view.Steps[other].Length > MostLines || view.Steps[across].Length < FewestPlaces)
        {
            return null;
        }

        int[] order = [.. Enumerable.Range(0, view.Steps[across].Length).OrderBy(step => view.PositionOf(across, step))];
        ComparedLine[] lines =
        [
            .. Enumerable.Range(0, view.Steps[other].Length).Select(line =>
            {
                int[] rows = [.. order.Select(step => across == 0 ? view.RowOf(job, step, line) : view.RowOf(job, line, step))];
                return new ComparedLine(
                    view.LabelOf(other, line),
                    [.. rows.Select(row => row < 0 ? double.NaN : throughput[row])],
                    [.. rows.Select(tips.Of)])
                {
                    Intervals = [.. IntervalsOf(rows.Zip(order.Select(step => view.PositionOf(across, step))))],
                };
            }),
        ];
        return CrossoverPlot.Draw(
            name, $"Which {view.NameOf(other)} wins from where{held}", view.UnitNameOf(across), PerCard, [.. order.Select(step => view.PositionOf(across, step))], lines);
    }

    private Plot ThroughputLine()
    {
        List<Series> series = [];
        int[] steps = [.. Enumerable.Range(0, view.Steps[0].Length)];
        for (int job = 0; job < plan.First.Jobs.Length; job++)
        {
            int own = job;
            string name = plan.First.Jobs.Length == 1 ? plan.First.Jobs[job].Job.Model.Name : $"job {job}: {plan.First.Jobs[job].Job.Model.Name}";
            int[] shown = [.. steps.Where(step => HasPlan(view.RowOf(own, step)))];
            ChartPoint[] points = [.. shown.Select(step => new ChartPoint(view.PositionOf(0, step), throughput[view.RowOf(own, step)], tips.Of(view.RowOf(own, step))))];
            series.Add(new Series(name, points, Palette.Kind(job), true, 4)
            {
                Intervals = [.. IntervalsOf(shown.Select(step => (view.RowOf(own, step), view.PositionOf(0, step))).OrderBy(each => each.Item2))],
            });
            series.Add(new Series(
                job == 0 ? "the best" : "", [.. points.Where((_, index) => view.RowOf(own, shown[index]) == view.BestRowOf(own))], Palette.Best, false, 9)
            {
                IsStarred = true,
                Kind = "best",
            });
        }

        const string Title = "Throughput, tokens/s/card";
        return new Plot(
            "throughput",
            Title,
            "",
            new XyChart(Title, view.UnitNameOf(0), PerCard)
            {
                Series = series,
                Names = view.IsNumeric(0) ? null : steps.ToDictionary(step => view.PositionOf(0, step), step => view.LabelOf(0, step)),
            }.Draw(),
            new PageTable(
                Title,
                [view.UnitNameOf(0), .. plan.First.Jobs.Select((job, index) => $"job {index}: {job.Job.Model.Name}")],
                [
                    .. steps.Select(step => (IReadOnlyList<PageCell>)
                    [
                        view.LabelOf(0, step), .. Enumerable.Range(0, plan.First.Jobs.Length).Select(job => view.RowOf(job, step) is >= 0 and int row ? PageCell.Of(throughput[row]) : "–"),
                    ]),
                ]));
    }

    private Plot Pareto(string name, int job, string held, int[] front)
    {
        Objective first = plan.File.Pareto[0];
        Objective second = plan.File.Pareto[1];
        double[] ys = table.Number(first.Field);
        double[] xs = table.Number(second.Field);
        int[] rows = [.. Enumerable.Range(0, table.Count).Where(row => table.Jobs[row] == job && HasPlan(row) && !double.IsNaN(xs[row]) && !double.IsNaN(ys[row]))];
        int every = Math.Max(1, rows.Length / MostCloud);
        ChartPoint[] cloud = [.. rows.Where((_, index) => index % every == 0).Select(row => new ChartPoint(xs[row], ys[row]))];
        int[] own = [.. front.Where(row => table.Jobs[row] == job).OrderBy(row => xs[row])];
        string title = $"Pareto front{held}";
        return new Plot(
            name,
            title,
            $"{(first.Maximise ? "Most" : "Least")} {first.Field} against {(second.Maximise ? "most" : "least")} {second.Field}.",
            new XyChart(title, second.Field, first.Field)
            {
                Series =
                [
                    new Series("variants", cloud, "#b9bdc4", false, 2) { Kind = "cloud" },
                    new Series("front", [.. own.Select(row => new ChartPoint(xs[row], ys[row], tips.Of(row)))], Palette.Kind(4), plan.File.Pareto.Count == 2, 4),
                ],
            }.Draw(),
            new PageTable(
                title,
                ["variant", first.Field, second.Field],
                [.. own.Select(row => (IReadOnlyList<PageCell>)[PageCell.Of(table.Variants[row], "0"), PageCell.Of(ys[row]), PageCell.Of(xs[row])])]));
    }

    /// <summary>What every map's legend ends with.</summary>
    private IEnumerable<LegendEntry> Legend(int job)
    {
        if (Cells().Any(cell => !HasPlan(RowOf(job, cell.X, cell.Y, cell.Panel))))
        {
            yield return LegendEntry.Square("no plan", Palette.Missing, "missing");
        }

        if (view.BestRowOf(job) is >= 0 and int best && Cells().Any(cell => RowOf(job, cell.X, cell.Y, cell.Panel) == best))
        {
            yield return new LegendEntry("the best variant", (canvas, x, y, side) => canvas.Outline(x + 1, y + 1, side - 2, side - 2, Palette.Best, 3, "best"));
        }
    }

    /// <summary>What a hatched cell is.</summary>
    private IEnumerable<LegendEntry> GuessLegend(int job)
    {
        if (Cells().Any(cell => IsGuess(RowOf(job, cell.X, cell.Y, cell.Panel))))
        {
            yield return new LegendEntry("a guess", (canvas, x, y, side) =>
            {
                canvas.Rectangle(x, y, side, side, Palette.Memory);
                CellMap.Hatch(canvas, x, y, side, side, Palette.Memory);
            });
        }
    }

    private bool IsGuess(int row) => HasPlan(row) && guesses.Has(row);

    /// <summary>Intervals of the rows that have one.</summary>
    private IEnumerable<ChartInterval> IntervalsOf(IEnumerable<(int Row, double X)> rows) => rows
        .Where(each => each.Row >= 0 && guesses.IntervalOf(each.Row) is not null)
        .Select(each => (each.X, Interval: guesses.IntervalOf(each.Row)!.Value))
        .Select(each => new ChartInterval(each.X, each.Interval.Least, each.Interval.Most));

    private static string Colour(string bound) => bound switch
    {
        "compute" => Palette.Compute,
        "communication" => Palette.Communication,
        "power cap" => Palette.PowerCap,
        "second memory" => Palette.SecondMemory,
        _ => Palette.Memory,
    };

    private bool HasPlan(int row) => row >= 0 && !double.IsNaN(throughput[row]);

    private int IndexOf(string word) => table.Vocabulary.Select((each, index) => (each, index)).Where(pair => pair.each == word).Select(pair => pair.index).DefaultIfEmpty(-1).First();

    private int RowOf(int job, int x, int y, int panel) => view.Axes.Count > 2 ? view.RowOf(job, x, y, panel) : view.RowOf(job, x, y);

    private IEnumerable<(int X, int Y, int Panel)> Cells() =>
        from panel in Enumerable.Range(0, view.Panels)
        from y in Enumerable.Range(0, view.Steps[1].Length)
        from x in Enumerable.Range(0, view.Steps[0].Length)
        select (x, y, panel);
}

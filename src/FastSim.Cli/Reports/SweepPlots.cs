using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Reports;

/// <summary>A plot of a sweep.</summary>
/// <param name="Name">Its file name, without ending.</param>
/// <param name="Svg">The picture.</param>
internal sealed record Plot(string Name, string Svg);

/// <summary>The plots of a sweep: throughput and bounds over its axes, and its Pareto front.</summary>
internal sealed class SweepPlots
{
    private const int MostCloud = 4000;
    private const double LogarithmFrom = 10;

    private readonly SweepPlan plan;
    private readonly SweepTable table;
    private readonly ReportView view;
    private readonly ReportTips tips;
    private readonly double[] throughput;
    private readonly byte[] bounds;
    private readonly byte[] batchBounds;

    public SweepPlots(SweepPlan plan, SweepTable table, ReportView view, ReportTips tips)
    {
        this.plan = plan;
        this.table = table;
        this.view = view;
        this.tips = tips;
        throughput = table.Number(SweepColumns.PerCard);
        bounds = table.Word("bound");
        batchBounds = table.Word("batch_bound");
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
                yield return new Plot($"throughput{suffix}", ThroughputMap(job, held));
                yield return new Plot($"bounds{suffix}", BoundMap(job, held));
            }

            if (front.Length > 0)
            {
                yield return new Plot($"pareto{suffix}", Pareto(job, title, front));
            }
        }

        if (view.Axes.Count == 1)
        {
            yield return new Plot("throughput", ThroughputLine());
        }
    }

    private string ThroughputMap(int job, string title)
    {
        double least = double.PositiveInfinity;
        double most = double.NegativeInfinity;
        ForEachCell((x, y, panel) =>
        {
            int row = RowOf(job, x, y, panel);
            if (row >= 0 && !double.IsNaN(throughput[row]))
            {
                least = Math.Min(least, throughput[row]);
                most = Math.Max(most, throughput[row]);
            }
        });

        // Throughputs that span more than a power of ten show by their logarithm: else all but the best are one colour.
        bool isLogarithmic = least > 0 && most / least > LogarithmFrom;
        double Share(double value) => isLogarithmic
            ? Labels.LogarithmOfRatio(value, least) / Labels.LogarithmOfRatio(most, least)
            : (value - least) / Math.Max(most - least, 1e-300);
        return CellMap.Draw(
            $"Throughput, tokens/s/card{title}",
            view,
            (x, y, panel) =>
            {
                int row = RowOf(job, x, y, panel);
                return (row < 0 || double.IsNaN(throughput[row]) ? Palette.Missing : Palette.Of(Share(throughput[row])), tips.Of(row));
            },
            (_, _, _) => false,
            (canvas, left, top) => ScaleLegend(canvas, left, top, least, most, isLogarithmic));
    }

    private string BoundMap(int job, string title)
    {
        int latency = IndexOf("latency limit");
        HashSet<int> seen = [];
        ForEachCell((x, y, panel) =>
        {
            int row = RowOf(job, x, y, panel);
            if (row >= 0 && !double.IsNaN(throughput[row]))
            {
                seen.Add(bounds[row]);
            }
        });
        string[] present = [.. seen.Select(word => table.Vocabulary[word]).Order(StringComparer.Ordinal)];
        return CellMap.Draw(
            $"What binds: time by colour, batch by mark{title}",
            view,
            (x, y, panel) =>
            {
                int row = RowOf(job, x, y, panel);
                return (row < 0 || double.IsNaN(throughput[row]) ? Palette.Missing : Colour(table.Vocabulary[bounds[row]]), tips.Of(row));
            },
            (x, y, panel) => RowOf(job, x, y, panel) is >= 0 and int row && !double.IsNaN(throughput[row]) && batchBounds[row] == latency,
            (canvas, left, top) =>
            {
                int line = 0;
                foreach (string word in present)
                {
                    canvas.Rectangle(left, top + (line * 22), 14, 14, Colour(word));
                    canvas.Text(left + 22, top + 12 + (line * 22), word);
                    line++;
                }

                canvas.Rectangle(left, top + (line * 22), 14, 14, Palette.Missing);
                canvas.Text(left + 22, top + 12 + (line * 22), "no plan");
                line++;
                canvas.Rectangle(left, top + (line * 22), 14, 14, "#888888");
                canvas.Circle(left + 7, top + (line * 22) + 7, 2.5, "#ffffff");
                canvas.Text(left + 22, top + 12 + (line * 22), "batch: latency limit");
                line++;
                canvas.Rectangle(left, top + (line * 22), 14, 14, "#888888");
                canvas.Text(left + 22, top + 12 + (line * 22), "batch: capacity");
            });
    }

    private string ThroughputLine()
    {
        List<Series> series = [];
        for (int job = 0; job < plan.First.Jobs.Length; job++)
        {
            List<(double, double, int?)> points = [];
            for (int step = 0; step < view.Steps[0].Length; step++)
            {
                int row = view.RowOf(job, step);
                if (row >= 0 && !double.IsNaN(throughput[row]))
                {
                    points.Add((view.PositionOf(0, step), throughput[row], tips.Of(row)));
                }
            }

            string name = plan.First.Jobs.Length == 1 ? plan.First.Jobs[job].Job.Model.Name : $"job {job}: {plan.First.Jobs[job].Job.Model.Name}";
            series.Add(new Series(name, points, Palette.Kind(job), true, 4));
        }

        return XyChart.Draw(
            "Throughput, tokens/s/card", view.NameOf(0), "tokens/s/card", series, view.IsNumeric(0) ? null : Enumerable.Range(0, view.Steps[0].Length).ToDictionary(step => view.PositionOf(0, step), step => view.LabelOf(0, step)));
    }

    private string Pareto(int job, string title, int[] front)
    {
        Objective first = plan.File.Pareto[0];
        Objective second = plan.File.Pareto[1];
        double[] ys = table.Number(first.Field);
        double[] xs = table.Number(second.Field);
        int[] rows = [.. Enumerable.Range(0, table.Count).Where(row => table.Jobs[row] == job && !double.IsNaN(throughput[row]) && !double.IsNaN(xs[row]) && !double.IsNaN(ys[row]))];
        int every = Math.Max(1, rows.Length / MostCloud);
        (double, double, int?)[] cloud = [.. rows.Where((_, index) => index % every == 0).Select(row => (xs[row], ys[row], (int?)null))];
        (double X, double Y, int?)[] best = [.. front.Where(row => table.Jobs[row] == job).Select(row => (xs[row], ys[row], tips.Of(row))).OrderBy(point => point.Item1)];
        return XyChart.Draw(
            $"Pareto front{title}",
            second.Field,
            first.Field,
            [new Series("variants", cloud, "#cccccc", false, 2), new Series("front", best, Palette.Kind(4), plan.File.Pareto.Count == 2, 4)]);
    }

    private static void ScaleLegend(SvgCanvas canvas, double left, double top, double least, double most, bool isLogarithmic)
    {
        const int Steps = 60;
        const double Height = 240;
        if (double.IsInfinity(least))
        {
            canvas.Text(left, top + 12, "no variant has a plan");
            return;
        }

        for (int step = 0; step < Steps; step++)
        {
            canvas.Rectangle(left, top + Height - ((step + 1) * Height / Steps), 16, (Height / Steps) + 0.5, Palette.Of((step + 0.5) / Steps));
        }

        foreach (double share in new[] { 0, 0.25, 0.5, 0.75, 1 })
        {
            canvas.Text(left + 22, top + Height - (share * Height) + 4, Labels.Of(isLogarithmic ? Between(least, most, share) : least + (share * (most - least))), size: 11);
        }

        canvas.Rectangle(left, top + Height + 16, 16, 14, Palette.Missing);
        canvas.Text(left + 22, top + Height + 27, "no plan", size: 11);
    }

    /// <summary>The number a share of the way between two, by their logarithms.</summary>
    private static double Between(double least, double most, double share) => double.IsInfinity(most / least)
        ? Math.Exp(Math.Log(least) + (share * Labels.LogarithmOfRatio(most, least)))
        : least * Math.Pow(most / least, share);

    private static string Colour(string bound) => bound switch
    {
        "compute" => Palette.Kind(1),
        "communication" => Palette.Kind(3),
        _ => Palette.Kind(0),
    };

    private int IndexOf(string word) => table.Vocabulary.Select((each, index) => (each, index)).Where(pair => pair.each == word).Select(pair => pair.index).DefaultIfEmpty(-1).First();

    private int RowOf(int job, int x, int y, int panel) => view.Axes.Count > 2 ? view.RowOf(job, x, y, panel) : view.RowOf(job, x, y);

    private void ForEachCell(Action<int, int, int> visit)
    {
        int panels = view.Axes.Count > 2 ? view.Steps[2].Length : 1;
        for (int panel = 0; panel < panels; panel++)
        {
            for (int y = 0; y < view.Steps[1].Length; y++)
            {
                for (int x = 0; x < view.Steps[0].Length; x++)
                {
                    visit(x, y, panel);
                }
            }
        }
    }
}

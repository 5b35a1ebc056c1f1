using System.Buffers;
using System.IO.Compression;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Pictures;
using FastSim.Cli.Reports;
using FastSim.Cli.Sweeps;
using nietras.SeparatedValues;

namespace FastSim.Cli.Commands;

/// <summary>Writes what a finished sweep leaves: the result, the best plans, the Pareto front, the sensitivities, the report.</summary>
internal sealed class SweepOutput
{
    /// <summary>Name of the report.</summary>
    public const string ReportName = "report.html";

    /// <summary>Name of the table of elasticities.</summary>
    public const string SensitivityName = "sensitivity.csv";

    /// <summary>As many as a buffer in a core's caches holds.</summary>
    private const int RowsAtOnce = 1 << 10;

    private readonly SweepPlan plan;
    private readonly string folder;
    private readonly string rows;
    private readonly SweepTable table;
    private readonly ParquetRows? parquet;
    private readonly int threads;

    /// <summary>Of a finished sweep's rows.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="folder">Folder of the results.</param>
    /// <param name="rows">File of the rows.</param>
    /// <param name="table">What is asked of them.</param>
    /// <param name="parquet">The rows as Parquet, where they were kept as they came.</param>
    /// <param name="threads">Threads.</param>
    public SweepOutput(SweepPlan plan, string folder, string rows, SweepTable table, ParquetRows? parquet, int threads)
    {
        this.plan = plan;
        this.folder = folder;
        this.rows = rows;
        this.table = table;
        this.parquet = parquet;
        this.threads = threads;
    }

    /// <summary>The rows.</summary>
    public SweepTable Table => table;

    /// <summary>Plots that an earlier sweep left.</summary>
    /// <param name="plots">Their folder; it need not be there.</param>
    public static IEnumerable<string> PlotsIn(string plots) => Directory.Exists(plots) ? [.. Directory.GetFiles(plots, "*.svg"), .. Directory.GetFiles(plots, "*.png")] : [];

    /// <summary>Writes everything but the result itself where that is the rows.</summary>
    /// <param name="withPlots">Whether to write the report's plots as files, too.</param>
    /// <param name="title">What the report is called; null for what the sweep is about.</param>
    /// <returns>The best rows: job by job, best first.</returns>
    public int[] WriteDerived(bool withPlots, string? title)
    {
        int[] best = Best();
        BestRow[] bestRows = RowsOf(best);
        int[] front = [];
        if (plan.File.Pareto.Count > 0)
        {
            front = ParetoFront.Of(table, plan.File.Pareto);
            double[][] objectives = [.. plan.File.Pareto.Select(objective => table.Number(objective.Field))];
            ParetoTable.Write(plan, folder, front.Select(row => (table.Variants[row], table.Jobs[row], Array.ConvertAll(objectives, column => column[row]))));
        }
        else
        {
            OutputFile.Remove(Path.Combine(folder, ParetoTable.Name));
        }

        OutputFile.Remove(Path.Combine(folder, OptimiseCommand.RowsName));

        // What takes one thread, longest first, beside the elasticities, which take as many as there are.
        Action[] parts = [Convert, () => WriteReport(best, front, title), () => BestTable.Write(plan, folder, bestRows), WriteSensitivity];
        OrderedBlocks.Run<bool>(
            0,
            parts.Length,
            threads,
            () => part =>
            {
                parts[part]();
                return true;
            },
            (_, _) => { },
            CancellationToken.None);

        string plots = Path.Combine(folder, "plots");
        foreach (string plot in PlotsIn(plots))
        {
            OutputFile.Remove(plot);
        }

        if (withPlots)
        {
            OutputFile.CreateFolder(plots);
            bool hasPng = PngPicture.Absence is null;
            foreach (Plot plot in new SweepPlots(plan, table, new ReportView(plan, table), new ReportTips()).Draw(front))
            {
                OutputFile.Write(Path.Combine(plots, $"{plot.Name}.svg"), writer => writer.Write(plot.Svg));
                if (hasPng)
                {
                    byte[] png = PngPicture.Of(plot.Svg);
                    OutputFile.WriteBytes(Path.Combine(plots, $"{plot.Name}.png"), stream => stream.Write(png));
                }
            }
        }

        return best;
    }

    /// <summary>Puts the result under its name; the rows' own file goes with the journal.</summary>
    public string WriteResult()
    {
        string path = Path.Combine(folder, plan.File.ResultName);
        if (!IsConverted(path))
        {
            OutputFile.Move(rows, path);
        }

        return path;
    }

    /// <summary>Whether the result is another form of the rows.</summary>
    private bool IsConverted(string path) => plan.KeepsColumns || path.EndsWith(".gz", StringComparison.Ordinal);

    /// <summary>Writes the result where it is another form of the rows, which the report still reads.</summary>
    private void Convert()
    {
        string path = Path.Combine(folder, plan.File.ResultName);
        if (parquet is not null)
        {
            parquet.End(path);
        }
        else if (plan.KeepsColumns)
        {
            OutputFile.WriteBytes(path, stream => ParquetResult.Write(plan, rows, stream));
        }
        else if (IsConverted(path))
        {
            OutputFile.WriteBytes(path, stream =>
            {
                using GZipStream target = new(stream, CompressionLevel.Optimal, leaveOpen: true);
                using FileStream source = File.OpenRead(rows);
                source.CopyTo(target);
            });
        }
    }

    /// <summary>
    /// Rows of the highest score, or throughput of a card, of each job, best first; of equals the first variant. Figures of different jobs
    /// do not compare: another model's token is another thing. Of a suite the jobs of the variants of its highest score, variant after variant.
    /// </summary>
    private int[] Best()
    {
        double[] score = table.Number(plan.RankedBy);
        double[] perCard = table.Number(SweepColumns.PerCard);
        int jobs = plan.First.Jobs.Length;
        BestRanks[] best = [.. Enumerable.Range(0, plan.File.Mix is null ? jobs : 1).Select(_ => new BestRanks(score, plan.File.Best))];
        for (int row = 0; row < table.Count; row++)
        {
            if (table.Jobs[row] < best.Length && !double.IsNaN(score[row]) && !double.IsNaN(perCard[row]))
            {
                best[table.Jobs[row]].Add(row);
            }
        }

        return plan.File.Mix is null ? [.. best.SelectMany(job => job.Rows())] : [.. best[0].Rows().SelectMany(row => Enumerable.Range(row, jobs))];
    }

    /// <summary>What the best rows say.</summary>
    public BestRow[] RowsOf(int[] best)
    {
        double[]? Column(string name, bool isThere) => isThere ? table.Number(name) : null;
        double[]? score = Column("score", plan.File.Score is not null);
        double[]? cost = Column("cost", plan.File.Cost is not null);
        double[]? suite = Column(SuiteScore.Column, plan.File.Mix is not null);
        return Array.ConvertAll(best, row => new BestRow(
            table.Variants[row], table.Jobs[row], table.Number(SweepColumns.PerCard)[row], score?[row], cost?[row], suite?[row]));
    }

    private void WriteReport(int[] best, int[] front, string? title)
    {
        string path = Path.Combine(folder, ReportName);
        if (plan.File.HasReport)
        {
            OutputFile.Write(path, writer => SweepReport.Write(plan, table, rows, best, front, title, writer));
        }
        else
        {
            OutputFile.Remove(path);
        }
    }

    private void WriteSensitivity()
    {
        (int Axis, AxisColumn Column)[] axes =
        [
            .. plan.Space.Axes.Select((axis, index) => (index, Sensitivity.ColumnOf(axis)))
                .Where(pair => pair.Item2 is not null)
                .Select(pair => (pair.index, pair.Item2!)),
        ];
        string path = Path.Combine(folder, SensitivityName);
        if (axes.Length == 0)
        {
            OutputFile.Remove(path);
            return;
        }

        string[] elasticities = [.. axes.Select(axis => $"elasticity_{axis.Column.Name}")];
        OutputFile.WriteBytes(path, stream =>
        {
            using (StreamWriter writer = new(stream, leaveOpen: true) { NewLine = "\n" })
            {
                Open(["variant", "job", .. plan.AxisNames, .. elasticities], writer).Dispose();
            }

            OrderedBlocks.Run<(byte[] Buffer, int Length)>(
                0,
                (table.Count + RowsAtOnce - 1) / RowsAtOnce,
                threads,
                () =>
                {
                    SensitivityRows own = new(plan, table, axes, elasticities);
                    return block => own.Of((int)block * RowsAtOnce, Math.Min(table.Count, ((int)block + 1) * RowsAtOnce));
                },
                (_, text) =>
                {
                    stream.Write(text.Buffer, 0, text.Length);
                    ArrayPool<byte>.Shared.Return(text.Buffer);
                },
                CancellationToken.None);
        });
    }

    /// <summary>Writes which variant and job a row is of.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="values">Where the variant's values go.</param>
    /// <param name="line">The row.</param>
    /// <param name="variant">The variant's number.</param>
    /// <param name="job">The job.</param>
    /// <returns>The next cell.</returns>
    internal static int WriteKey(SweepPlan plan, VariantValues values, SepWriter.Row line, long variant, int job)
    {
        int cell = 0;
        line[cell++].Format(variant);
        line[cell++].Format(job);
        values.Load(variant);
        for (int place = 0; place < plan.AxisNames.Count; place++)
        {
            Cell.Set(line, cell++, values.At(place), plan.AxisNames[place]);
        }

        return cell;
    }

    /// <summary>Begins a table.</summary>
    internal static SepWriter Open(string[] header, TextWriter writer)
    {
        SepWriter csv = ResultCsv.Open(writer);
        csv.Header.Add([.. header.Select(Cell.Text)]);
        csv.Header.Write();
        return csv;
    }
}

using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Reports;

/// <summary>The report of a sweep: one page that needs nothing but itself.</summary>
internal static class SweepReport
{
    /// <summary>Writes the page.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="table">Its rows.</param>
    /// <param name="rows">File of the rows.</param>
    /// <param name="best">Best rows: job by job, best first.</param>
    /// <param name="front">Rows of the Pareto front.</param>
    /// <param name="title">What the page is called; null for what the sweep is about.</param>
    /// <param name="writer">Where it goes.</param>
    public static void Write(SweepPlan plan, SweepTable table, string rows, int[] best, int[] front, string? title, TextWriter writer)
    {
        ReportView view = new(plan, table);
        ReportTips tips = new();
        Plot[] plots = [.. new SweepPlots(plan, table, view, tips).Draw(front)];
        HtmlPage page = new(title ?? SweepTitle.Of(plan));
        WriteSummary(plan, table, view, page);
        if (best.Length > 0)
        {
            page.Table(BestOf(plan, table, best), "best");
        }

        page.Plots(plots);
        page.Heading("What was varied");
        page.Facts(plan.Space.Axes.Select((axis, index) => (AxisLabels.WithUnit(axis), Range(axis, view, plan, index))));
        page.Write(writer, tips.Read(plan, rows));
    }

    private static void WriteSummary(SweepPlan plan, SweepTable table, ReportView view, HtmlPage page)
    {
        double[] throughput = table.Number(SweepColumns.PerCard);
        int feasible = throughput.Count(value => !double.IsNaN(value));
        string Whole(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
        string sampled = view.IsSampled ? " Axes of many steps show evenly spread ones; the table holds all." : "";
        page.Paragraph($"Variants of {SweepTitle.Base(plan)}, from {Path.GetFileName(plan.File.RuntimeFile)}: {Whole(table.Count)} answers, {Whole(feasible)} with a plan.{sampled}", "soft");
    }

    private static string Range(SweepAxis axis, ReportView view, SweepPlan plan, int index)
    {
        string values = axis.Count == 1
            ? AxisLabels.Of(axis, 0)
            : $"{AxisLabels.Of(axis, 0)} … {AxisLabels.Of(axis, axis.Count - 1)}, {axis.Count} steps";
        return view.Fixed.Contains(index) ? $"{values}; held at {Held(plan, view, index)}" : values;
    }

    /// <summary>Where an axis that is not shown stands: at the best of each job.</summary>
    private static string Held(SweepPlan plan, ReportView view, int axis)
    {
        SweepAxis each = plan.Space.Axes[axis];
        int[] steps = [.. Enumerable.Range(0, plan.First.Jobs.Length).Select(job => view.FixedStepOf(job, axis))];
        return steps.Distinct().Count() == 1
            ? $"{AxisLabels.Of(each, steps[0])}, where the best is"
            : $"{string.Join(", ", steps.Select((step, job) => $"{AxisLabels.Of(each, step)} for job {job}"))}, where the best of each is";
    }

    /// <summary>The best variant of each job.</summary>
    private static PageTable BestOf(SweepPlan plan, SweepTable table, int[] best)
    {
        double[] throughput = table.Number(SweepColumns.PerCard);
        string[] score = plan.File.Score is null ? [] : ["score"];
        GuessedRows guesses = new(plan, table);
        string[] within = best.Any(row => guesses.IntervalOf(row) is not null) ? ["four of five within"] : [];
        return new PageTable(
            plan.First.Jobs.Length == 1 ? "The best variant" : "The best variant of each job",
            ["best of job", "variant", .. plan.Space.Axes.Select(AxisLabels.WithUnit), "tokens/s/card", .. within, .. score],
            [
                .. best.GroupBy(row => table.Jobs[row]).Select(job => job.First()).Select(row => (IReadOnlyList<PageCell>)
                [
                    $"{table.Jobs[row]}, {plan.First.Jobs[table.Jobs[row]].Job.Model.Name}",
                    table.Variants[row].ToString(CultureInfo.InvariantCulture),
                    .. plan.Space.Axes.Select((axis, index) => (PageCell)AxisLabels.Of(axis, plan.Space.StepOf(table.Variants[row], index))),
                    PageCell.Of(throughput[row]),
                    .. within.Select(_ => (PageCell)(guesses.IntervalOf(row) is { } ends ? $"{Labels.Of(ends.Least)} to {Labels.Of(ends.Most)}{(guesses.Has(row) ? ", a guess" : "")}" : "–")),
                    .. score.Select(_ => PageCell.Of(table.Number(plan.RankedBy)[row])),
                ]),
            ]);
    }
}

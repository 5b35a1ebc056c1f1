using System.Globalization;
using System.Net;
using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Reports;

/// <summary>The report of a sweep: one page that needs nothing but itself.</summary>
internal static class SweepReport
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; color: #333; max-width: 1180px; margin: 24px auto; padding: 0 16px; }
        h1 { font-size: 22px; } figure { margin: 24px 0; overflow-x: auto; } svg { max-width: 100%; height: auto; }
        table { border-collapse: collapse; } td, th { padding: 3px 12px 3px 0; text-align: left; font-weight: normal; } th { color: #777; }
        [data-tip]:hover { stroke: #000; stroke-width: 1.5; }
        #tip { position: fixed; display: none; white-space: pre-line; background: #222; color: #fff; font-size: 13px;
               padding: 8px 10px; border-radius: 4px; pointer-events: none; max-width: 420px; z-index: 1; }
        """;

    private const string Script = """
        const tips = JSON.parse(document.getElementById('tips').textContent);
        const box = document.getElementById('tip');
        document.addEventListener('mousemove', event => {
          const number = event.target.getAttribute && event.target.getAttribute('data-tip');
          if (number === null || number === undefined || tips[number] === undefined) { box.style.display = 'none'; return; }
          box.textContent = tips[number];
          box.style.display = 'block';
          const right = event.clientX + 16 + box.offsetWidth > innerWidth;
          const low = event.clientY + 16 + box.offsetHeight > innerHeight;
          box.style.left = (right ? event.clientX - box.offsetWidth - 12 : event.clientX + 16) + 'px';
          box.style.top = (low ? event.clientY - box.offsetHeight - 12 : event.clientY + 16) + 'px';
        });
        """;

    /// <summary>Writes the page.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="table">Its rows.</param>
    /// <param name="rows">File of the rows.</param>
    /// <param name="best">Best rows: job by job, best first.</param>
    /// <param name="front">Rows of the Pareto front.</param>
    /// <param name="writer">Where it goes.</param>
    public static void Write(SweepPlan plan, SweepTable table, string rows, int[] best, int[] front, TextWriter writer)
    {
        ReportView view = new(plan, table);
        ReportTips tips = new();
        Plot[] plots = [.. new SweepPlots(plan, table, view, tips).Draw(front)];
        string title = $"Sweep of {Path.GetFileName(plan.File.RuntimeFile)}";
        writer.Write("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        writer.Write($"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{WebUtility.HtmlEncode(title)}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n");
        writer.Write($"<h1>{WebUtility.HtmlEncode(title)}</h1>\n");
        WriteSummary(plan, table, view, writer);
        WriteBest(plan, table, best, writer);
        foreach (Plot plot in plots)
        {
            writer.Write($"<figure id=\"{plot.Name}\">\n{plot.Svg}</figure>\n");
        }

        writer.Write("<div id=\"tip\"></div>\n");
        writer.Write($"<script type=\"application/json\" id=\"tips\">{JsonSerializer.Serialize(tips.Read(plan, rows), ReportJson.Default.StringArray)}</script>\n");
        writer.Write($"<script>\n{Script}\n</script>\n</body>\n</html>\n");
    }

    private static void WriteSummary(SweepPlan plan, SweepTable table, ReportView view, TextWriter writer)
    {
        double[] throughput = table.Number(SweepColumns.PerCard);
        int feasible = throughput.Count(value => !double.IsNaN(value));
        string Whole(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
        writer.Write($"<p>{Whole(table.Count)} answers, {Whole(feasible)} with a plan. Point at a cell for its winning plan.");
        if (view.IsSampled)
        {
            writer.Write(" Axes of many steps show evenly spread ones; the table holds all.");
        }

        writer.Write("</p>\n<table>\n");
        for (int axis = 0; axis < plan.Space.Axes.Count; axis++)
        {
            SweepAxis each = plan.Space.Axes[axis];
            string shown = view.Fixed.Contains(axis) ? $"held at {Held(plan, view, axis)}" : "";
            string values = each.Count == 1
                ? AxisLabels.Of(each, 0)
                : $"{AxisLabels.Of(each, 0)} … {AxisLabels.Of(each, each.Count - 1)}, {each.Count} steps";
            writer.Write($"<tr><th>{WebUtility.HtmlEncode(AxisLabels.NameOf(each))}</th><td>{values}</td><td>{shown}</td></tr>\n");
        }

        writer.Write("</table>\n");
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
    private static void WriteBest(SweepPlan plan, SweepTable table, int[] best, TextWriter writer)
    {
        if (best.Length == 0)
        {
            return;
        }

        double[] throughput = table.Number(SweepColumns.PerCard);
        string score = plan.File.Score is null ? "" : "<th>score</th>";
        writer.Write($"<table id=\"best\">\n<tr><th>best of job</th><th>variant</th>{string.Concat(plan.Space.Axes.Select(axis => $"<th>{WebUtility.HtmlEncode(AxisLabels.NameOf(axis))}</th>"))}<th>tokens/s/card</th>{score}</tr>\n");
        foreach (int row in best.GroupBy(row => table.Jobs[row]).Select(job => job.First()))
        {
            string axes = string.Concat(plan.Space.Axes.Select((axis, index) => $"<td>{AxisLabels.Of(axis, plan.Space.StepOf(table.Variants[row], index))}</td>"));
            string value = plan.File.Score is null ? "" : $"<td>{Labels.Of(table.Number(plan.RankedBy)[row])}</td>";
            writer.Write($"<tr><td>{table.Jobs[row]}, {WebUtility.HtmlEncode(plan.First.Jobs[table.Jobs[row]].Job.Model.Name)}</td><td>{table.Variants[row]}</td>{axes}<td>{Labels.Of(throughput[row])}</td>{value}</tr>\n");
        }

        writer.Write("</table>\n");
    }
}

/// <summary>Writes what the page's script reads, without reflection.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class ReportJson : System.Text.Json.Serialization.JsonSerializerContext;

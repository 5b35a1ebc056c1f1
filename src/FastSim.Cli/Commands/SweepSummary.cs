using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Sweeps;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Commands;

/// <summary>What a sweep tells when it is done.</summary>
internal sealed class SweepSummary(SweepPlan plan, SweepProgress progress, SweepTally tally, TimeSpan evaluation, IReadOnlyList<string> warnings)
{
    private const int MostJobs = 10;

    private readonly List<BestRow> best = [];
    private readonly VariantValues values = new(plan.Space);

    /// <summary>Where the result is.</summary>
    public string Result { get; set; } = "";

    /// <summary>The table of the variants' fronts, put together; null where there is none.</summary>
    public string? Envelope { get; set; }

    /// <summary>Folder of what a finished sweep leaves; null for a shard.</summary>
    public string? Folder { get; set; }

    /// <summary>Takes the best rows: job by job, best first; of a suite variant by variant.</summary>
    public void TakeBest(IEnumerable<BestRow> rows) => best.AddRange(rows);

    /// <summary>Writes it for people.</summary>
    public void Write(TextWriter writer)
    {
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"sweep: {progress.Rows:N0} answers, {progress.Feasible:N0} with a plan{Time()}"));
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"candidates: covered {tally.Covered:N0}; removed by divisibility {tally.Indivisible:N0}, memory {tally.TooLarge:N0}, latency {tally.TooSlow:N0}; {tally.Outbid:N0} pruned by bound; evaluated {tally.Evaluated:N0}"));
        BestRow[] first = [.. best.GroupBy(row => row.Job).Select(job => job.First())];
        if (first.Length > 0 && first[0].Suite is { } suite)
        {
            writer.WriteLine(OneLine.Of($"best of the suite: variant {first[0].Variant} with score {Reports.Labels.Of(suite)} at {Where(first[0])}"));
        }

        foreach (BestRow row in first.Take(MostJobs))
        {
            writer.WriteLine(OneLine.Of(Words(row)));
        }

        if (first.Length > MostJobs)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"best: of {first.Length - MostJobs:N0} more jobs in {BestTable.Name}"));
        }

        writer.WriteLine(OneLine.Of($"result: {Result}"));
        if (Envelope is { } envelope)
        {
            writer.WriteLine(OneLine.Of($"envelope: {envelope}"));
        }

        if (ReportPath is { } report)
        {
            writer.WriteLine(OneLine.Of($"report: {report}"));
        }
    }

    /// <summary>The same as JSON.</summary>
    public string Json() => IndentedJson.Object(json =>
    {
        json.WriteString("result", Result);
        if (Envelope is { } envelope)
        {
            json.WriteString("envelope", envelope);
        }

        if (ReportPath is { } report)
        {
            json.WriteString("report", report);
        }

        json.WriteNumber("answers", progress.Rows);
        json.WriteNumber("withPlan", progress.Feasible);
        json.WriteNumber("evaluationSeconds", evaluation.TotalSeconds);
        json.WriteStartObject("candidates");
        json.WriteNumber("covered", tally.Covered);
        json.WriteNumber("removedByDivisibility", tally.Indivisible);
        json.WriteNumber("removedByMemory", tally.TooLarge);
        json.WriteNumber("removedByLatency", tally.TooSlow);
        json.WriteNumber("prunedByBound", tally.Outbid);
        json.WriteNumber("evaluated", tally.Evaluated);
        json.WriteEndObject();
        json.WriteString("rankedBy", plan.RankedBy);
        json.WriteObjects("best", best, row =>
        {
            json.WriteNumber("variant", row.Variant);
            json.WriteNumber("job", row.Job);
            json.WriteString("model", ModelOf(row.Job));
            json.WriteNumber("tokensPerSecondPerCard", row.PerCard);
            if (row.Score is { } score)
            {
                json.WriteNumber("score", score);
            }

            if (row.Cost is { } cost && double.IsFinite(cost))
            {
                json.WriteNumber("cost", cost);
            }

            if (row.Suite is { } suite)
            {
                json.WriteNumber(SuiteScore.Column, suite);
            }

            json.WriteStartObject("axes");
            values.Load(row.Variant);
            for (int place = 0; place < plan.AxisNames.Count; place++)
            {
                if (values.At(place) is var value && !double.IsNaN(value))
                {
                    json.WriteNumber(plan.AxisNames[place], value);
                }
                else
                {
                    json.WriteNull(plan.AxisNames[place]);
                }
            }

            json.WriteEndObject();
        });
        json.WriteTexts("warnings", warnings);
    });

    /// <summary>A best row in words.</summary>
    private string Words(BestRow row)
    {
        string score = row.Score is { } value ? $" with score {Reports.Labels.Of(value)}" : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"best of job {row.Job}, {ModelOf(row.Job)}: variant {row.Variant}{score}: {row.PerCard:0.0} tokens/s/card at {Where(row)}");
    }

    private string Where(BestRow row) => string.Join(", ", plan.Space.Axes.Select((axis, index) => axis.Describe(plan.Space.StepOf(row.Variant, index))));

    private string ModelOf(int job) => plan.First.Jobs[job].Job.Model.Name;

    private string? ReportPath => Folder is { } folder && plan.File.HasReport ? Path.Combine(folder, SweepOutput.ReportName) : null;

    private string Time() => evaluation == TimeSpan.Zero
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $", in {evaluation.TotalSeconds:0.00} s ({evaluation.TotalMicroseconds / Math.Max(1, progress.Rows):0.0} µs an answer, {evaluation.TotalNanoseconds / Math.Max(1, tally.Covered):0.000} ns a candidate covered)");
}

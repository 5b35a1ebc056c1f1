using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Sweeps;

/// <summary>What a sweep tells when it is done.</summary>
internal sealed class SweepSummary(SweepPlan plan, SweepProgress progress, SweepTally tally, TimeSpan evaluation, IReadOnlyList<string> warnings)
{
    private readonly List<(long Variant, int Job, double PerCard)> best = [];

    /// <summary>Where the result is.</summary>
    public string Result { get; set; } = "";

    /// <summary>Takes the best rows.</summary>
    public void TakeBest(SweepTable table, int[] rows)
    {
        foreach (int row in rows)
        {
            best.Add((table.Variants[row], table.Jobs[row], table.Number(SweepColumns.PerCard)[row]));
        }
    }

    /// <summary>Writes it for people.</summary>
    public void Write(TextWriter writer)
    {
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"sweep: {progress.Rows:N0} answers, {progress.Feasible:N0} with a plan{Time()}"));
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"candidates: covered {tally.Covered:N0}; removed by divisibility {tally.Indivisible:N0}, memory {tally.TooLarge:N0}, latency {tally.TooSlow:N0}, bound {tally.Outbid:N0}; evaluated {tally.Evaluated:N0}"));
        if (best.Count > 0)
        {
            string variant = string.Join(
                ", ", plan.Space.Axes.Select((axis, index) => axis.Describe(plan.Space.StepOf(best[0].Variant, index))));
            writer.WriteLine(OneLine.Of(string.Create(
                CultureInfo.InvariantCulture, $"best: variant {best[0].Variant}, job {best[0].Job}: {best[0].PerCard:0.0} tokens/s/card at {variant}")));
        }

        writer.WriteLine(OneLine.Of($"result: {Result}"));
    }

    /// <summary>The same as JSON.</summary>
    public string Json() => IndentedJson.Object(json =>
    {
        json.WriteString("result", Result);
        json.WriteNumber("answers", progress.Rows);
        json.WriteNumber("withPlan", progress.Feasible);
        json.WriteNumber("evaluationSeconds", evaluation.TotalSeconds);
        json.WriteStartObject("candidates");
        json.WriteNumber("covered", tally.Covered);
        json.WriteNumber("removedByDivisibility", tally.Indivisible);
        json.WriteNumber("removedByMemory", tally.TooLarge);
        json.WriteNumber("removedByLatency", tally.TooSlow);
        json.WriteNumber("removedByBound", tally.Outbid);
        json.WriteNumber("evaluated", tally.Evaluated);
        json.WriteEndObject();
        json.WriteObjects("best", best, row =>
        {
            json.WriteNumber("variant", row.Variant);
            json.WriteNumber("job", row.Job);
            json.WriteNumber("tokensPerSecondPerCard", row.PerCard);
        });
        json.WriteTexts("warnings", warnings);
    });

    private string Time() => evaluation == TimeSpan.Zero
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $", in {evaluation.TotalSeconds:0.00} s ({evaluation.TotalMicroseconds / Math.Max(1, progress.Rows):0.0} µs an answer, {evaluation.TotalNanoseconds / Math.Max(1, tally.Covered):0.000} ns a candidate covered)");
}

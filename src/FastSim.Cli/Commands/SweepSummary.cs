using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Sweeps;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Commands;

/// <summary>What a sweep tells when it is done.</summary>
internal sealed class SweepSummary(SweepPlan plan, SweepProgress progress, SweepTally tally, TimeSpan evaluation, IReadOnlyList<string> warnings)
{
    private readonly List<BestRow> best = [];

    /// <summary>Where the result is.</summary>
    public string Result { get; set; } = "";

    /// <summary>The table of the variants' fronts, put together; null where there is none.</summary>
    public string? Envelope { get; set; }

    /// <summary>Answers that are guesses of a learned efficiency; null where none answers, or the rows are not together yet.</summary>
    public int? Guesses { get; set; }

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
        if (Guesses is { } guesses)
        {
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"efficiency model: {guesses:N0} of {progress.Feasible:N0} answers are guesses, beyond its training or of a wide interval"));
        }

        new BestText(plan, best).Write(writer);
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
        if (Guesses is { } guesses)
        {
            json.WriteNumber("guesses", guesses);
        }

        json.WriteNumber("evaluationSeconds", evaluation.TotalSeconds);
        json.WriteStartObject("candidates");
        json.WriteNumber("covered", tally.Covered);
        json.WriteNumber("removedByDivisibility", tally.Indivisible);
        json.WriteNumber("removedByMemory", tally.TooLarge);
        json.WriteNumber("removedByLatency", tally.TooSlow);
        json.WriteNumber("prunedByBound", tally.Outbid);
        json.WriteNumber("evaluated", tally.Evaluated);
        json.WriteEndObject();
        new BestText(plan, best).Write(json);
        json.WriteTexts("warnings", warnings);
    });

    private string? ReportPath => Folder is { } folder && plan.File.HasReport ? Path.Combine(folder, SweepOutput.ReportName) : null;

    private string Time() => evaluation == TimeSpan.Zero
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $", in {evaluation.TotalSeconds:0.00} s ({evaluation.TotalMicroseconds / Math.Max(1, progress.Rows):0.0} µs an answer, {evaluation.TotalNanoseconds / Math.Max(1, tally.Covered):0.000} ns a candidate covered)");
}

using System.Globalization;
using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Commands;

/// <summary>What is told of the best of a sweep.</summary>
/// <param name="plan">The sweep.</param>
/// <param name="best">The best: job by job, best first; of a suite variant by variant.</param>
internal sealed class BestText(SweepPlan plan, IReadOnlyList<BestRow> best)
{
    private const int MostJobs = 10;

    private readonly VariantValues values = new(plan.Space);

    /// <summary>Writes it for people: the best of each job, and of the suite.</summary>
    public void Write(TextWriter writer)
    {
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
    }

    /// <summary>Writes it as properties of a JSON object.</summary>
    public void Write(Utf8JsonWriter json)
    {
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

            values.Load(row.Variant);
            WriteValues(json, "axes", 0, plan.Space.ColumnCount);
            if (plan.Space.Derived.Count > 0)
            {
                WriteValues(json, "derived", plan.Space.ColumnCount, plan.AxisNames.Count);
            }
        });
    }

    private void WriteValues(Utf8JsonWriter json, string property, int first, int end)
    {
        json.WriteStartObject(property);
        for (int place = first; place < end; place++)
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
    }

    /// <summary>A best row in words.</summary>
    private string Words(BestRow row)
    {
        string score = row.Score is { } value ? $" with score {Reports.Labels.Of(value)}" : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"best of job {row.Job}, {ModelOf(row.Job)}: variant {row.Variant}{score}: {row.PerCard:0.0} tokens/s/card at {Where(row)}");
    }

    private string Where(BestRow row)
    {
        values.Load(row.Variant);
        return values.Describe();
    }

    private string ModelOf(int job) => plan.First.Jobs[job].Job.Model.Name;
}

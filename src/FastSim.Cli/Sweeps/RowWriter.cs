using System.Globalization;
using System.Text;
using FastSim.Cli.Output;
using nietras.SeparatedValues;

namespace FastSim.Cli.Sweeps;

/// <summary>Writes answers of a sweep as rows of CSV. Serves one thread.</summary>
internal sealed class RowWriter
{
    private readonly SweepPlan plan;
    private readonly VariantValues values;
    private readonly AnswerFormulas formulas;
    private readonly CsvBytes csv = new();
    private readonly SweepAnswer answer = new();
    private readonly double[] scores;

    public RowWriter(SweepPlan plan)
    {
        this.plan = plan;
        values = new VariantValues(plan.Space);
        formulas = new AnswerFormulas(plan, values);
        scores = new double[plan.First.Jobs.Length];
    }

    /// <summary>The header line.</summary>
    public static byte[] Header(SweepPlan plan)
    {
        using StringWriter text = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
        using (SepWriter header = ResultCsv.Open(text))
        {
            header.Header.Add([.. plan.Header.Select(Cell.Text)]);
            header.Header.Write();
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Rows of some answers, variants outermost.</summary>
    /// <param name="variants">The variants.</param>
    /// <param name="jobsOf">Jobs of each variant.</param>
    /// <param name="results">Answers, jobs of a variant one after another.</param>
    public byte[] Rows(ReadOnlySpan<long> variants, ReadOnlySpan<SweepGroup> jobsOf, ReadOnlySpan<Search.Sweeps.VariantResult> results)
    {
        csv.Clear();
        int jobs = plan.First.Jobs.Length;
        for (int index = 0; index < variants.Length; index++)
        {
            values.Load(variants[index]);
            double suite = plan.File.Mix is not null ? Suite(variants[index], jobsOf[index], results.Slice(index * jobs, jobs)) : double.NaN;
            for (int job = 0; job < jobs; job++)
            {
                answer.Load(variants[index], job, jobsOf[index].Jobs[job].Job, results[(index * jobs) + job]);
                Write(suite);
            }
        }

        return csv.Written.ToArray();
    }

    /// <summary>The one score of a variant's jobs.</summary>
    private double Suite(long variant, SweepGroup group, ReadOnlySpan<Search.Sweeps.VariantResult> results)
    {
        for (int job = 0; job < scores.Length; job++)
        {
            answer.Load(variant, job, group.Jobs[job].Job, results[job]);
            double score = formulas.Of(answer).Score;
            scores[job] = plan.File.Score is null ? answer.TokensPerSecondPerCard : score;
        }

        return SuiteScore.Of(plan.File, scores);
    }

    private void Write(double suite)
    {
        (double cost, double score) = formulas.Of(answer);
        csv.Whole(answer.Variant);
        csv.Whole(answer.JobIndex);
        for (int place = 0; place < plan.AxisNames.Count; place++)
        {
            csv.Number(values.At(place), plan.AxisNames[place]);
        }

        foreach (SweepColumn column in plan.Columns)
        {
            if (column.Number is { } number)
            {
                csv.Number(number(answer), column.Name);
            }
            else
            {
                csv.Text(column.Text!(answer));
            }
        }

        if (plan.File.Cost is not null)
        {
            csv.Number(cost, "cost");
        }

        if (plan.File.Score is not null)
        {
            csv.Number(score, "score");
        }

        if (plan.File.Mix is not null)
        {
            csv.Number(suite, SuiteScore.Column);
        }

        csv.Text(SweepColumns.Reason.Text!(answer));
        csv.EndRow();
    }
}

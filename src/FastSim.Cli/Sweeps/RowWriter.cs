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
    private readonly StringBuilder text = new();
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
        using (SepWriter csv = ResultCsv.Open(text))
        {
            csv.Header.Add([.. plan.Header.Select(Cell.Text)]);
            csv.Header.Write();
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Rows of some answers, variants outermost.</summary>
    /// <param name="variants">The variants.</param>
    /// <param name="jobsOf">Jobs of each variant.</param>
    /// <param name="results">Answers, jobs of a variant one after another.</param>
    public byte[] Rows(ReadOnlySpan<long> variants, ReadOnlySpan<SweepGroup> jobsOf, ReadOnlySpan<Search.Sweeps.VariantResult> results)
    {
        text.Clear();
        using (SepWriter csv = Sep.New(',')
            .Writer(options => options with { Escape = true, CultureInfo = CultureInfo.InvariantCulture, WriteHeader = false })
            .To(new StringWriter(text, CultureInfo.InvariantCulture) { NewLine = "\n" }))
        {
            int jobs = plan.First.Jobs.Length;
            for (int index = 0; index < variants.Length; index++)
            {
                values.Load(variants[index]);
                double suite = plan.File.Mix is not null ? Suite(variants[index], jobsOf[index], results.Slice(index * jobs, jobs)) : double.NaN;
                for (int job = 0; job < jobs; job++)
                {
                    answer.Load(variants[index], job, jobsOf[index].Jobs[job].Job, results[(index * jobs) + job]);
                    Write(csv, suite);
                }
            }
        }

        return Encoding.UTF8.GetBytes(text.ToString());
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

    private void Write(SepWriter csv, double suite)
    {
        // Before the row begins: a formula that fails must not leave half a row behind.
        (double cost, double score) = formulas.Of(answer);
        using SepWriter.Row row = csv.NewRow();
        int cell = 0;
        row[cell++].Format(answer.Variant);
        row[cell++].Format(answer.JobIndex);
        for (int place = 0; place < plan.AxisNames.Count; place++)
        {
            Cell.Set(row, cell++, values.At(place), plan.AxisNames[place]);
        }

        foreach (SweepColumn column in plan.Columns)
        {
            if (column.Number is { } number)
            {
                Cell.Set(row, cell++, number(answer), column.Name);
            }
            else
            {
                row[cell++].Set(Cell.Text(column.Text!(answer)));
            }
        }

        if (plan.File.Cost is not null)
        {
            Cell.Set(row, cell++, cost, "cost");
        }

        if (plan.File.Score is not null)
        {
            Cell.Set(row, cell++, score, "score");
        }

        if (plan.File.Mix is not null)
        {
            Cell.Set(row, cell++, suite, SuiteScore.Column);
        }

        row[cell].Set(Cell.Text(SweepColumns.Reason.Text!(answer)));
    }
}

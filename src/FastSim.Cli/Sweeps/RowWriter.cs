using System.Globalization;
using System.Text;
using FastSim.Cli.Output;
using nietras.SeparatedValues;

namespace FastSim.Cli.Sweeps;

/// <summary>Writes answers of a sweep as rows of CSV or as columns, and keeps what is asked of them when it ends. Serves one thread.</summary>
internal sealed class RowWriter
{
    private const int NotKept = -1;
    private const int MostExpectedBytes = 1 << 20;

    private readonly SweepPlan plan;
    private readonly VariantValues values;
    private readonly AnswerFormulas formulas;
    private readonly CsvBytes csv;
    private readonly SweepAnswer answer = new();
    private readonly double[] scores;
    private readonly string[] axisNames;
    private readonly SweepColumn[] columns;
    private readonly List<(string Text, byte[] Bytes)>[] said;
    private readonly int[] keptAxes;
    private readonly int[] keptColumns;
    private readonly int keptCost;
    private readonly int keptScore;
    private readonly int keptSuite;

    /// <summary>A writer.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="kept">What is asked of the rows when it ends; null where nothing is.</param>
    public RowWriter(SweepPlan plan, TableColumns? kept = null)
    {
        this.plan = plan;

        // Room that nothing is written to takes none.
        csv = new CsvBytes(expectedBytes: (int)Math.Min(MostExpectedBytes, (long)plan.VariantsPerBlock * plan.First.Jobs.Length * plan.Header.Count * sizeof(long)));
        values = new VariantValues(plan.Space);
        formulas = new AnswerFormulas(plan, values);
        scores = new double[plan.First.Jobs.Length];
        axisNames = [.. plan.AxisNames];
        columns = [.. plan.Columns];
        said = [.. columns.Select(_ => new List<(string, byte[])>())];
        int PlaceOf(string name) => kept is null ? NotKept : Array.IndexOf(kept.Numbers, name);
        keptAxes = Array.ConvertAll(axisNames, PlaceOf);
        keptColumns = Array.ConvertAll(columns, column => column.Number is not null ? PlaceOf(column.Name) : kept is null ? NotKept : Array.IndexOf(kept.Words, column.Name));
        (keptCost, keptScore, keptSuite) = (PlaceOf("cost"), PlaceOf("score"), PlaceOf(SuiteScore.Column));
    }

    /// <summary>What is written, until the next rows are.</summary>
    public ReadOnlySpan<byte> Written => csv.Written;

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

    /// <summary>Gives away what is written (<see cref="CsvBytes.Take"/>).</summary>
    public byte[] Take(out int length) => csv.Take(out length);

    /// <summary>Writes rows of some answers, variants outermost.</summary>
    /// <param name="variants">The variants.</param>
    /// <param name="jobsOf">Jobs of each variant.</param>
    /// <param name="results">Answers, jobs of a variant one after another.</param>
    /// <param name="block">Where what is kept of them goes; null where nothing is.</param>
    /// <param name="wide">Where all of their columns go; null where rows of CSV are asked for.</param>
    public void Write(
        ReadOnlySpan<long> variants, ReadOnlySpan<SweepGroup> jobsOf, ReadOnlySpan<Search.Sweeps.VariantResult> results, TableBlock? block = null, ColumnBlock? wide = null)
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
                Write(suite, block, wide);
            }
        }
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

    private void Write(double suite, TableBlock? block, ColumnBlock? wide)
    {
        (double cost, double score) = formulas.Of(answer);
        Whole(answer.Variant, wide);
        Whole(answer.JobIndex, wide);
        for (int place = 0; place < axisNames.Length; place++)
        {
            Number(values.At(place), axisNames[place], keptAxes[place], block, wide);
        }

        for (int index = 0; index < columns.Length; index++)
        {
            SweepColumn column = columns[index];
            if (column.Number is { } number)
            {
                Number(number(answer), column.Name, keptColumns[index], block, wide);
                continue;
            }

            string text = column.Text!(answer);
            if (wide is null)
            {
                csv.Again(text, said[index]);
            }
            else
            {
                wide.Text(text);
            }

            if (keptColumns[index] >= 0)
            {
                block?.Words[keptColumns[index]][block.Count] = text;
            }
        }

        if (plan.File.Cost is not null)
        {
            Number(cost, "cost", keptCost, block, wide);
        }

        if (plan.File.Score is not null)
        {
            Number(score, "score", keptScore, block, wide);
        }

        if (plan.File.Mix is not null)
        {
            Number(suite, SuiteScore.Column, keptSuite, block, wide);
        }

        string reason = SweepColumns.Reason.Text!(answer);
        if (wide is null)
        {
            csv.Text(reason);
            csv.EndRow();
        }
        else
        {
            wide.Text(reason);
            wide.EndRow();
        }

        if (block is not null)
        {
            (block.Variants[block.Count], block.Jobs[block.Count]) = (answer.Variant, answer.JobIndex);
            block.Count++;
        }
    }

    private void Whole(long value, ColumnBlock? wide)
    {
        if (wide is null)
        {
            csv.Whole(value);
        }
        else
        {
            wide.Whole(value);
        }
    }

    private void Number(double value, string column, int kept, TableBlock? block, ColumnBlock? wide)
    {
        if (wide is null)
        {
            csv.Number(value, column);
        }
        else
        {
            wide.Number(value, column);
        }

        if (kept >= 0)
        {
            block?.Numbers[kept][block.Count] = value;
        }
    }
}

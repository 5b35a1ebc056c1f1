using System.Globalization;
using System.Text;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using nietras.SeparatedValues;

namespace FastSim.Cli.Sweeps;

/// <summary>Writes answers of a sweep as rows of CSV. Serves one thread.</summary>
internal sealed class RowWriter
{
    private readonly SweepPlan plan;
    private readonly Formula? cost;
    private readonly Formula? score;
    private readonly Dictionary<string, int> axisPlaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Func<SweepAnswer, double>> numbers = new(StringComparer.Ordinal);
    private readonly double?[] axisValues;
    private readonly Func<string, double> valueOf;
    private readonly StringBuilder text = new();
    private readonly SweepAnswer answer = new();
    private double costValue;

    public RowWriter(SweepPlan plan)
    {
        this.plan = plan;
        cost = plan.Cost();
        score = plan.Score();
        axisValues = new double?[plan.AxisNames.Count];
        for (int place = 0; place < plan.AxisNames.Count; place++)
        {
            axisPlaces[plan.AxisNames[place]] = place;
        }

        foreach (SweepColumn column in plan.Columns.Where(column => column.Number is not null))
        {
            numbers[column.Name] = column.Number!;
        }

        valueOf = ValueOf;
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
                LoadAxes(variants[index]);
                for (int job = 0; job < jobs; job++)
                {
                    answer.Load(variants[index], job, jobsOf[index].Jobs[job].Job, results[(index * jobs) + job]);
                    Write(csv);
                }
            }
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private void LoadAxes(long variant)
    {
        int place = 0;
        for (int axis = 0; axis < plan.Space.Axes.Count; axis++)
        {
            SweepAxis each = plan.Space.Axes[axis];
            int step = plan.Space.StepOf(variant, axis);
            for (int column = 0; column < each.Columns.Count; column++)
            {
                axisValues[place] = each.Columns[column].Values[step];
                place++;
            }
        }
    }

    private void Write(SepWriter csv)
    {
        // Before the row begins: a formula that fails must not leave half a row behind.
        costValue = cost is not null && (answer.Result.HasPlan || !NeedsPlan(cost)) ? cost.Value(valueOf) : double.NaN;
        double scoreValue = score is not null && answer.Result.HasPlan ? score.Value(valueOf) : double.NaN;
        using SepWriter.Row row = csv.NewRow();
        int cell = 0;
        row[cell++].Format(answer.Variant);
        row[cell++].Format(answer.JobIndex);
        for (int place = 0; place < axisValues.Length; place++)
        {
            Cell.Set(row, cell++, axisValues[place] ?? double.NaN, plan.AxisNames[place]);
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

        if (cost is not null)
        {
            Cell.Set(row, cell++, costValue, "cost");
        }

        if (score is not null)
        {
            Cell.Set(row, cell++, scoreValue, "score");
        }

        row[cell].Set(Cell.Text(SweepColumns.Reason.Text!(answer)));
    }

    /// <summary>A cost over the axes alone is known without a plan.</summary>
    private bool NeedsPlan(Formula formula) => formula.Names.Any(numbers.ContainsKey);

    private double ValueOf(string name)
    {
        if (axisPlaces.TryGetValue(name, out int place))
        {
            return axisValues[place] ?? double.NaN;
        }

        return numbers.TryGetValue(name, out Func<SweepAnswer, double>? number) ? number(answer) : costValue;
    }
}

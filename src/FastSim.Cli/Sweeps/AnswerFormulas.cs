namespace FastSim.Cli.Sweeps;

/// <summary>Cost and score of a variant's answers. Serves one thread.</summary>
internal sealed class AnswerFormulas
{
    private readonly VariantValues values;
    private readonly Formula? cost;
    private readonly Formula? score;
    private readonly Dictionary<string, Func<SweepAnswer, double>> numbers = new(StringComparer.Ordinal);
    private readonly Func<string, double> valueOf;
    private readonly bool costNeedsPlan;
    private SweepAnswer answer = null!;
    private double costValue;

    /// <summary>The formulas of a sweep.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="values">What the axes say; holds the variant that is asked about.</param>
    public AnswerFormulas(SweepPlan plan, VariantValues values)
    {
        this.values = values;
        cost = plan.Cost();
        score = plan.Score();
        foreach (SweepColumn column in plan.Columns.Where(column => column.Number is not null))
        {
            numbers[column.Name] = column.Number!;
        }

        costNeedsPlan = cost is not null && cost.Names.Any(numbers.ContainsKey);
        valueOf = ValueOf;
    }

    /// <summary>Cost and score of an answer; NaN where it has none.</summary>
    /// <exception cref="FormulaException">One is no number, or infinite, though all it uses is known.</exception>
    public (double Cost, double Score) Of(SweepAnswer of)
    {
        answer = of;

        // A cost over the axes alone is known without a plan.
        costValue = cost is not null && (answer.HasPlan || !costNeedsPlan) ? cost.Value(valueOf) : double.NaN;
        double scoreValue = score is not null && answer.HasPlan ? score.Value(valueOf) : double.NaN;
        return (costValue, scoreValue);
    }

    /// <summary>A number of the answer that <see cref="Of"/> took last, by the name of its column.</summary>
    public double ValueOf(string name)
    {
        if (values.Has(name))
        {
            return values.ValueOf(name);
        }

        return numbers.TryGetValue(name, out Func<SweepAnswer, double>? number) ? number(answer) : costValue;
    }
}

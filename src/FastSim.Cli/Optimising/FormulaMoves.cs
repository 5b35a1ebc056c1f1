using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>How an expression moves from the variants of a box to those some steps beside them: its steps gone through over moves. Serves one thread.</summary>
internal sealed class FormulaMoves
{
    private readonly MoveTable table;
    private readonly FormulaBounds from;
    private readonly int[] used;
    private readonly FormulaSteps steps;
    private readonly Move[] stack;

    /// <summary>Takes an expression.</summary>
    /// <param name="formula">The expression.</param>
    /// <param name="table">Moves of the numbers that it may use.</param>
    /// <exception cref="Configuration.ConfigurationException">It uses a number or an operation that has no bounds.</exception>
    public FormulaMoves(Formula formula, MoveTable table)
    {
        this.table = table;
        from = new FormulaBounds(formula, table.From);
        used = [.. formula.Names.Select(table.From.PlaceOf)];
        steps = FormulaSteps.Of(formula.Tree, table.From.PlaceOf);
        stack = new Move[steps.Most];
    }

    /// <summary>Its move, where everything that it uses is there.</summary>
    public Move Evaluate()
    {
        foreach (int place in used)
        {
            if (!table.IsStill(place))
            {
                return Whole();
            }
        }

        return Move.Still(from.Evaluate().Bound);
    }

    private Move Whole()
    {
        Span<Move> values = stack;
        int top = -1;
        foreach (ref readonly FormulaStep step in steps.All)
        {
            int operands = step.Operands;
            if (operands == 0)
            {
                values[++top] = step.Does == FormulaOperation.Constant ? Move.Still(Interval.Of(step.Constant)) : table.Of(step.Place);
                continue;
            }

            top -= operands - 1;
            values[top] = Of(step, values.Slice(top, operands));
        }

        return values[0];
    }

    private static Move Of(in FormulaStep step, ReadOnlySpan<Move> of)
    {
        ref readonly Move first = ref of[0];
        ref readonly Move second = ref of[of.Length > 1 ? 1 : 0];
        ref readonly Move third = ref of[^1];
        Interval from = FormulaBounds.Of(step, first.From, second.From, third.From, first.IsFromNone, second.IsFromNone, third.IsFromNone, out bool isFromNone);
        Interval to = FormulaBounds.Of(step, first.To, second.To, third.To, first.IsToNone, second.IsToNone, third.IsToNone, out bool isToNone);
        Move ends = Move.Of(from, to, isFromNone, isToNone);
        return step.MayBeWhole && !(double.IsFinite(from.Low) && double.IsFinite(to.Low)) ? ends : step.Does switch
        {
            FormulaOperation.Negate => ends with { By = -first.By },
            FormulaOperation.Add => ends.AsSum(first, second),
            FormulaOperation.Subtract => ends.AsSum(first, -second),
            FormulaOperation.Multiply => ends.AsProduct(first, second),
            FormulaOperation.Divide => ends.AsQuotient(first, second),
            FormulaOperation.Power => ends.AsPower(first, second),
            FormulaOperation.Least or FormulaOperation.Greatest => ends.AsChoice(first, second),
            _ => ends,
        };
    }
}

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
    private readonly Interval[] ends = new Interval[3];

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
    public Move Evaluate() => Array.TrueForAll(used, place => table.Of(place).IsStill) ? Move.Still(from.Evaluate().Bound) : Whole();

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

    private Move Of(in FormulaStep step, ReadOnlySpan<Move> of)
    {
        Move given = step.Does switch
        {
            FormulaOperation.Negate => -of[0],
            FormulaOperation.Add => of[0] + of[1],
            FormulaOperation.Subtract => of[0] - of[1],
            FormulaOperation.Multiply => of[0] * of[1],
            FormulaOperation.Divide => of[0] / of[1],
            FormulaOperation.Power => Move.Power(of[0], of[1]),
            FormulaOperation.Least or FormulaOperation.Greatest => Move.Choice(EndOf(step, of, isTo: false), EndOf(step, of, isTo: true), of[0], of[1]),
            _ => Move.Of(EndOf(step, of, isTo: false), EndOf(step, of, isTo: true)),
        };
        return step.MayBeWhole ? given with { From = given.From.WithEitherZero(), To = given.To.WithEitherZero() } : given;
    }

    /// <summary>Bounds of what a step gives over the box, or beside it.</summary>
    private Interval EndOf(in FormulaStep step, ReadOnlySpan<Move> of, bool isTo)
    {
        for (int operand = 0; operand < of.Length; operand++)
        {
            ends[operand] = isTo ? of[operand].To : of[operand].From;
        }

        return FormulaBounds.Of(step, ends.AsSpan(0, of.Length));
    }
}

using NCalc;

namespace FastSim.Cli.Sweeps;

/// <summary>Steps of an expression gone through over numbers: the very value that its tree gives, to the bit, without a visit of it. Serves one thread.</summary>
internal sealed class FormulaProgram
{
    private readonly FormulaSteps steps;
    private readonly double[] stack;

    private FormulaProgram(FormulaSteps steps) => (this.steps, stack) = (steps, new double[steps.Most]);

    /// <summary>The program of an expression; null where it is not arithmetic alone (<see cref="FormulaSteps.IsArithmetic"/>), of which only its tree gives values.</summary>
    /// <param name="tree">What it was parsed to.</param>
    /// <param name="placeOf">Place of a name among the numbers.</param>
    public static FormulaProgram? Of(LogicalExpression tree, Func<string, int> placeOf) =>
        FormulaSteps.Of(tree, placeOf) is { IsArithmetic: true } steps ? new FormulaProgram(steps) : null;

    /// <summary>Its value, 1 or 0 of what is true or false; NaN where some operation gives no finite number, of which the tree says what comes of it.</summary>
    /// <param name="numbers">The numbers it uses, by place; finite.</param>
    public double Value(ReadOnlySpan<double> numbers)
    {
        Span<double> values = stack;
        int top = -1;
        foreach (ref readonly FormulaStep step in steps.All)
        {
            FormulaOperation does = step.Does;
            if (does <= FormulaOperation.Number)
            {
                values[++top] = does == FormulaOperation.Constant ? step.Constant : numbers[step.Place];
                continue;
            }

            if (does == FormulaOperation.Choose)
            {
                top -= 2;
                values[top] = values[top] != 0 ? values[top + 1] : values[top + 2];
                continue;
            }

            double right = values[top];
            if (does > FormulaOperation.Sign)
            {
                top--;
            }

            double left = values[top];
            double value = does switch
            {
                FormulaOperation.Negate => -right,
                FormulaOperation.Add => left + right,
                FormulaOperation.Subtract => left - right,
                FormulaOperation.Multiply => left * right,
                FormulaOperation.Divide => left / right,
                FormulaOperation.Power => Math.Pow(left, right),
                FormulaOperation.Root => Math.Sqrt(right),
                FormulaOperation.Least => Math.Min(left, right),
                FormulaOperation.Greatest => Math.Max(left, right),
                FormulaOperation.Less => left < right ? 1 : 0,
                FormulaOperation.LessOrEqual => left <= right ? 1 : 0,
                FormulaOperation.Not => right == 0 ? 1 : 0,
                FormulaOperation.And => left != 0 && right != 0 ? 1 : 0,
                _ => left != 0 || right != 0 ? 1 : 0,
            };
            if (!double.IsFinite(value))
            {
                return double.NaN;
            }

            values[top] = value;
        }

        return values[0];
    }
}

using NCalc;

namespace FastSim.Cli.Sweeps;

/// <summary>
/// What an expression of arithmetic, comparisons, <c>and</c>, <c>or</c>, <c>not</c>, <c>if</c>, <c>Min</c>, <c>Max</c>, <c>Pow</c> and <c>Sqrt</c> was parsed to, as a flat list
/// of operations on real numbers: the very value that its tree gives, to the bit, without a visit of it. Serves one thread.
/// </summary>
internal sealed class FormulaProgram
{
    private readonly List<(Operation Does, double Constant, int Place)> steps = [];
    private double[] stack = [];

    private enum Operation
    {
        Constant,
        Number,
        Negate,
        Add,
        Subtract,
        Multiply,
        Divide,
        Power,
        Root,
        Least,
        Greatest,
        Less,
        LessOrEqual,
        Not,
        And,
        Or,
        Choose,
    }

    private enum Kind
    {
        Unknown,
        Number,
        Truth,
    }

    /// <summary>The program of an expression; null where it has other operations, whose values only its tree gives.</summary>
    /// <param name="tree">What it was parsed to.</param>
    /// <param name="placeOf">Place of a name among the numbers.</param>
    public static FormulaProgram? Of(LogicalExpression tree, Func<string, int> placeOf)
    {
        FormulaProgram program = new();
        if (program.Compile(tree, placeOf) == Kind.Unknown)
        {
            return null;
        }

        program.stack = new double[program.steps.Count];
        return program;
    }

    /// <summary>Its value, 1 or 0 of what is true or false; NaN where some operation gives no finite number, of which the tree says what comes of it.</summary>
    /// <param name="numbers">The numbers it uses, by place; finite.</param>
    public double Value(ReadOnlySpan<double> numbers)
    {
        Span<double> values = stack;
        int top = -1;
        foreach ((Operation does, double constant, int place) in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(steps))
        {
            if (does <= Operation.Number)
            {
                values[++top] = does == Operation.Constant ? constant : numbers[place];
                continue;
            }

            if (does == Operation.Choose)
            {
                top -= 2;
                values[top] = values[top] != 0 ? values[top + 1] : values[top + 2];
                continue;
            }

            double right = values[top];
            if (does is not (Operation.Negate or Operation.Root or Operation.Not))
            {
                top--;
            }

            double left = values[top];
            double value = does switch
            {
                Operation.Negate => -right,
                Operation.Add => left + right,
                Operation.Subtract => left - right,
                Operation.Multiply => left * right,
                Operation.Divide => left / right,
                Operation.Power => Math.Pow(left, right),
                Operation.Root => Math.Sqrt(right),
                Operation.Least => Math.Min(left, right),
                Operation.Greatest => Math.Max(left, right),
                Operation.Less => left < right ? 1 : 0,
                Operation.LessOrEqual => left <= right ? 1 : 0,
                Operation.Not => right == 0 ? 1 : 0,
                Operation.And => left != 0 && right != 0 ? 1 : 0,
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

    /// <summary>Adds what computes a part, operands before what is done to them.</summary>
    private Kind Compile(LogicalExpression node, Func<string, int> placeOf)
    {
        switch (node)
        {
            case ValueExpression { Value: double constant } when double.IsFinite(constant):
                steps.Add((Operation.Constant, constant, 0));
                return Kind.Number;
            case Identifier name when placeOf(name.Name) is >= 0 and int place:
                steps.Add((Operation.Number, 0, place));
                return Kind.Number;
            case UnaryExpression { Type: UnaryExpressionType.Negate } unary:
                return All(Operation.Negate, Kind.Number, Kind.Number, unary.Expression);
            case UnaryExpression { Type: UnaryExpressionType.Not } unary:
                return All(Operation.Not, Kind.Truth, Kind.Truth, unary.Expression);
            case BinaryExpression binary:
                return Binary(binary);
            case TernaryExpression choice:
                return Choice(choice.LeftExpression, choice.MiddleExpression, choice.RightExpression);
            case Function call:
                return (call.Identifier.Name, call.Parameters.Count) switch
                {
                    ("if", 3) => Choice(call.Parameters[0], call.Parameters[1], call.Parameters[2]),
                    ("Min", 2) => All(Operation.Least, Kind.Number, Kind.Number, call.Parameters[0], call.Parameters[1]),
                    ("Max", 2) => All(Operation.Greatest, Kind.Number, Kind.Number, call.Parameters[0], call.Parameters[1]),
                    ("Pow", 2) => All(Operation.Power, Kind.Number, Kind.Number, call.Parameters[0], call.Parameters[1]),
                    ("Sqrt", 1) => All(Operation.Root, Kind.Number, Kind.Number, call.Parameters[0]),
                    _ => Kind.Unknown,
                };
            default:
                return Kind.Unknown;
        }

        Kind Binary(BinaryExpression binary)
        {
            (LogicalExpression left, LogicalExpression right) = (binary.LeftExpression, binary.RightExpression);
            return binary.Type switch
            {
                BinaryExpressionType.Plus => All(Operation.Add, Kind.Number, Kind.Number, left, right),
                BinaryExpressionType.Minus => All(Operation.Subtract, Kind.Number, Kind.Number, left, right),
                BinaryExpressionType.Times => All(Operation.Multiply, Kind.Number, Kind.Number, left, right),
                BinaryExpressionType.Div => All(Operation.Divide, Kind.Number, Kind.Number, left, right),
                BinaryExpressionType.Exponentiation => All(Operation.Power, Kind.Number, Kind.Number, left, right),
                BinaryExpressionType.Lesser => All(Operation.Less, Kind.Number, Kind.Truth, left, right),
                BinaryExpressionType.LesserOrEqual => All(Operation.LessOrEqual, Kind.Number, Kind.Truth, left, right),
                BinaryExpressionType.Greater => All(Operation.Less, Kind.Number, Kind.Truth, right, left),
                BinaryExpressionType.GreaterOrEqual => All(Operation.LessOrEqual, Kind.Number, Kind.Truth, right, left),
                BinaryExpressionType.And => All(Operation.And, Kind.Truth, Kind.Truth, left, right),
                BinaryExpressionType.Or => All(Operation.Or, Kind.Truth, Kind.Truth, left, right),
                _ => Kind.Unknown,
            };
        }

        Kind Choice(LogicalExpression condition, LogicalExpression met, LogicalExpression unmet)
        {
            if (Compile(condition, placeOf) != Kind.Truth)
            {
                return Kind.Unknown;
            }

            Kind kind = Compile(met, placeOf);
            return kind != Kind.Unknown && Compile(unmet, placeOf) == kind && Add(Operation.Choose) ? kind : Kind.Unknown;
        }

        Kind All(Operation does, Kind of, Kind gives, params ReadOnlySpan<LogicalExpression> operands)
        {
            foreach (LogicalExpression operand in operands)
            {
                if (Compile(operand, placeOf) != of)
                {
                    return Kind.Unknown;
                }
            }

            return Add(does) ? gives : Kind.Unknown;
        }

        bool Add(Operation does)
        {
            steps.Add((does, 0, 0));
            return true;
        }
    }
}

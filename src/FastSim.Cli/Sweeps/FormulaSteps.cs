using System.Globalization;
using NCalc;

namespace FastSim.Cli.Sweeps;

/// <summary>
/// What an expression was parsed to, as a flat list of steps, operands before what is done to them: gone through over numbers (<see cref="FormulaProgram"/>), over bounds of them, and
/// over how those move, each without a visit of the tree.
/// </summary>
internal sealed class FormulaSteps
{
    private readonly List<FormulaStep> steps = [];
    private readonly Func<string, int> placeOf;

    private FormulaSteps(LogicalExpression tree, Func<string, int> placeOf)
    {
        this.placeOf = placeOf;
        IsArithmetic = Compile(tree).Kind != Kind.Unknown;
    }

    private enum Kind
    {
        Unknown,
        Number,
        Truth,
    }

    /// <summary>The steps.</summary>
    public ReadOnlySpan<FormulaStep> All => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(steps);

    /// <summary>As many values as there may be at a time, or more: each step leaves one.</summary>
    public int Most => steps.Count;

    /// <summary>Whether it is arithmetic of real numbers, comparisons, <c>and</c>, <c>or</c>, <c>not</c>, <c>if</c>, <c>Min</c>, <c>Max</c>, <c>Pow</c> and <c>Sqrt</c> alone, truths and numbers apart.</summary>
    public bool IsArithmetic { get; }

    /// <summary>What there is no step for; null where there is one for everything.</summary>
    public string? Lacks { get; private set; }

    /// <summary>The steps of an expression.</summary>
    /// <param name="tree">What it was parsed to.</param>
    /// <param name="placeOf">Place of a name among the numbers; -1 where it has none.</param>
    public static FormulaSteps Of(LogicalExpression tree, Func<string, int> placeOf) => new(tree, placeOf);

    /// <summary>Adds what computes a part.</summary>
    private Part Compile(LogicalExpression node)
    {
        switch (node)
        {
            case ValueExpression { Value: string text }:
                return Lacking($"'{text}'");
            case ValueExpression { Value: double constant }:
                steps.Add(new FormulaStep(FormulaOperation.Constant, constant));
                return new Part(double.IsFinite(constant) ? Kind.Number : Kind.Unknown);
            case ValueExpression { Value: bool or byte or sbyte or short or ushort or int or uint or long or ulong or float or decimal } other:
                steps.Add(new FormulaStep(FormulaOperation.Constant, Convert.ToDouble(other.Value, CultureInfo.InvariantCulture)));
                return new Part(Kind.Unknown, MayBeWhole: true, MayBeTruth: other.Value is bool);
            case ValueExpression other:
                return Lacking($"{other.Value}");
            case Identifier name:
                int place = placeOf(name.Name);
                steps.Add(new FormulaStep(FormulaOperation.Number, Place: place));
                return new Part(place >= 0 ? Kind.Number : Kind.Unknown);
            case UnaryExpression { Type: UnaryExpressionType.Negate } unary:
                return Numbers(FormulaOperation.Negate, isArithmetic: true, unary.Expression);
            case UnaryExpression { Type: UnaryExpressionType.Positive } unary:
                return Compile(unary.Expression) with { Kind = Kind.Unknown };
            case UnaryExpression { Type: UnaryExpressionType.Not } unary:
                return Truths(FormulaOperation.Not, Kind.Truth, unary.Expression);
            case BinaryExpression binary:
                return Binary(binary);
            case TernaryExpression choice:
                return Choice(choice.LeftExpression, choice.MiddleExpression, choice.RightExpression);
            case Function call:
                return Call(call.Identifier.Name, [.. call.Parameters]);
            case UnaryExpression unary:
                return Lacking(SignOf(unary.Type), unary.Expression);
            default:
                return Lacking(node is LogicalExpressionList ? "a list" : node.ToString() ?? "");
        }
    }

    private Part Binary(BinaryExpression binary)
    {
        (LogicalExpression left, LogicalExpression right) = (binary.LeftExpression, binary.RightExpression);
        return binary.Type switch
        {
            BinaryExpressionType.Plus => Numbers(FormulaOperation.Add, isArithmetic: true, left, right),
            BinaryExpressionType.Minus => Numbers(FormulaOperation.Subtract, isArithmetic: true, left, right),
            BinaryExpressionType.Times => Numbers(FormulaOperation.Multiply, isArithmetic: true, left, right),
            BinaryExpressionType.Div => Numbers(FormulaOperation.Divide, isArithmetic: true, left, right) with { MayBeWhole = false },
            BinaryExpressionType.Modulo => Numbers(FormulaOperation.Remainder, isArithmetic: false, left, right),
            BinaryExpressionType.Exponentiation => Numbers(FormulaOperation.Power, isArithmetic: true, left, right) with { MayBeWhole = false },
            BinaryExpressionType.Lesser => Truths(FormulaOperation.Less, Kind.Number, left, right),
            BinaryExpressionType.LesserOrEqual => Truths(FormulaOperation.LessOrEqual, Kind.Number, left, right),
            BinaryExpressionType.Greater => Truths(FormulaOperation.Less, Kind.Number, right, left),
            BinaryExpressionType.GreaterOrEqual => Truths(FormulaOperation.LessOrEqual, Kind.Number, right, left),
            BinaryExpressionType.Equal => Truths(FormulaOperation.Equal, Kind.Unknown, left, right) with { Kind = Kind.Unknown },
            BinaryExpressionType.NotEqual => Unequal(left, right),
            BinaryExpressionType.And => Truths(FormulaOperation.And, Kind.Truth, left, right),
            BinaryExpressionType.Or => Truths(FormulaOperation.Or, Kind.Truth, left, right),
            _ => Lacking(SignOf(binary.Type), left, right),
        };
    }

    /// <summary>A call. Names of functions have their letters' case: of another case none is found, where it is come to.</summary>
    private Part Call(string name, LogicalExpression[] of) => (name.ToUpperInvariant(), of.Length) switch
    {
        ("IF", 3) => Choice(of[0], of[1], of[2]) is var chosen && name == "if" ? chosen : chosen with { Kind = Kind.Unknown },
        ("MIN", 2) => Extreme(name, FormulaOperation.Least, name == "Min", of),
        ("MAX", 2) => Extreme(name, FormulaOperation.Greatest, name == "Max", of),
        ("POW", 2) => Numbers(FormulaOperation.Power, name == "Pow", of) with { MayBeWhole = false },
        ("SQRT", 1) => Numbers(FormulaOperation.Root, name == "Sqrt", of) with { MayBeWhole = false },
        ("EXP", 1) => Reals(FormulaOperation.Exponential, of),
        ("LN", 1) => Reals(FormulaOperation.NaturalLogarithm, of),
        ("LOG10", 1) => Reals(FormulaOperation.DecimalLogarithm, of),
        ("LOG", 2) => Reals(FormulaOperation.Logarithm, of),
        ("ABS", 1) => Reals(FormulaOperation.Magnitude, of),
        ("FLOOR", 1) => Reals(FormulaOperation.Floor, of),
        ("CEILING", 1) => Reals(FormulaOperation.Ceiling, of),
        ("TRUNCATE", 1) => Reals(FormulaOperation.Truncate, of),
        ("ROUND", 2) => Reals(FormulaOperation.Round, of),
        ("SIGN", 1) => Reals(FormulaOperation.Sign, of) with { MayBeWhole = true },
        _ => Lacking(name, of),
    };

    private Part Choice(LogicalExpression condition, LogicalExpression met, LogicalExpression unmet)
    {
        Part asked = Compile(condition);
        Part one = Compile(met);
        Part other = Compile(unmet);
        steps.Add(new FormulaStep(FormulaOperation.Choose));
        return new Part(
            asked.Kind == Kind.Truth && one.Kind == other.Kind ? one.Kind : Kind.Unknown, one.MayBeWhole || other.MayBeWhole, one.MayBeTruth || other.MayBeTruth);
    }

    /// <summary>The lesser or greater: not 0 or 1 but nothing at all is what it gives of a truth.</summary>
    private Part Extreme(string name, FormulaOperation does, bool isArithmetic, LogicalExpression[] of)
    {
        Part[] parts = Array.ConvertAll(of, Compile);
        if (Array.Exists(parts, part => part.MayBeTruth))
        {
            return Lacking($"{name} of what is true or false");
        }

        steps.Add(new FormulaStep(does));
        return new Part(isArithmetic && Array.TrueForAll(parts, part => part.Kind == Kind.Number) ? Kind.Number : Kind.Unknown, Array.TrueForAll(parts, part => part.MayBeWhole));
    }

    /// <summary>What gives a number of numbers, a whole one of such.</summary>
    private Part Numbers(FormulaOperation does, bool isArithmetic, params ReadOnlySpan<LogicalExpression> operands)
    {
        bool mayBeWhole = true;
        foreach (LogicalExpression operand in operands)
        {
            Part part = Compile(operand);
            isArithmetic &= part.Kind == Kind.Number;
            mayBeWhole &= part.MayBeWhole;
        }

        steps.Add(new FormulaStep(does, MayBeWhole: mayBeWhole));
        return new Part(isArithmetic ? Kind.Number : Kind.Unknown, mayBeWhole);
    }

    /// <summary>What gives a real number of numbers, and is no arithmetic.</summary>
    private Part Reals(FormulaOperation does, LogicalExpression[] operands)
    {
        Array.ForEach(operands, operand => Compile(operand));
        steps.Add(new FormulaStep(does));
        return new Part(Kind.Unknown);
    }

    private Part Truths(FormulaOperation does, Kind of, params ReadOnlySpan<LogicalExpression> operands)
    {
        bool isKnown = true;
        foreach (LogicalExpression operand in operands)
        {
            isKnown &= Compile(operand).Kind == of;
        }

        steps.Add(new FormulaStep(does));
        return new Part(isKnown ? Kind.Truth : Kind.Unknown, MayBeTruth: true);
    }

    private Part Unequal(LogicalExpression left, LogicalExpression right)
    {
        Part equal = Truths(FormulaOperation.Equal, Kind.Unknown, left, right);
        steps.Add(new FormulaStep(FormulaOperation.Not));
        return equal with { Kind = Kind.Unknown };
    }

    /// <summary>A sign as it is written; the library's word for one that a later release may add.</summary>
    private static string SignOf(UnaryExpressionType type) => type == UnaryExpressionType.Factorial ? "!" : type.ToString();

    private static string SignOf(BinaryExpressionType type) => type switch
    {
        BinaryExpressionType.In => "in",
        BinaryExpressionType.NotIn => "not in",
        BinaryExpressionType.Like => "like",
        BinaryExpressionType.NotLike => "not like",
        BinaryExpressionType.Coalesce => "??",
        _ => type.ToString(),
    };

    private Part Lacking(string what, params ReadOnlySpan<LogicalExpression> operands)
    {
        Lacks ??= what;
        foreach (LogicalExpression operand in operands)
        {
            Compile(operand);
        }

        return new Part(Kind.Unknown);
    }

    /// <summary>What is known of a part.</summary>
    /// <param name="Kind">Whether it is a number or a truth; unknown where only the tree says what it gives.</param>
    /// <param name="MayBeWhole">Whether it may be computed in whole numbers: a sign is one, and what is made of such alone.</param>
    /// <param name="MayBeTruth">Whether it may be true or false, not a number.</param>
    private readonly record struct Part(Kind Kind, bool MayBeWhole = false, bool MayBeTruth = false);
}

using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;
using NCalc;

namespace FastSim.Cli.Optimising;

/// <summary>
/// Bounds of an expression over boxes, by interval arithmetic on what it was parsed to: at no numbers within the bounds of those it uses does it give one
/// outside of its own. Serves one thread.
/// </summary>
internal sealed class FormulaBounds
{
    private readonly Formula formula;
    private readonly BoundTable table;
    private readonly int[] used;
    private readonly Func<Interval> program;

    /// <summary>Compiles an expression.</summary>
    /// <param name="formula">The expression.</param>
    /// <param name="table">Bounds of the numbers that it may use.</param>
    /// <exception cref="ConfigurationException">It uses a number or an operation that has no bounds.</exception>
    public FormulaBounds(Formula formula, BoundTable table)
    {
        this.formula = formula;
        this.table = table;
        used = [.. formula.Names.Select(PlaceOf)];
        program = Compile(formula.Tree);
    }

    /// <summary>Its bounds, and whether it is there: it lacks a number where one that it uses does.</summary>
    public (Interval Bound, Presence Presence) Evaluate()
    {
        Presence presence = Presence.Always;
        foreach (int place in used)
        {
            presence = (Presence)Math.Min((int)presence, (int)table.Presences[place]);
        }

        return presence == Presence.Never ? (Interval.Any, presence) : (program(), presence);
    }

    /// <summary>Bounds of a part of it.</summary>
    /// <param name="node">The part.</param>
    public Func<Interval> Part(LogicalExpression node) => Compile(node);

    private int PlaceOf(string name) => table.PlaceOf(name) is >= 0 and int place
        ? place
        : throw formula.Complaint(
            name, $"with --optimise a number that has a bound over many variants: an axis, a derived number, or one of {string.Join(", ", LawfulColumns.Names)}");

    private Func<Interval> Compile(LogicalExpression node)
    {
        switch (node)
        {
            case ValueExpression { Value: string text }:
                throw Unbounded($"'{text}'");
            case ValueExpression constant:
                Interval value = Interval.Of(Convert.ToDouble(constant.Value, CultureInfo.InvariantCulture));
                return () => value;
            case Identifier name:
                int place = PlaceOf(name.Name);
                Interval[] bounds = table.Bounds;
                return () => bounds[place];
            case UnaryExpression unary:
                return Unary(unary.Type, Compile(unary.Expression));
            case BinaryExpression binary:
                return Binary(binary.Type, Compile(binary.LeftExpression), Compile(binary.RightExpression));
            case TernaryExpression choice:
                return Choice(Compile(choice.LeftExpression), Compile(choice.MiddleExpression), Compile(choice.RightExpression));
            case Function call:
                return Call(call.Identifier.Name, [.. call.Parameters.Select(Compile)]);
            default:
                throw Unbounded(node is LogicalExpressionList ? "a list" : node.ToString() ?? "");
        }
    }

    private Func<Interval> Unary(UnaryExpressionType type, Func<Interval> of) => type switch
    {
        UnaryExpressionType.Negate => () => -of(),
        UnaryExpressionType.Positive => of,
        UnaryExpressionType.Not => () => of() is var truth ? Interval.Truth(truth.MayBeFalse, truth.MayBeTrue) : default,
        _ => throw Unbounded(type.ToString()),
    };

    private Func<Interval> Binary(BinaryExpressionType type, Func<Interval> left, Func<Interval> right) => type switch
    {
        BinaryExpressionType.Plus => () => left() + right(),
        BinaryExpressionType.Minus => () => left() - right(),
        BinaryExpressionType.Times => () => left() * right(),
        BinaryExpressionType.Div => () => left() / right(),
        BinaryExpressionType.Modulo => () => Interval.Remainder(left(), right()),
        BinaryExpressionType.Exponentiation => () => Interval.Power(left(), right()),
        BinaryExpressionType.Lesser => () => Less(left(), right()),
        BinaryExpressionType.Greater => () => Less(right(), left()),
        BinaryExpressionType.LesserOrEqual => () => Not(Less(right(), left())),
        BinaryExpressionType.GreaterOrEqual => () => Not(Less(left(), right())),
        BinaryExpressionType.Equal => () => Same(left(), right()),
        BinaryExpressionType.NotEqual => () => Not(Same(left(), right())),
        BinaryExpressionType.And => () => And(left(), right()),
        BinaryExpressionType.Or => () => Not(And(Not(left()), Not(right()))),
        _ => throw Unbounded(type.ToString()),
    };

    private Func<Interval> Call(string name, Func<Interval>[] of) => (name.ToUpperInvariant(), of.Length) switch
    {
        ("IF", 3) => Choice(of[0], of[1], of[2]),
        ("MIN", 2) => () => (of[0](), of[1]()) is var (one, other) ? new Interval(Math.Min(one.Low, other.Low), Math.Min(one.High, other.High)) : default,
        ("MAX", 2) => () => (of[0](), of[1]()) is var (one, other) ? new Interval(Math.Max(one.Low, other.Low), Math.Max(one.High, other.High)) : default,
        ("POW", 2) => () => Interval.Power(of[0](), of[1]()),
        ("SQRT", 1) => () => Interval.Rising(of[0](), Math.Sqrt, isExact: true),
        ("EXP", 1) => () => Interval.Rising(of[0](), Math.Exp, isExact: false),
        ("LN", 1) => () => Interval.Rising(of[0](), Math.Log, isExact: false),
        ("LOG10", 1) => () => Interval.Rising(of[0](), Math.Log10, isExact: false),
        ("LOG", 2) => () => (of[0](), of[1]()) is var (number, root)
            ? (Interval.Rising(number, Math.Log, isExact: false) / Interval.Rising(root, Math.Log, isExact: false)).Widened(1e-14)
            : default,
        ("ABS", 1) => () => Interval.Absolute(of[0]()),
        ("FLOOR", 1) => () => Interval.Rising(of[0](), Math.Floor, isExact: true),
        ("CEILING", 1) => () => Interval.Rising(of[0](), Math.Ceiling, isExact: true),
        ("TRUNCATE", 1) => () => Interval.Rising(of[0](), Math.Truncate, isExact: true),
        ("SIGN", 1) => () => Interval.Rising(of[0](), number => double.IsNaN(number) ? number : Math.Sign(number), isExact: true),

        // To a number of digits that may vary, and half either way: nothing is moved by more than 1, but for the last bits of what digits make of it.
        ("ROUND", 2) => () => of[0]() is var number && of[1]().Low >= 0 ? new Interval(Math.Floor(number.Low), Math.Ceiling(number.High)).Widened(1e-15) : Interval.Any,
        _ => throw Unbounded(name),
    };

    private static Func<Interval> Choice(Func<Interval> condition, Func<Interval> met, Func<Interval> unmet) => () =>
    {
        Interval truth = condition();
        return !truth.MayBeFalse ? met() : !truth.MayBeTrue ? unmet() : met().Hull(unmet());
    };

    private static Interval Less(Interval left, Interval right) => Interval.Truth(left.Low < right.High, left.High >= right.Low);

    private static Interval Same(Interval left, Interval right) =>
        Interval.Truth(left.Low <= right.High && right.Low <= left.High, !(left.IsPoint && right.IsPoint && left.Low == right.Low));

    private static Interval Not(Interval truth) => Interval.Truth(truth.MayBeFalse, truth.MayBeTrue);

    private static Interval And(Interval left, Interval right) => Interval.Truth(left.MayBeTrue && right.MayBeTrue, left.MayBeFalse || right.MayBeFalse);

    private ConfigurationException Unbounded(string what) => formula.Complaint(
        what, "with --optimise operations that have bounds: arithmetic, comparisons, and, or, not, if, Min, Max, Pow, Sqrt, Exp, Ln, Log, Log10, Abs, Floor, Ceiling, Truncate, Sign and Round");
}

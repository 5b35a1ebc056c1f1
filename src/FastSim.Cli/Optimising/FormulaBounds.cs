using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;
using NCalc;

namespace FastSim.Cli.Optimising;

/// <summary>
/// Bounds of an expression over boxes, by interval arithmetic on what it was parsed to: at no numbers within the bounds of those it uses does it give one
/// outside of its own. What is no number on the way (a root of less than 0, 0/0) is told apart, since comparisons of it are false, but for <c>!=</c>, and it counts as true. Serves one thread.
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

    /// <summary>Its bounds, and whether it is there: it lacks a number where one that it uses does. It is finite: where it is not, a sweep ends (<see cref="Formula.Value"/>).</summary>
    public (Interval Bound, Presence Presence) Evaluate()
    {
        Presence presence = Presence.Always;
        foreach (int place in used)
        {
            presence = (Presence)Math.Min((int)presence, (int)table.Presences[place]);
        }

        return presence == Presence.Never ? (Interval.Any, presence) : (program().AsFinite(), presence);
    }

    /// <summary>Bounds of a part of it, which may be infinite or no number.</summary>
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
                return Whole(unary, Unary(unary.Type, Compile(unary.Expression)));
            case BinaryExpression binary:
                return Whole(binary, Binary(binary.Type, Compile(binary.LeftExpression), Compile(binary.RightExpression)));
            case TernaryExpression choice:
                return Choice(Compile(choice.LeftExpression), Compile(choice.MiddleExpression), Compile(choice.RightExpression));
            case Function call:
                return Call(call);
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
        BinaryExpressionType.LesserOrEqual => () => LessOrSame(left(), right()),
        BinaryExpressionType.GreaterOrEqual => () => LessOrSame(right(), left()),
        BinaryExpressionType.Equal => () => Same(left(), right()),
        BinaryExpressionType.NotEqual => () => Not(Same(left(), right())),
        BinaryExpressionType.And => () => And(left(), right()),
        BinaryExpressionType.Or => () => Not(And(Not(left()), Not(right()))),
        _ => throw Unbounded(type.ToString()),
    };

    private Func<Interval> Call(Function call)
    {
        string name = call.Identifier.Name;

        // Not 0 or 1 but nothing at all is what these give of a truth.
        return name.ToUpperInvariant() is "MIN" or "MAX" && call.Parameters.Any(MayBeTruth)
            ? throw Unbounded($"{name} of what is true or false")
            : Call(name, [.. call.Parameters.Select(Compile)]);
    }

    private Func<Interval> Call(string name, Func<Interval>[] of) => (name.ToUpperInvariant(), of.Length) switch
    {
        ("IF", 3) => Choice(of[0], of[1], of[2]),
        ("MIN", 2) => () => Interval.Lesser(of[0](), of[1]()),
        ("MAX", 2) => () => Interval.Greater(of[0](), of[1]()),
        ("POW", 2) => () => Interval.Power(of[0](), of[1]()),
        ("SQRT", 1) => () => Interval.Rising(of[0](), Math.Sqrt, isExact: true),
        ("EXP", 1) => () => Interval.Rising(of[0](), Math.Exp, isExact: false),
        ("LN", 1) => () => Interval.Rising(of[0](), Math.Log, isExact: false),
        ("LOG10", 1) => () => Interval.Rising(of[0](), Math.Log10, isExact: false),
        ("LOG", 2) => () => Interval.Logarithm(of[0](), of[1]()),
        ("ABS", 1) => () => Interval.Absolute(of[0]()),
        ("FLOOR", 1) => () => Interval.Rising(of[0](), Math.Floor, isExact: true),
        ("CEILING", 1) => () => Interval.Rising(of[0](), Math.Ceiling, isExact: true),
        ("TRUNCATE", 1) => () => Interval.Rising(of[0](), Math.Truncate, isExact: true),
        ("SIGN", 1) => () => Interval.Rising(of[0](), number => double.IsNaN(number) ? number : Math.Sign(number), isExact: true),

        // To a number of digits that may vary, and half either way: nothing is moved by more than 1, but for the last bits of what digits make of it.
        ("ROUND", 2) => () => of[0]() is var number && of[1]().Low >= 0
            ? new Interval(Math.Floor(number.Low), Math.Ceiling(number.High), number.MayBeNone).Widened(1e-15)
            : Interval.Any with { MayBeNone = number.MayBeNone },
        _ => throw Unbounded(name),
    };

    private static Func<Interval> Choice(Func<Interval> condition, Func<Interval> met, Func<Interval> unmet) => () =>
    {
        Interval truth = condition();
        return !truth.MayBeFalse ? met() : !truth.MayBeTrue ? unmet() : met().Hull(unmet());
    };

    private static Interval Less(Interval left, Interval right) =>
        Interval.Truth(left.Low < right.High, left.High >= right.Low || left.MayBeNone || right.MayBeNone);

    private static Interval LessOrSame(Interval left, Interval right) =>
        Interval.Truth(left.Low <= right.High, left.High > right.Low || left.MayBeNone || right.MayBeNone);

    private static Interval Same(Interval left, Interval right) => Interval.Truth(
        left.Low <= right.High && right.Low <= left.High, !(left.IsPoint && right.IsPoint && left.Low == right.Low) || left.MayBeNone || right.MayBeNone);

    private static Interval Not(Interval truth) => Interval.Truth(truth.MayBeFalse, truth.MayBeTrue);

    private static Interval And(Interval left, Interval right) => Interval.Truth(left.MayBeTrue && right.MayBeTrue, left.MayBeFalse || right.MayBeFalse);

    /// <summary>A part that is computed in whole numbers has no 0 below 0.</summary>
    private static Func<Interval> Whole(LogicalExpression node, Func<Interval> of) => MayBeWhole(node) ? () => of().WithEitherZero() : of;

    /// <summary>Whether a part may be computed in whole numbers: a sign is one, and what is made of such alone.</summary>
    private static bool MayBeWhole(LogicalExpression node) => node switch
    {
        ValueExpression constant => constant.Value is not double,
        UnaryExpression unary => MayBeWhole(unary.Expression),
        BinaryExpression binary => MayBeWhole(binary.LeftExpression) && MayBeWhole(binary.RightExpression),
        TernaryExpression choice => MayBeWhole(choice.MiddleExpression) || MayBeWhole(choice.RightExpression),
        Function call => call.Identifier.Name.ToUpperInvariant() switch
        {
            "SIGN" => true,
            "MIN" or "MAX" => call.Parameters.All(MayBeWhole),
            "IF" => call.Parameters.Skip(1).Any(MayBeWhole),
            _ => false,
        },
        _ => false,
    };

    /// <summary>Whether a part may be true or false, not a number.</summary>
    private static bool MayBeTruth(LogicalExpression node) => node switch
    {
        ValueExpression constant => constant.Value is bool,
        UnaryExpression unary => unary.Type == UnaryExpressionType.Not,
        BinaryExpression binary => binary.Type is BinaryExpressionType.Lesser or BinaryExpressionType.Greater or BinaryExpressionType.LesserOrEqual or BinaryExpressionType.GreaterOrEqual
            or BinaryExpressionType.Equal or BinaryExpressionType.NotEqual or BinaryExpressionType.And or BinaryExpressionType.Or,
        TernaryExpression choice => MayBeTruth(choice.MiddleExpression) || MayBeTruth(choice.RightExpression),
        Function call => call.Identifier.Name.Equals("IF", StringComparison.OrdinalIgnoreCase) && call.Parameters.Skip(1).Any(MayBeTruth),
        _ => false,
    };

    private ConfigurationException Unbounded(string what) => formula.Complaint(
        what, "with --optimise operations that have bounds: arithmetic, comparisons, and, or, not, if, Min, Max, Pow, Sqrt, Exp, Ln, Log, Log10, Abs, Floor, Ceiling, Truncate, Sign and Round");
}

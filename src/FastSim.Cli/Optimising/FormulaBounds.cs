using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>
/// Bounds of an expression over boxes: its steps gone through over intervals. At no numbers within the bounds of those it uses does it give one
/// outside of its own. What is no number on the way (a root of less than 0, 0/0) is told apart, since comparisons of it are false, but for <c>!=</c>, and it counts as true. Serves one thread.
/// </summary>
internal sealed class FormulaBounds
{
    private const double RoundingRoom = 1e-15;

    private readonly BoundTable table;
    private readonly int[] used;
    private readonly FormulaSteps steps;
    private readonly double[] low;
    private readonly double[] high;
    private readonly bool[] mayBeNone;
    private readonly Interval[] operands = new Interval[3];

    /// <summary>Takes an expression.</summary>
    /// <param name="formula">The expression.</param>
    /// <param name="table">Bounds of the numbers that it may use.</param>
    /// <exception cref="ConfigurationException">It uses a number or an operation that has no bounds.</exception>
    public FormulaBounds(Formula formula, BoundTable table)
    {
        this.table = table;
        used = [.. formula.Names.Select(name => PlaceOf(formula, table, name))];
        steps = FormulaSteps.Of(formula.Tree, table.PlaceOf);
        low = new double[steps.Most];
        high = new double[steps.Most];
        mayBeNone = new bool[steps.Most];
        if (steps.Lacks is { } what)
        {
            throw formula.Complaint(
                what, "with --optimise operations that have bounds: arithmetic, comparisons, and, or, not, if, Min, Max, Pow, Sqrt, Exp, Ln, Log, Log10, Abs, Floor, Ceiling, Truncate, Sign and Round");
        }
    }

    /// <summary>Its bounds, and whether it is there: it lacks a number where one that it uses does. It is finite: where it is not, a sweep ends (<see cref="Formula.Value"/>).</summary>
    public (Interval Bound, Presence Presence) Evaluate()
    {
        Presence presence = Presence.Always;
        foreach (int place in used)
        {
            presence = (Presence)Math.Min((int)presence, (int)table.Presences[place]);
        }

        return presence == Presence.Never ? (Interval.Any, presence) : (Whole().AsFinite(), presence);
    }

    /// <summary>Its bounds as they come out, where it may be infinite or no number; every number that it uses is there.</summary>
    public Interval Whole()
    {
        Interval[] bounds = table.Bounds;
        int top = -1;
        foreach (ref readonly FormulaStep step in steps.All)
        {
            // Most steps are these, of numbers from 0 above it on. Ends apart are read as they were written, not through copies that wait for them.
            if (step.Does == FormulaOperation.Number)
            {
                top++;
                ref readonly Interval bound = ref bounds[step.Place];
                (low[top], high[top], mayBeNone[top]) = (bound.Low, bound.High, bound.MayBeNone);
                continue;
            }

            if (step.Does == FormulaOperation.Constant)
            {
                top++;
                (low[top], high[top], mayBeNone[top]) = (step.Constant, step.Constant, false);
                continue;
            }

            int count = step.Operands;
            top -= count - 1;
            if (step.Does is FormulaOperation.Add or FormulaOperation.Multiply && low[top] > 0 && low[top + 1] > 0)
            {
                bool isSum = step.Does == FormulaOperation.Add;
                low[top] = isSum ? low[top] + low[top + 1] : low[top] * low[top + 1];
                high[top] = isSum ? high[top] + high[top + 1] : high[top] * high[top + 1];
                mayBeNone[top] |= mayBeNone[top + 1];
                continue;
            }

            for (int operand = 0; operand < count; operand++)
            {
                operands[operand] = new Interval(low[top + operand], high[top + operand], mayBeNone[top + operand]);
            }

            Interval given = Of(step, operands.AsSpan(0, count));
            (low[top], high[top], mayBeNone[top]) = (given.Low, given.High, given.MayBeNone);
        }

        return new Interval(low[0], high[0], mayBeNone[0]);
    }

    /// <summary>What a step gives of intervals.</summary>
    /// <param name="step">The step, which takes some.</param>
    /// <param name="of">What it takes.</param>
    public static Interval Of(in FormulaStep step, ReadOnlySpan<Interval> of)
    {
        ref readonly Interval first = ref of[0];
        ref readonly Interval last = ref of[^1];
        Interval given = step.Does switch
        {
            FormulaOperation.Add => first + last,
            FormulaOperation.Subtract => first - last,
            FormulaOperation.Multiply => first * last,
            FormulaOperation.Divide => first / last,
            FormulaOperation.Power => Interval.Power(first, last),
            FormulaOperation.Root => Interval.Rising(first, Math.Sqrt, isExact: true),
            FormulaOperation.Negate => -first,
            FormulaOperation.Least => Interval.Lesser(first, last),
            FormulaOperation.Greatest => Interval.Greater(first, last),
            FormulaOperation.Less => Interval.Truth(first.Low < last.High, first.High >= last.Low || first.MayBeNone || last.MayBeNone),
            FormulaOperation.LessOrEqual => Interval.Truth(first.Low <= last.High, first.High > last.Low || first.MayBeNone || last.MayBeNone),
            FormulaOperation.Equal => Same(first, last),
            FormulaOperation.Not => Interval.Truth(first.MayBeFalse, first.MayBeTrue),
            FormulaOperation.And => Interval.Truth(first.MayBeTrue && last.MayBeTrue, first.MayBeFalse || last.MayBeFalse),
            FormulaOperation.Or => Interval.Truth(first.MayBeTrue || last.MayBeTrue, first.MayBeFalse && last.MayBeFalse),
            FormulaOperation.Choose => !first.MayBeFalse ? of[1] : !first.MayBeTrue ? last : of[1].Hull(last),
            FormulaOperation.Exponential => Interval.Rising(first, Math.Exp, isExact: false),
            FormulaOperation.NaturalLogarithm => Interval.Rising(first, Math.Log, isExact: false),
            FormulaOperation.DecimalLogarithm => Interval.Rising(first, Math.Log10, isExact: false),
            FormulaOperation.Logarithm => Interval.Logarithm(first, last),
            FormulaOperation.Magnitude => Interval.Absolute(first),
            FormulaOperation.Floor => Interval.Rising(first, Math.Floor, isExact: true),
            FormulaOperation.Ceiling => Interval.Rising(first, Math.Ceiling, isExact: true),
            FormulaOperation.Truncate => Interval.Rising(first, Math.Truncate, isExact: true),
            FormulaOperation.Sign => Interval.Rising(first, number => double.IsNaN(number) ? number : Math.Sign(number), isExact: true),
            FormulaOperation.Round => Rounded(first, last),
            FormulaOperation.Remainder => Interval.Remainder(first, last),
            _ => throw new ArgumentOutOfRangeException(nameof(step), step.Does, "expected a step that takes something"),
        };
        return step.MayBeWhole ? given.WithEitherZero() : given;
    }

    /// <summary>To a number of digits that may vary, and half either way: nothing is moved by more than 1, but for the last bits of what digits make of it.</summary>
    private static Interval Rounded(Interval number, Interval digits) => digits.Low >= 0
        ? new Interval(Math.Floor(number.Low), Math.Ceiling(number.High), number.MayBeNone).Widened(RoundingRoom)
        : Interval.Any with { MayBeNone = number.MayBeNone };

    private static Interval Same(Interval one, Interval other) => Interval.Truth(
        one.Low <= other.High && other.Low <= one.High, !(one.IsPoint && other.IsPoint && one.Low == other.Low) || one.MayBeNone || other.MayBeNone);

    private static int PlaceOf(Formula formula, BoundTable table, string name) => table.PlaceOf(name) is >= 0 and int place
        ? place
        : throw formula.Complaint(
            name, $"with --optimise a number that has a bound over many variants: an axis, a derived number, or one of {string.Join(", ", LawfulColumns.Names)}");
}

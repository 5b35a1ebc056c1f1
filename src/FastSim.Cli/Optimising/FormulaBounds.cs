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
    private readonly Operand[] waiting;

    /// <summary>Takes an expression.</summary>
    /// <param name="formula">The expression.</param>
    /// <param name="table">Bounds of the numbers that it may use.</param>
    /// <exception cref="ConfigurationException">It uses a number or an operation that has no bounds.</exception>
    public FormulaBounds(Formula formula, BoundTable table)
    {
        this.table = table;
        used = [.. formula.Names.Select(name => PlaceOf(formula, table, name))];
        steps = FormulaSteps.Of(formula.Tree, table.PlaceOf);
        waiting = new Operand[steps.Most + 1];
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

        return presence == Presence.Never ? (Interval.Any, presence) : (Whole(out _).AsFinite(), presence);
    }

    /// <summary>Its bounds as they come out, where it may be infinite or no number; every number that it uses is there.</summary>
    /// <param name="mayBeNone">Whether it may be no number.</param>
    public Interval Whole(out bool mayBeNone)
    {
        Interval[] bounds = table.Bounds;
        Operand[] under = waiting;

        // The last value is at hand in registers, those before it wait under it.
        (double low, double high, bool isNone) = (0, 0, false);
        int depth = 0;
        foreach (ref readonly FormulaStep step in steps.All)
        {
            FormulaOperation does = step.Does;
            if (does <= FormulaOperation.Number)
            {
                ref Operand pushed = ref under[depth++];
                (pushed.Low, pushed.High, pushed.IsNone) = (low, high, isNone);
                isNone = false;
                if (does == FormulaOperation.Number)
                {
                    ref readonly Interval bound = ref bounds[step.Place];
                    (low, high) = (bound.Low, bound.High);
                }
                else
                {
                    low = high = step.Constant;
                }

                continue;
            }

            Interval given;
            Interval last = new(low, high);
            if (does is >= FormulaOperation.Add and < FormulaOperation.Choose)
            {
                ref readonly Operand first = ref under[--depth];

                // Most steps are these, of numbers above 0, of which there is a sum, a product and a quotient.
                if (first.Low > 0 && low > 0 && first.High < double.PositiveInfinity && high < double.PositiveInfinity && !step.MayBeWhole)
                {
                    if (does == FormulaOperation.Multiply)
                    {
                        (low, high, isNone) = (first.Low * low, first.High * high, isNone | first.IsNone);
                        continue;
                    }

                    if (does == FormulaOperation.Add)
                    {
                        (low, high, isNone) = (first.Low + low, first.High + high, isNone | first.IsNone);
                        continue;
                    }

                    if (does == FormulaOperation.Divide)
                    {
                        (low, high, isNone) = (first.Low / high, first.High / low, isNone | first.IsNone);
                        continue;
                    }
                }

                given = Of(step, first.Bound, last, last, first.IsNone, isNone, isNone, out isNone);
            }
            else if (does == FormulaOperation.Choose)
            {
                depth -= 2;
                (Operand asked, Operand met) = (under[depth], under[depth + 1]);
                given = Of(step, asked.Bound, met.Bound, last, asked.IsNone, met.IsNone, isNone, out isNone);
            }
            else
            {
                given = Of(step, last, last, last, isNone, isNone, isNone, out isNone);
            }

            (low, high) = (given.Low, given.High);
        }

        mayBeNone = isNone;
        return new Interval(low, high);
    }

    /// <summary>What a step gives of intervals.</summary>
    /// <param name="step">The step, which takes some.</param>
    /// <param name="first">The first that it takes.</param>
    /// <param name="second">The second; any where it takes one.</param>
    /// <param name="third">The third; any where it takes two.</param>
    /// <param name="isFirstNone">Whether the first may be no number.</param>
    /// <param name="isSecondNone">Whether the second may.</param>
    /// <param name="isThirdNone">Whether the third may.</param>
    /// <param name="mayBeNone">Whether what it gives may.</param>
    public static Interval Of(in FormulaStep step, Interval first, Interval second, Interval third, bool isFirstNone, bool isSecondNone, bool isThirdNone, out bool mayBeNone)
    {
        bool isEitherNone = isFirstNone || isSecondNone;
        bool isFirstTrue = first.MayBeTrue || isFirstNone;
        bool isSecondTrue = second.MayBeTrue || isSecondNone;
        (Interval given, mayBeNone) = step.Does switch
        {
            FormulaOperation.Add => (first + second, isEitherNone || Interval.MayHaveNoSum(first, second)),
            FormulaOperation.Subtract => (first - second, isEitherNone || Interval.MayHaveNoSum(first, -second)),
            FormulaOperation.Multiply => (first * second, isEitherNone || Interval.MayHaveNoProduct(first, second)),
            FormulaOperation.Divide => (first / second, isEitherNone || Interval.MayHaveNoQuotient(first, second)),
            FormulaOperation.Power => (Power(first, second, isFirstNone, isSecondNone), isEitherNone || Interval.MayHaveNoPower(first, second)),
            FormulaOperation.Root => (Interval.Rising(first, Math.Sqrt, isExact: true), isFirstNone || first.Low < 0),
            FormulaOperation.Negate => (-first, isFirstNone),
            FormulaOperation.Least => (Interval.Lesser(first, second), isEitherNone),
            FormulaOperation.Greatest => (Interval.Greater(first, second), isEitherNone),
            FormulaOperation.Less => (Interval.Truth(first.Low < second.High, first.High >= second.Low || isEitherNone), false),
            FormulaOperation.LessOrEqual => (Interval.Truth(first.Low <= second.High, first.High > second.Low || isEitherNone), false),
            FormulaOperation.Equal => (Interval.Truth(first.Low <= second.High && second.Low <= first.High, !(first.IsPoint && second.IsPoint && first.Low == second.Low) || isEitherNone), false),
            FormulaOperation.Not => (Interval.Truth(first.MayBeFalse, isFirstTrue), false),
            FormulaOperation.And => (Interval.Truth(isFirstTrue && isSecondTrue, first.MayBeFalse || second.MayBeFalse), false),
            FormulaOperation.Or => (Interval.Truth(isFirstTrue || isSecondTrue, first.MayBeFalse && second.MayBeFalse), false),
            FormulaOperation.Choose => !first.MayBeFalse ? (second, isSecondNone) : !isFirstTrue ? (third, isThirdNone) : (second.Hull(third), isSecondNone || isThirdNone),
            FormulaOperation.Exponential => (Interval.Rising(first, Math.Exp, isExact: false), isFirstNone),
            FormulaOperation.NaturalLogarithm => (Interval.Rising(first, Math.Log, isExact: false), isFirstNone || first.Low < 0),
            FormulaOperation.DecimalLogarithm => (Interval.Rising(first, Math.Log10, isExact: false), isFirstNone || first.Low < 0),
            FormulaOperation.Logarithm => (Interval.Logarithm(first, second), isEitherNone || Interval.MayHaveNoLogarithm(first, second)),
            FormulaOperation.Magnitude => (Interval.Absolute(first), isFirstNone),
            FormulaOperation.Floor => (Interval.Rising(first, Math.Floor, isExact: true), isFirstNone),
            FormulaOperation.Ceiling => (Interval.Rising(first, Math.Ceiling, isExact: true), isFirstNone),
            FormulaOperation.Truncate => (Interval.Rising(first, Math.Truncate, isExact: true), isFirstNone),
            FormulaOperation.Sign => (Interval.Rising(first, number => double.IsNaN(number) ? number : Math.Sign(number), isExact: true), isFirstNone),
            FormulaOperation.Round => (Rounded(first, second), isFirstNone),
            FormulaOperation.Remainder => (Interval.Remainder(first, second), isEitherNone || Interval.MayHaveNoRemainder(first, second)),
            _ => throw new ArgumentOutOfRangeException(nameof(step), step.Does, "expected a step that takes something"),
        };
        return step.MayBeWhole ? OfWholeNumbers(given) : given;
    }

    /// <summary>What is computed in whole numbers of 32 bits has no 0 below 0, and begins anew beyond them.</summary>
    private static Interval OfWholeNumbers(Interval given) => given.Low >= int.MinValue && given.High <= int.MaxValue ? given.WithEitherZero() : Interval.Any;

    /// <summary>A power: to 0 everything is 1, and 1 to everything, be it no number.</summary>
    private static Interval Power(Interval of, Interval to, bool isNone, bool isToNone)
    {
        Interval power = Interval.Power(of, to);
        return (isNone && to.HasZero) || (isToNone && of.Low <= 1 && of.High >= 1) ? power.Hull(Interval.Of(1)) : power;
    }

    /// <summary>To a number of digits that may vary, and half either way: nothing is moved by more than 1, but for the last bits of what digits make of it.</summary>
    private static Interval Rounded(Interval number, Interval digits) => digits.Low >= 0
        ? new Interval(Math.Floor(number.Low), Math.Ceiling(number.High)).Widened(RoundingRoom)
        : Interval.Any;

    private static int PlaceOf(Formula formula, BoundTable table, string name) => table.PlaceOf(name) is >= 0 and int place
        ? place
        : throw formula.Complaint(
            name, $"with --optimise a number that has a bound over many variants: an axis, a derived number, or one of {string.Join(", ", LawfulColumns.Names)}");

    /// <summary>A value that waits for what is done to it, by its ends: they are read as they were written, not through copies that wait for them.</summary>
    private struct Operand
    {
        public double Low;
        public double High;
        public bool IsNone;

        public readonly Interval Bound => new(Low, High);
    }
}

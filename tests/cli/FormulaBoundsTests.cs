using FastSim.Cli.Configuration;
using FastSim.Cli.Optimising;
using FastSim.Cli.Sweeps;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Bounds of drawn expressions hold what the expressions give, one variant after another: numbers, infinite ones, and none.</summary>
public sealed class FormulaBoundsTests
{
    private const string Source = "sweep.json";
    private static readonly string[] Names = DrawnExpressions.Names;
    private static readonly int Drawn = TestLength.Of(60_000, 6_000);

    /// <summary>
    /// Roots and logarithms fall below 0, quotients go by 0, products overflow: whatever comes of it within comparisons, <c>not</c>, <c>and</c>, <c>or</c>, <c>if</c>, <c>Min</c> and <c>Max</c>.
    /// </summary>
    [Fact]
    public void Bounds_hold_every_value_and_tell_of_none()
    {
        Random random = new(1);
        (int numbers, int nones, int infinite, int told) = (0, 0, 0, 0);
        for (int draw = 0; draw < Drawn; draw++)
        {
            string text = random.Next(4) == 0 ? DrawnExpressions.Condition(random, 3) : DrawnExpressions.Number(random, 3);
            if (Parsed(text) is not { } formula)
            {
                continue;
            }

            double[][] values = [.. Names.Select(_ => DrawnExpressions.Values(random))];
            BoundTable table = new(Names);
            for (int place = 0; place < Names.Length; place++)
            {
                (Interval bound, Presence presence) = new AxisBounds(place, Column(place, values[place])).Over(0, values[place].Length - 1);
                table.Set(place, bound, presence);
            }

            FormulaBounds bounds = new(formula, table);
            Interval raw = bounds.Whole(out bool mayBeNone);
            (Interval finite, _) = bounds.Evaluate();
            told += mayBeNone ? 0 : 1;
            ForAll([.. values.Select(list => list.Length)], steps =>
            {
                double value = ValueAt(formula, place => values[place][steps[place]]);
                string At() => $"{text} at {string.Join(", ", steps.Select((step, place) => $"{Names[place]} = {values[place][step]:R}"))} is {value:R}, bounded by {raw} and {finite}";
                if (double.IsNaN(value))
                {
                    nones++;
                    Assert.True(mayBeNone, mayBeNone ? null : At());
                }
                else if (double.IsInfinity(value))
                {
                    infinite++;
                    Assert.False(raw.IsFinite, raw.IsFinite ? At() : null);
                }
                else if (value != Unknown)
                {
                    numbers++;
                    bool isWithin = Holds(raw, value) && Holds(finite, value);
                    Assert.True(isWithin, isWithin ? null : At());
                }
            });
        }

        Assert.True(numbers > 5 * Drawn && nones > Drawn && infinite > Drawn / 3 && told > Drawn / 4, $"{numbers} numbers, {nones} none, {infinite} infinite, {told} of {Drawn} expressions are always numbers");
    }

    /// <summary>What is said to move one way moves that way at every variant where it is a number on both sides.</summary>
    [Fact]
    public void Moves_hold_every_difference()
    {
        Random random = new(2);
        (int known, int still) = (0, 0);
        for (int draw = 0; draw < Drawn; draw++)
        {
            string text = DrawnExpressions.Number(random, 3);
            if (Parsed(text) is not { } formula)
            {
                continue;
            }

            // The first axis moves by a step, and the second with it or not.
            double[][] values = [.. Names.Select(_ => DrawnExpressions.Values(random))];
            bool movesSecond = random.Next(2) == 0 && values[1].Length > 1;
            if (values[0].Length < 2)
            {
                continue;
            }

            int[] by = [1, movesSecond ? 1 : 0, 0];
            MoveTable table = new(Names);
            for (int place = 0; place < Names.Length; place++)
            {
                AxisBounds axis = new(place, Column(place, values[place]));
                int last = values[place].Length - 1 - by[place];
                table.Set(place, by[place] > 0 ? axis.Moved(0, last, by[place]) : Move.Still(axis.Over(0, last).Bound));
            }

            Interval added = new FormulaMoves(formula, table).Evaluate().By;
            known += added.Low >= 0 || added.High <= 0 ? 1 : 0;
            still += added is { Low: 0, High: 0 } ? 1 : 0;
            ForAll([.. values.Select((list, place) => list.Length - by[place])], steps =>
            {
                double from = ValueAt(formula, place => values[place][steps[place]]);
                double to = ValueAt(formula, place => values[place][steps[place] + by[place]]);
                if (double.IsFinite(from) && double.IsFinite(to) && from != Unknown && to != Unknown)
                {
                    string at = $"{text} at {string.Join(", ", steps.Select((step, place) => $"{Names[place]} = {values[place][step]:R} and {values[place][step + by[place]]:R}"))} is {from:R} and {to:R}, moved by {added}";
                    Assert.True((!(added.Low >= 0) || to >= from) && (!(added.Low > 0) || to > from) && (!(added.High <= 0) || to <= from) && (!(added.High < 0) || to < from), at);
                    double room = 1e-12 * (Math.Abs(from) + Math.Abs(to));
                    Assert.True(added.Low - room <= to - from && to - from <= added.High + room, at);
                }
            });
        }

        Assert.True(known > Drawn / 8 && still > Drawn / 200, $"{known} moves are known to go one way, {still} of them none");
    }

    /// <summary>What is a number everywhere is not told to be none, for ends that are never come to or not.</summary>
    [Theory]
    [InlineData("a / b + b * a - 2 * a", false)]
    [InlineData("Sqrt(a) + Ln(b) + Log10(b) + Log(a, 2) + Pow(b, a)", false)]
    [InlineData("1 / c", false)]
    [InlineData("a - c", false)]
    [InlineData("c - 2 * c", false)]
    [InlineData("Sqrt(c)", true)]
    [InlineData("c / c", true)]
    [InlineData("1 / c - 1 / c", true)]
    [InlineData("c % c", true)]
    [InlineData("Pow(c, 0.5)", true)]
    [InlineData("Pow(c, 3)", false)]
    [InlineData("Min(Sqrt(c), a)", true)]
    [InlineData("if(Sqrt(c) < 5, a, b)", false)]
    [InlineData("if(c < 5, a, Ln(c))", true)]
    public void Only_what_may_be_none_is_told_so(string text, bool mayBeNone)
    {
        Formula formula = Parsed(text)!;
        BoundTable table = new(Names);
        table.Set(0, new Interval(1, 7), Presence.Always);
        table.Set(1, new Interval(3, double.PositiveInfinity).AsFinite(), Presence.Always);
        table.Set(2, new Interval(-4, 9), Presence.Always);
        new FormulaBounds(formula, table).Whole(out bool told);
        Assert.Equal(mayBeNone, told);
    }

    /// <summary>Comparisons of what is no number are false, but for <c>!=</c>; it counts as true itself, and every power of 1 is 1.</summary>
    [Theory]
    [InlineData("Sqrt(a) < 5", 0)]
    [InlineData("Sqrt(a) >= 5", 0)]
    [InlineData("Sqrt(a) == Sqrt(a)", 0)]
    [InlineData("Sqrt(a) != 5", 1)]
    [InlineData("not (Sqrt(a) < 5)", 1)]
    [InlineData("not Sqrt(a)", 0)]
    [InlineData("Sqrt(a) and true", 1)]
    [InlineData("if(Ln(a), 1, 2)", 1)]
    [InlineData("Pow(Sqrt(a), 0)", 1)]
    [InlineData("if(Min(Sqrt(a), 1) <= 1, 1, 2)", 2)]
    public void Comparisons_of_what_is_none_are_bounded_as_they_are(string text, double value)
    {
        Formula formula = Parsed(text)!;
        Assert.Equal(value, formula.Value(_ => -1));
        BoundTable table = new(Names);
        table.Set(0, Interval.Of(-1), Presence.Always);
        Interval bound = new FormulaBounds(formula, table).Evaluate().Bound;
        Assert.InRange(value, bound.Low, bound.High);
    }

    [Fact]
    public void The_lesser_of_a_truth_has_no_bound()
    {
        ConfigurationException complaint = Assert.Throws<ConfigurationException>(() => new FormulaBounds(Parsed("if(Min(a > 1, 2) < 3, 1, 2)")!, new BoundTable(Names)));
        Assert.Contains("cost: found Min of what is true or false; expected with --optimise operations that have bounds", complaint.Message, StringComparison.Ordinal);
    }

    /// <summary>Stands for what an expression does not come to: an exception on the way.</summary>
    private static double Unknown => 1.2345678e-297;

    private static double ValueAt(Formula formula, Func<int, double> valueOf)
    {
        try
        {
            return formula.Value(name => valueOf(Array.IndexOf(Names, name)));
        }
        catch (FormulaException exception)
        {
            return exception.Message.Contains(" is no number", StringComparison.Ordinal) ? double.NaN
                : exception.Message.Contains(" is infinite", StringComparison.Ordinal) ? double.PositiveInfinity
                : Unknown;
        }
    }

    /// <summary>Whether a bound holds a number, a 0 of its sign.</summary>
    private static bool Holds(Interval bound, double value) => value != 0
        ? bound.Low <= value && value <= bound.High
        : (double.IsNegative(value) || bound.High > 0 || (bound.High == 0 && !double.IsNegative(bound.High)))
            && (!double.IsNegative(value) || bound.Low < 0 || (bound.Low == 0 && double.IsNegative(bound.Low)))
            && bound.HasZero;

    /// <summary>An expression; null where it is none at ones.</summary>
    private static Formula? Parsed(string text)
    {
        try
        {
            return Formula.Of(Source, "cost", text, Names);
        }
        catch (FormulaException)
        {
            return null;
        }
    }

    private static AxisColumn Column(int place, double[] values) => new(Names[place], Array.ConvertAll(values, value => (double?)value));

    private static void ForAll(int[] counts, Action<int[]> action)
    {
        int[] steps = new int[counts.Length];
        for (int combination = 0; combination < counts.Aggregate(1, (product, count) => product * count); combination++)
        {
            int left = combination;
            for (int place = 0; place < counts.Length; place++)
            {
                (left, steps[place]) = Math.DivRem(left, counts[place]);
            }

            action(steps);
        }
    }
}

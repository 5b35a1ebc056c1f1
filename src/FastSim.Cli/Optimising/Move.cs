namespace FastSim.Cli.Optimising;

/// <summary>
/// A number at every variant of a box and at the variant some steps beside it. What is added lies within <see cref="By"/> as the expression itself
/// rounds both: each operation leaves room for what its own rounding may make of the number, and for what rounding makes of the terms that its
/// difference is added up of, which may be far larger than either; none where nothing under it moves. Nothing is said of variants where the number is
/// none, or infinite, on either side: so what may be finite of such (1/∞, <c>Min(∞, 5)</c>, a comparison) is told by its bounds alone.
/// </summary>
/// <param name="From">Bounds over the box.</param>
/// <param name="To">Bounds beside it.</param>
/// <param name="By">Bounds of the latter less the former, variant by variant.</param>
/// <param name="IsStated">Whether it is known that nothing under it moves, whatever it is.</param>
internal readonly record struct Move(Interval From, Interval To, Interval By, bool IsStated = false)
{
    /// <summary>A share of a number, some times what the rounding of an operation makes of it.</summary>
    private const double RoundingRoom = 4e-15;

    /// <summary>The same of powers, whose last bits are not exact.</summary>
    private const double PowerRoom = 1e-13;

    /// <summary>A slope that need not be right, being next to nothing.</summary>
    private const double LeastSlope = 1e-290;

    /// <summary>Room where numbers are too small for a share of them.</summary>
    private const double LeastRoom = 1e-300;

    /// <summary>Whether it is the very same on both sides, a 0 of the same sign: one of another would have another quotient.</summary>
    public bool IsStill => IsStated || (From.IsOne && To.IsOne && BitConverter.DoubleToInt64Bits(From.Low) == BitConverter.DoubleToInt64Bits(To.Low));

    /// <summary>Whether it is a finite number on both sides.</summary>
    private bool IsFinite => From.IsFinite && To.IsFinite && !From.MayBeNone && !To.MayBeNone;

    /// <summary>A number that does not move.</summary>
    public static Move Still(Interval at) => new(at, at, Interval.Of(0), IsStated: true);

    /// <summary>A number whose difference was computed, and rounded.</summary>
    public static Move Rounded(Interval from, Interval to, Interval by) => Rounded(from, to, by, Most(by), RoundingRoom, isStill: false);

    /// <summary>What is known of two numbers that only their bounds tell apart.</summary>
    public static Move Of(Interval from, Interval to) => new(from, to, Apart(from, to));

    public static Move operator -(Move of) => new(-of.From, -of.To, -of.By);

    public static Move operator +(Move left, Move right) =>
        Rounded(left.From + right.From, left.To + right.To, left.By + right.By, Most(left.By) + Most(right.By), RoundingRoom, left.IsStill && right.IsStill);

    public static Move operator -(Move left, Move right) => left + -right;

    public static Move operator *(Move left, Move right)
    {
        Interval from = left.From * right.From;
        Interval to = left.To * right.To;
        double terms = (Most(left.By) * Math.Max(Most(right.From), Most(right.To))) + (Math.Max(Most(left.From), Most(left.To)) * Most(right.By));
        Interval one = Wider((left.By * right.To) + (left.From * right.By), terms * RoundingRoom);
        Interval other = Wider((left.By * right.From) + (left.To * right.By), terms * RoundingRoom);
        return Rounded(from, to, Within(one, other), terms, RoundingRoom, left.IsStill && right.IsStill);
    }

    public static Move operator /(Move left, Move right)
    {
        Interval from = left.From / right.From;
        Interval to = left.To / right.To;
        if (left.IsStill && right.IsStill)
        {
            return Still(from);
        }

        if (!right.IsFinite)
        {
            return Of(from, to);
        }

        Interval by = (left.By - (from * right.By)) / right.To;
        double terms = (Most(left.By) + (Most(from) * Most(right.By))) / Math.Min(Math.Abs(right.To.Low), Math.Abs(right.To.High));
        return Rounded(from, to, by, terms, RoundingRoom, isStill: false);
    }

    /// <summary>A power of numbers above 0 to one that does not move.</summary>
    public static Move Power(Move of, Move to)
    {
        Interval from = Interval.Power(of.From, to.From);
        Interval beside = Interval.Power(of.To, to.To);
        Interval whole = of.From.Hull(of.To);
        if (of.IsStill && to.IsStill)
        {
            return Still(from);
        }

        // The mean value theorem: what is added is the slope somewhere between times the step.
        if (!to.IsStill || !to.From.IsPoint || !(whole.Low > 0) || !of.IsFinite || !to.IsFinite)
        {
            return Of(from, beside);
        }

        Interval slope = to.From * Interval.Power(whole, to.From - Interval.Of(1));
        if (Most(slope) < LeastSlope)
        {
            return Of(from, beside);
        }

        Interval by = slope * of.By;
        return Rounded(from, beside, by, Most(by), PowerRoom, isStill: false);
    }

    /// <summary>The lesser, or the greater, of two numbers: no more is added to it than to either, and no less.</summary>
    public static Move Choice(Interval from, Interval to, Move left, Move right) =>
        left.IsStill && right.IsStill ? Still(from)
        : left.IsFinite && right.IsFinite ? new(from, to, Within(left.By.Hull(right.By), Apart(from, to)))
        : Of(from, to);

    /// <summary>What is known of a number whose difference was computed.</summary>
    /// <param name="from">Bounds over the box.</param>
    /// <param name="to">Bounds beside it.</param>
    /// <param name="by">Bounds of the difference, but for rounding.</param>
    /// <param name="terms">As much as the terms come to at most, without their signs, of which it was added up.</param>
    /// <param name="share">Share of numbers and terms that rounding may make.</param>
    /// <param name="isStill">Whether nothing under it moves.</param>
    private static Move Rounded(Interval from, Interval to, Interval by, double terms, double share, bool isStill) => isStill
        ? Still(from)
        : new Move(from, to, Within(Wider(by, ((Math.Max(Most(from), Most(to)) + terms) * share) + LeastRoom), Apart(from, to)));

    /// <summary>What bounds alone say of a difference, each end rounded away from the other.</summary>
    private static Interval Apart(Interval from, Interval to)
    {
        if (!from.IsFinite || !to.IsFinite)
        {
            return Interval.Any;
        }

        (double low, double high) = (to.Low - from.High, to.High - from.Low);
        return new Interval(low == 0 ? 0 : Math.BitDecrement(low), high == 0 ? 0 : Math.BitIncrement(high));
    }

    private static Interval Wider(Interval of, double room) => new(of.Low - room, of.High + room);

    private static double Most(Interval of) => Math.Max(Math.Abs(of.Low), Math.Abs(of.High));

    /// <summary>What two bounds of one number leave; all, where they say nothing.</summary>
    private static Interval Within(Interval one, Interval other)
    {
        (double low, double high) = (Math.Max(one.Low, other.Low), Math.Min(one.High, other.High));
        return low <= high ? new Interval(low, high) : Interval.Any;
    }
}

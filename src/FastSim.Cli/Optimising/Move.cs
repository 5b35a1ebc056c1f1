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
/// <param name="IsFromNone">Whether it may be no number over the box.</param>
/// <param name="IsToNone">Whether it may be none beside it.</param>
internal readonly record struct Move(Interval From, Interval To, Interval By, bool IsStated = false, bool IsFromNone = false, bool IsToNone = false)
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
    public bool IsStill => IsStated || (!IsFromNone && !IsToNone && From.IsOne && To.IsOne && BitConverter.DoubleToInt64Bits(From.Low) == BitConverter.DoubleToInt64Bits(To.Low));

    /// <summary>Whether it is a finite number on both sides.</summary>
    private bool IsFinite => From.IsFinite && To.IsFinite && !IsFromNone && !IsToNone;

    /// <summary>A number that does not move.</summary>
    /// <param name="at">Its bounds.</param>
    /// <param name="mayBeNone">Whether it may be no number.</param>
    public static Move Still(Interval at, bool mayBeNone = false) => new(at, at, Interval.Of(0), IsStated: true, mayBeNone, mayBeNone);

    /// <summary>A number whose difference was computed, and rounded.</summary>
    public static Move Rounded(Interval from, Interval to, Interval by) => Of(from, to).Rounded(by, Most(by), RoundingRoom);

    /// <summary>What is known of two numbers that only their bounds tell apart.</summary>
    /// <param name="from">Bounds over the box.</param>
    /// <param name="to">Bounds beside it.</param>
    /// <param name="isFromNone">Whether it may be no number over the box.</param>
    /// <param name="isToNone">Whether it may be none beside it.</param>
    public static Move Of(Interval from, Interval to, bool isFromNone = false, bool isToNone = false) =>
        new(from, to, Apart(from, to), IsStated: false, isFromNone, isToNone);

    public static Move operator -(in Move of) => new(-of.From, -of.To, -of.By, IsStated: false, of.IsFromNone, of.IsToNone);

    /// <summary>How this, of which bounds are known, moves as the sum of two.</summary>
    public Move AsSum(in Move left, in Move right) => left.IsStill && right.IsStill ? AsStill() : Rounded(left.By + right.By, Most(left.By) + Most(right.By), RoundingRoom);

    /// <summary>How this, of which bounds are known, moves as the product of two.</summary>
    public Move AsProduct(in Move left, in Move right)
    {
        if (left.IsStill && right.IsStill)
        {
            return AsStill();
        }

        double terms = (Most(left.By) * Math.Max(Most(right.From), Most(right.To))) + (Math.Max(Most(left.From), Most(left.To)) * Most(right.By));
        Interval one = Wider((left.By * right.To) + (left.From * right.By), terms * RoundingRoom);
        Interval other = Wider((left.By * right.From) + (left.To * right.By), terms * RoundingRoom);
        return Rounded(Within(one, other), terms, RoundingRoom);
    }

    /// <summary>How this, of which bounds are known, moves as the quotient of two.</summary>
    public Move AsQuotient(in Move left, in Move right)
    {
        if (left.IsStill && right.IsStill)
        {
            return AsStill();
        }

        if (!right.IsFinite)
        {
            return this;
        }

        Interval by = (left.By - (From * right.By)) / right.To;
        double terms = (Most(left.By) + (Most(From) * Most(right.By))) / Math.Min(Math.Abs(right.To.Low), Math.Abs(right.To.High));
        return Rounded(by, terms, RoundingRoom);
    }

    /// <summary>How this, of which bounds are known, moves as a power of numbers above 0 to one that does not move.</summary>
    public Move AsPower(in Move of, in Move to)
    {
        if (of.IsStill && to.IsStill)
        {
            return AsStill();
        }

        // The mean value theorem: what is added is the slope somewhere between times the step.
        Interval whole = of.From.Hull(of.To);
        if (!to.IsStill || !to.From.IsPoint || !(whole.Low > 0) || !of.IsFinite || !to.IsFinite)
        {
            return this;
        }

        Interval slope = to.From * Interval.Power(whole, to.From - Interval.Of(1));
        if (Most(slope) < LeastSlope)
        {
            return this;
        }

        Interval by = slope * of.By;
        return Rounded(by, Most(by), PowerRoom);
    }

    /// <summary>How this, of which bounds are known, moves as the lesser, or the greater, of two numbers: no more is added to it than to either, and no less.</summary>
    public Move AsChoice(in Move left, in Move right) =>
        left.IsStill && right.IsStill ? AsStill()
        : left.IsFinite && right.IsFinite ? this with { By = Within(left.By.Hull(right.By), By) }
        : this;

    private Move AsStill() => Still(From, IsFromNone);

    /// <summary>What is known of this where its difference was computed.</summary>
    /// <param name="by">Bounds of the difference, but for rounding.</param>
    /// <param name="terms">As much as the terms come to at most, without their signs, of which it was added up.</param>
    /// <param name="share">Share of numbers and terms that rounding may make.</param>
    private Move Rounded(Interval by, double terms, double share) =>
        this with { By = Within(Wider(by, ((Math.Max(Most(From), Most(To)) + terms) * share) + LeastRoom), By) };

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

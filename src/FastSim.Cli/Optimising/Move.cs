namespace FastSim.Cli.Optimising;

/// <summary>
/// A number at every variant of a box and at the variant some steps beside it. What is added lies within <see cref="By"/> as the expression itself
/// rounds both: each operation leaves room for what its own rounding may make of it, and none where nothing under it moves.
/// </summary>
/// <param name="From">Bounds over the box.</param>
/// <param name="To">Bounds beside it.</param>
/// <param name="By">Bounds of the latter less the former, variant by variant.</param>
internal readonly record struct Move(Interval From, Interval To, Interval By)
{
    /// <summary>A share of a number, some times what the rounding of an operation makes of it.</summary>
    private const double RoundingRoom = 4e-15;

    /// <summary>The same of powers, whose last bits are not exact.</summary>
    private const double PowerRoom = 1e-13;

    /// <summary>Room where numbers are too small for a share of them.</summary>
    private const double LeastRoom = 1e-300;

    /// <summary>Whether it is the same on both sides, to the bit.</summary>
    public bool IsStill => By.Low == 0 && By.High == 0;

    /// <summary>A number that does not move.</summary>
    public static Move Still(Interval at) => new(at, at, Interval.Of(0));

    /// <summary>A number whose difference was computed, and rounded.</summary>
    public static Move Rounded(Interval from, Interval to, Interval by) => Rounded(from, to, by, RoundingRoom, by.Low == 0 && by.High == 0);

    /// <summary>What is known of two numbers that only their bounds tell apart.</summary>
    public static Move Of(Interval from, Interval to) => new(from, to, to - from);

    public static Move operator -(Move of) => new(-of.From, -of.To, -of.By);

    public static Move operator +(Move left, Move right) =>
        Rounded(left.From + right.From, left.To + right.To, left.By + right.By, RoundingRoom, left.IsStill && right.IsStill);

    public static Move operator -(Move left, Move right) => left + -right;

    public static Move operator *(Move left, Move right)
    {
        Interval from = left.From * right.From;
        Interval to = left.To * right.To;
        Interval by = Within((left.By * right.To) + (left.From * right.By), (left.By * right.From) + (left.To * right.By));
        return Rounded(from, to, by, RoundingRoom, left.IsStill && right.IsStill);
    }

    public static Move operator /(Move left, Move right)
    {
        Interval from = left.From / right.From;
        Interval to = left.To / right.To;
        Interval by = (left.By - (from * right.By)) / right.To;
        return Rounded(from, to, by, RoundingRoom, left.IsStill && right.IsStill);
    }

    /// <summary>A power of numbers above 0 to one that does not move.</summary>
    public static Move Power(Move of, Move to)
    {
        Interval from = Interval.Power(of.From, to.From);
        Interval beside = Interval.Power(of.To, to.To);
        Interval whole = of.From.Hull(of.To);
        if (of.IsStill && to.IsStill)
        {
            return Rounded(from, beside, default, 0, isStill: true);
        }

        // The mean value theorem: what is added is the slope somewhere between times the step.
        return to.IsStill && to.From.IsPoint && whole.Low > 0
            ? Rounded(from, beside, to.From * Interval.Power(whole, to.From - Interval.Of(1)) * of.By, PowerRoom, isStill: false)
            : Of(from, beside);
    }

    /// <summary>The lesser, or the greater, of two numbers: no more is added to it than to either, and no less.</summary>
    public static Move Choice(Interval from, Interval to, Move left, Move right) => new(from, to, Within(left.By.Hull(right.By), to - from));

    private static Move Rounded(Interval from, Interval to, Interval by, double share, bool isStill)
    {
        if (isStill)
        {
            return Still(from);
        }

        double most = Math.Max(Math.Max(Math.Abs(from.Low), Math.Abs(from.High)), Math.Max(Math.Abs(to.Low), Math.Abs(to.High)));
        double room = (most * share) + LeastRoom;
        return new Move(from, to, Within(new Interval(by.Low - room, by.High + room), to - from));
    }

    /// <summary>What two bounds of one number leave.</summary>
    private static Interval Within(Interval one, Interval other) => new(Math.Max(one.Low, other.Low), Math.Min(one.High, other.High));
}

namespace FastSim.Cli.Optimising;

/// <summary>
/// Numbers from <paramref name="Low"/> to <paramref name="High"/>, both ends among them. Sums, differences, products, quotients and roots round each
/// end as the expression itself rounds a number, and rounding keeps order: so whatever an expression gives at numbers within its operands lies
/// within its interval, to the last bit.
/// </summary>
/// <param name="Low">The least.</param>
/// <param name="High">The most.</param>
internal readonly record struct Interval(double Low, double High)
{
    /// <summary>Room for functions that need not keep order in their last bits.</summary>
    private const double FunctionRoom = 1e-14;

    /// <summary>Every number.</summary>
    public static Interval Any { get; } = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>Whether it has both ends: numbers of which nothing else is known, or that need not be there, have none.</summary>
    public bool IsFinite => double.IsFinite(Low) && double.IsFinite(High);

    /// <summary>Whether it holds one number.</summary>
    public bool IsPoint => Low == High;

    /// <summary>Whether some number of it counts as true.</summary>
    public bool MayBeTrue => Low != 0 || High != 0;

    /// <summary>Whether some number of it counts as false.</summary>
    public bool MayBeFalse => Low <= 0 && High >= 0;

    /// <summary>One number.</summary>
    public static Interval Of(double number) => new(number, number);

    /// <summary>What is true, false or either.</summary>
    public static Interval Truth(bool mayBeTrue, bool mayBeFalse) => new(mayBeFalse ? 0 : 1, mayBeTrue ? 1 : 0);

    /// <summary>The least interval that holds two.</summary>
    public Interval Hull(Interval other) => new(Math.Min(Low, other.Low), Math.Max(High, other.High));

    /// <summary>Wider by a share of either end.</summary>
    public Interval Widened(double share) => new(
        double.IsInfinity(Low) ? Low : Low - (Math.Abs(Low) * share), double.IsInfinity(High) ? High : High + (Math.Abs(High) * share));

    public static Interval operator -(Interval of) => new(-of.High, -of.Low);

    public static Interval operator +(Interval left, Interval right) => Bounded(left.Low + right.Low, left.High + right.High);

    public static Interval operator -(Interval left, Interval right) => left + -right;

    public static Interval operator *(Interval left, Interval right)
    {
        if (left.Low > 0 && right.Low > 0)
        {
            return new(left.Low * right.Low, left.High * right.High);
        }

        double first = Product(left.Low, right.Low);
        double second = Product(left.Low, right.High);
        double third = Product(left.High, right.Low);
        double fourth = Product(left.High, right.High);
        return Bounded(Math.Min(Math.Min(first, second), Math.Min(third, fourth)), Math.Max(Math.Max(first, second), Math.Max(third, fourth)));
    }

    public static Interval operator /(Interval left, Interval right)
    {
        if (right.Low > 0 || right.High < 0)
        {
            double first = left.Low / right.Low;
            double second = left.Low / right.High;
            double third = left.High / right.Low;
            double fourth = left.High / right.High;
            return HasNone(first, second, third, fourth)
                ? Any
                : Bounded(Math.Min(Math.Min(first, second), Math.Min(third, fourth)), Math.Max(Math.Max(first, second), Math.Max(third, fourth)));
        }

        // A quotient by 0 is no number, which an expression may not give: what is left is beyond the quotient by the other end.
        return right switch
        {
            _ when left is { Low: 0, High: 0 } => Any,
            { Low: 0, High: > 0 } => new Interval(
                left.Low >= 0 ? left.Low / right.High : double.NegativeInfinity, left.High <= 0 ? left.High / right.High : double.PositiveInfinity),
            { High: 0, Low: < 0 } => -(left / new Interval(0, -right.Low)),
            _ => Any,
        };
    }

    /// <summary>What is left of a division.</summary>
    public static Interval Remainder(Interval left, Interval right)
    {
        if (left.IsPoint && right.IsPoint && right.Low != 0)
        {
            return Of(left.Low % right.Low);
        }

        return left.Low >= 0 && right.Low > 0 ? new Interval(0, Math.Min(left.High, right.High)) : Any;
    }

    /// <summary>A power.</summary>
    public static Interval Power(Interval of, Interval to)
    {
        if (of.IsPoint && to.IsPoint)
        {
            return Number(Math.Pow(of.Low, to.Low));
        }

        if (of.Low > 0 || (of.Low == 0 && to.Low > 0))
        {
            Interval low = Ordered(Math.Pow(of.Low, to.Low), Math.Pow(of.Low, to.High));
            return low.Hull(Ordered(Math.Pow(of.High, to.Low), Math.Pow(of.High, to.High))).Widened(FunctionRoom);
        }

        if (!to.IsPoint || to.Low <= 0 || to.Low != Math.Floor(to.Low))
        {
            return Any;
        }

        Interval ends = Ordered(Math.Pow(of.Low, to.Low), Math.Pow(of.High, to.Low));
        return (to.Low % 2 == 0 && of.High > 0 ? ends.Hull(Of(0)) : ends).Widened(FunctionRoom);
    }

    /// <summary>A function that never falls where it is defined, and gives its very numbers at a point.</summary>
    /// <param name="of">Where.</param>
    /// <param name="function">The function.</param>
    /// <param name="isExact">Whether its rounding keeps order.</param>
    public static Interval Rising(Interval of, Func<double, double> function, bool isExact)
    {
        Interval ends = Bounded(function(of.Low), function(of.High));
        return of.IsPoint || isExact ? ends : ends.Widened(FunctionRoom);
    }

    /// <summary>The magnitude.</summary>
    public static Interval Absolute(Interval of) => of.Low >= 0 ? of : of.High <= 0 ? -of : new Interval(0, Math.Max(-of.Low, of.High));

    /// <summary>A number, or any where there is none.</summary>
    private static Interval Number(double number) => double.IsNaN(number) ? Any : Of(number);

    private static Interval Ordered(double one, double other) => Bounded(Math.Min(one, other), Math.Max(one, other));

    private static Interval Bounded(double low, double high) =>
        new(double.IsNaN(low) ? double.NegativeInfinity : low, double.IsNaN(high) ? double.PositiveInfinity : high);

    private static bool HasNone(double first, double second, double third, double fourth) =>
        double.IsNaN(first) || double.IsNaN(second) || double.IsNaN(third) || double.IsNaN(fourth);

    /// <summary>A product in which what is 0 makes it 0, however far the other may go.</summary>
    private static double Product(double left, double right) => left == 0 || right == 0 ? 0 : left * right;
}

namespace FastSim.Cli.Optimising;

/// <summary>
/// Numbers from <paramref name="Low"/> to <paramref name="High"/>, both ends among them, ends that are infinite too; a 0 below 0 lies below the other. Sums, differences, products, quotients and roots round each
/// end as the expression itself rounds a number, and rounding keeps order: so whatever an expression gives at numbers within its operands lies
/// within its interval, to the last bit. What is no number lies in none: whether there may be such is asked apart (<see cref="MayHaveNoSum"/> and its like), since
/// two ends alone are handed on in registers.
/// </summary>
/// <param name="Low">The least.</param>
/// <param name="High">The most.</param>
internal readonly record struct Interval(double Low, double High)
{
    /// <summary>Room for functions that need not keep order in their last bits.</summary>
    private const double FunctionRoom = 1e-14;

    /// <summary>Every number.</summary>
    public static Interval Any { get; } = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>Whether it holds no infinite number.</summary>
    public bool IsFinite => double.IsFinite(Low) && double.IsFinite(High);

    /// <summary>Whether it holds one number, or zeros of both signs.</summary>
    public bool IsPoint => Low == High;

    /// <summary>Whether it holds one number alone, to the bit.</summary>
    public bool IsOne => BitConverter.DoubleToInt64Bits(Low) == BitConverter.DoubleToInt64Bits(High);

    /// <summary>Whether some number of it counts as true: every one but 0 does.</summary>
    public bool MayBeTrue => Low != 0 || High != 0;

    /// <summary>Whether some number of it counts as false.</summary>
    public bool MayBeFalse => HasZero;

    /// <summary>Whether it holds one whole number alone.</summary>
    private bool IsWhole => IsPoint && Low == Math.Floor(Low);

    /// <summary>Whether it holds a zero.</summary>
    public bool HasZero => Low <= 0 && High >= 0;

    /// <summary>What is known of it where it is known to be a finite number.</summary>
    public Interval AsFinite() => IsFinite ? this : new Interval(Math.Clamp(Low, -double.MaxValue, double.MaxValue), Math.Clamp(High, -double.MaxValue, double.MaxValue));

    /// <summary>One number.</summary>
    public static Interval Of(double number) => new(number, number);

    /// <summary>What is true, false or either.</summary>
    public static Interval Truth(bool mayBeTrue, bool mayBeFalse) => new(mayBeFalse ? 0 : 1, mayBeTrue ? 1 : 0);

    /// <summary>The least interval that holds two.</summary>
    public Interval Hull(Interval other) => new(Math.Min(Low, other.Low), Math.Max(High, other.High));

    /// <summary>The same, whatever sign a 0 at its ends has.</summary>
    public Interval WithEitherZero() => new(Low == 0 ? -0.0 : Low, High == 0 ? 0 : High);

    /// <summary>Wider by a share of either end.</summary>
    public Interval Widened(double share) => new(
        double.IsInfinity(Low) ? Low : Low - (Math.Abs(Low) * share), double.IsInfinity(High) ? High : High + (Math.Abs(High) * share));

    public static Interval operator -(Interval of) => new(-of.High, -of.Low);

    public static Interval operator +(Interval left, Interval right)
    {
        double low = left.Low + right.Low;
        double high = left.High + right.High;
        return double.IsFinite(high - low) ? new Interval(low, high) : Bounded(low, high);
    }

    public static Interval operator -(Interval left, Interval right) => left + -right;

    public static Interval operator *(Interval left, Interval right)
    {
        // Most numbers are from 0 above it on.
        double most = left.High * right.High;
        if ((BitConverter.DoubleToInt64Bits(left.Low) | BitConverter.DoubleToInt64Bits(right.Low)) >= 0 && double.IsFinite(most))
        {
            return new Interval(left.Low * right.Low, most);
        }

        return Spanned(Product(left.Low, right.Low), Product(left.Low, right.High), Product(left.High, right.Low), Product(left.High, right.High));
    }

    public static Interval operator /(Interval left, Interval right) =>
        right.Low > 0 && BitConverter.DoubleToInt64Bits(left.Low) >= 0 && double.IsFinite(left.High) && double.IsFinite(right.High)
            ? new Interval(left.Low / right.High, left.High / right.Low)
            : Quotient(left, right);

    /// <summary>Whether a sum may be no number: that of infinite ones of both signs is none.</summary>
    public static bool MayHaveNoSum(Interval left, Interval right) =>
        (double.IsNegativeInfinity(left.Low) && double.IsPositiveInfinity(right.High)) || (double.IsPositiveInfinity(left.High) && double.IsNegativeInfinity(right.Low));

    /// <summary>Whether a product may be no number: that of 0 and an infinite one is none.</summary>
    public static bool MayHaveNoProduct(Interval left, Interval right) => (left.HasZero && !right.IsFinite) || (right.HasZero && !left.IsFinite);

    /// <summary>Whether a quotient may be no number: that of zeros, or of infinite ones, is none.</summary>
    public static bool MayHaveNoQuotient(Interval left, Interval right) => (left.HasZero && right.HasZero) || (!left.IsFinite && !right.IsFinite);

    /// <summary>What is left of a division.</summary>
    public static Interval Remainder(Interval left, Interval right)
    {
        if (left.IsPoint && right.IsPoint && !right.HasZero && left.IsFinite)
        {
            return new Interval(left.Low % right.Low, left.High % right.Low);
        }

        return left.Low >= 0 && right.Low > 0 ? new Interval(double.IsNegative(left.Low) ? left.Low : 0, Math.Min(left.High, right.High)) : Any;
    }

    /// <summary>Whether what is left of a division may be no number: of one by 0, or of an infinite number.</summary>
    public static bool MayHaveNoRemainder(Interval left, Interval right) => right.HasZero || !left.IsFinite;

    /// <summary>Whether a power may be no number: of one below 0 to one that is not whole.</summary>
    public static bool MayHaveNoPower(Interval of, Interval to) => of.Low < 0 && !to.IsWhole;

    /// <summary>A function that never falls where it is defined, which is everywhere or from some number on, and gives its very numbers at a point.</summary>
    /// <param name="of">Where.</param>
    /// <param name="function">The function.</param>
    /// <param name="isExact">Whether its rounding keeps order.</param>
    public static Interval Rising(Interval of, Func<double, double> function, bool isExact)
    {
        Interval ends = Bounded(function(of.Low), function(of.High));
        return of.IsPoint || isExact ? ends : ends.Widened(FunctionRoom);
    }

    /// <summary>The logarithm to a base.</summary>
    public static Interval Logarithm(Interval of, Interval toBase) =>
        (Rising(of, Math.Log, isExact: false) / Rising(toBase, Math.Log, isExact: false)).Widened(FunctionRoom);

    /// <summary>Whether a logarithm may be no number: of one below 0, or to the bases 0, 1 and infinity, though the quotient may be one.</summary>
    public static bool MayHaveNoLogarithm(Interval of, Interval toBase) => of.Low < 0 || toBase.Low <= 0 || (toBase.Low <= 1 && toBase.High >= 1) || !toBase.IsFinite;

    /// <summary>The lesser of two.</summary>
    public static Interval Lesser(Interval one, Interval other) => new(Math.Min(one.Low, other.Low), Math.Min(one.High, other.High));

    /// <summary>The greater of two.</summary>
    public static Interval Greater(Interval one, Interval other) => new(Math.Max(one.Low, other.Low), Math.Max(one.High, other.High));

    /// <summary>The magnitude.</summary>
    public static Interval Absolute(Interval of) => of.Low >= 0 ? new Interval(Math.Abs(of.Low), Math.Abs(of.High))
        : of.High <= 0 ? new Interval(Math.Abs(of.High), -of.Low)
        : new Interval(0, Math.Max(-of.Low, of.High));

    /// <summary>A power.</summary>
    public static Interval Power(Interval of, Interval to)
    {
        if (of.IsPoint && to.IsPoint)
        {
            double one = Math.Pow(of.Low, to.Low);
            return double.IsNaN(one) ? Any : Of(one).Hull(Of(Math.Pow(of.High, to.Low)));
        }

        if (of.Low > 0 || (of.Low == 0 && to.Low > 0))
        {
            Interval low = Ordered(Math.Pow(of.Low, to.Low), Math.Pow(of.Low, to.High));
            Interval whole = low.Hull(Ordered(Math.Pow(of.High, to.Low), Math.Pow(of.High, to.High))).Widened(FunctionRoom);
            return of.Low == 0 ? whole.Hull(Of(of.Low)) : whole;
        }

        if (!to.IsWhole || to.Low <= 0 || !to.IsFinite)
        {
            return Any;
        }

        Interval ends = Ordered(Math.Pow(of.Low, to.Low), Math.Pow(of.High, to.Low));
        return (to.Low % 2 == 0 && of.High > 0 ? ends.Hull(Of(0)) : ends).Widened(FunctionRoom);
    }

    private static Interval Ordered(double one, double other) => new(Math.Min(one, other), Math.Max(one, other));

    private static Interval Spanned(double first, double second, double third, double fourth) =>
        new(Math.Min(Math.Min(first, second), Math.Min(third, fourth)), Math.Max(Math.Max(first, second), Math.Max(third, fourth)));

    private static Interval Bounded(double low, double high) =>
        new(double.IsNaN(low) ? double.NegativeInfinity : low, double.IsNaN(high) ? double.PositiveInfinity : high);

    private static Interval Quotient(Interval left, Interval right)
    {
        if (right.Low > 0 || right.High < 0)
        {
            double first = left.Low / right.Low;
            double second = left.Low / right.High;
            double third = left.High / right.Low;
            double fourth = left.High / right.High;
            return double.IsNaN(first) || double.IsNaN(second) || double.IsNaN(third) || double.IsNaN(fourth) ? Any : Spanned(first, second, third, fourth);
        }

        // A quotient by 0 is infinite, to the side of the signs of both, or none: what is left is beyond the quotient by the other end.
        return right switch
        {
            _ when left is { Low: 0, High: 0 } => Any,
            { Low: 0, High: > 0 } when !double.IsNegative(right.Low) => Bounded(
                left.Low >= 0 ? left.Low / right.High : double.NegativeInfinity, left.High <= 0 ? left.High / right.High : double.PositiveInfinity),
            { High: 0, Low: < 0 } when double.IsNegative(right.High) => -(left / -right),
            _ => Any,
        };
    }

    /// <summary>A product in which what is 0 makes it 0: that of an infinite number is none.</summary>
    private static double Product(double left, double right) =>
        left != 0 && right != 0 ? left * right : double.IsNegative(left) != double.IsNegative(right) ? -0.0 : 0;
}

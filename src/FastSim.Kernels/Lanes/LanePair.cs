using System.Runtime.CompilerServices;

namespace FastSim.Kernels.Lanes;

/// <summary>Two vectors interleaved, so that the latency of one hides behind the other. Wider composites spill.</summary>
/// <typeparam name="TLanes">One of the two.</typeparam>
internal readonly struct LanePair<TLanes>(TLanes low, TLanes high) : ILanes<LanePair<TLanes>>
    where TLanes : struct, ILanes<TLanes>
{
    private readonly TLanes low = low;
    private readonly TLanes high = high;

    /// <inheritdoc/>
    public static int Count => 2 * TLanes.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TLanes> Broadcast(double number)
    {
        TLanes both = TLanes.Broadcast(number);
        return new(both, both);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TLanes> Load(ref readonly double start, int index) =>
        new(TLanes.Load(in start, index), TLanes.Load(in start, index + TLanes.Count));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TLanes> LoadCopies(ref readonly double start, int index)
    {
        TLanes both = TLanes.LoadCopies(in start, index);
        return new(both, both);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TLanes> AffineOfCopies(ref readonly double start, int slope, int constant, LanePair<TLanes> at) => new(
        TLanes.AffineOfCopies(in start, slope, constant, at.low),
        TLanes.AffineOfCopies(in start, slope, Count <= LaneWidths.Copies ? constant + TLanes.Count : constant, at.high));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(LanePair<TLanes> lanes, ref double start, int index)
    {
        TLanes.Store(lanes.low, ref start, index);
        TLanes.Store(lanes.high, ref start, index + TLanes.Count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TLanes> MultiplyAdd(LanePair<TLanes> left, LanePair<TLanes> right, LanePair<TLanes> addend) =>
        new(TLanes.MultiplyAdd(left.low, right.low, addend.low), TLanes.MultiplyAdd(left.high, right.high, addend.high));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TLanes> Max(LanePair<TLanes> left, LanePair<TLanes> right) =>
        new(TLanes.Max(left.low, right.low), TLanes.Max(left.high, right.high));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TLanes> Min(LanePair<TLanes> left, LanePair<TLanes> right) =>
        new(TLanes.Min(left.low, right.low), TLanes.Min(left.high, right.high));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Least(LanePair<TLanes> lanes) => TLanes.Least(TLanes.Min(lanes.low, lanes.high));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Largest(LanePair<TLanes> lanes) => TLanes.Largest(TLanes.Max(lanes.low, lanes.high));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TLanes> SelectAtLeast(
        LanePair<TLanes> value, LanePair<TLanes> threshold, LanePair<TLanes> reached, LanePair<TLanes> otherwise) =>
        new(
            TLanes.SelectAtLeast(value.low, threshold.low, reached.low, otherwise.low),
            TLanes.SelectAtLeast(value.high, threshold.high, reached.high, otherwise.high));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TLanes> Floor(LanePair<TLanes> number) => new(TLanes.Floor(number.low), TLanes.Floor(number.high));

    /// <inheritdoc/>
    public static LanePair<TLanes> Exp(LanePair<TLanes> exponent) => new(TLanes.Exp(exponent.low), TLanes.Exp(exponent.high));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TLanes> operator +(LanePair<TLanes> left, LanePair<TLanes> right) =>
        new(left.low + right.low, left.high + right.high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TLanes> operator -(LanePair<TLanes> left, LanePair<TLanes> right) =>
        new(left.low - right.low, left.high - right.high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TLanes> operator *(LanePair<TLanes> left, LanePair<TLanes> right) =>
        new(left.low * right.low, left.high * right.high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<TLanes> operator /(LanePair<TLanes> left, LanePair<TLanes> right) =>
        new(left.low / right.low, left.high / right.high);
}

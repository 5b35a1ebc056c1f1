using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FastSim.Kernels.Lanes;

/// <summary>Two lanes, 128 bits.</summary>
internal readonly struct Lanes2(Vector128<double> lanes) : ILanes<Lanes2>
{
    private readonly Vector128<double> lanes = lanes;

    /// <inheritdoc/>
    public static int Count => 2;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes2 Broadcast(double number) => new(Vector128.Create(number));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes2 Load(ref readonly double start, int index) => new(Vector128.LoadUnsafe(in start, (nuint)index));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes2 LoadCopies(ref readonly double start, int index) => Load(in start, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes2 AffineOfCopies(ref readonly double start, int slope, int constant, Lanes2 at) =>
        new(Vector128.FusedMultiplyAdd(Vector128.LoadUnsafe(in start, (nuint)slope), at.lanes, Vector128.LoadUnsafe(in start, (nuint)constant)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes2 lanes, ref double start, int index) => lanes.lanes.StoreUnsafe(ref start, (nuint)index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes2 MultiplyAdd(Lanes2 left, Lanes2 right, Lanes2 addend) =>
        new(Vector128.FusedMultiplyAdd(left.lanes, right.lanes, addend.lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes2 Max(Lanes2 left, Lanes2 right) => new(Vector128.MaxNative(left.lanes, right.lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes2 Min(Lanes2 left, Lanes2 right) => new(Vector128.MinNative(left.lanes, right.lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Least(Lanes2 lanes) => double.MinNative(lanes.lanes[0], lanes.lanes[1]);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Largest(Lanes2 lanes) => double.MaxNative(lanes.lanes[0], lanes.lanes[1]);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes2 SelectAtLeast(Lanes2 value, Lanes2 threshold, Lanes2 reached, Lanes2 otherwise) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThanOrEqual(value.lanes, threshold.lanes), reached.lanes, otherwise.lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes2 Floor(Lanes2 number) => new(Vector128.Floor(number.lanes));

    /// <inheritdoc/>
    public static Lanes2 Exp(Lanes2 exponent) => new(Vector128.Exp(exponent.lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes2 operator +(Lanes2 left, Lanes2 right) => new(left.lanes + right.lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes2 operator -(Lanes2 left, Lanes2 right) => new(left.lanes - right.lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes2 operator *(Lanes2 left, Lanes2 right) => new(left.lanes * right.lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes2 operator /(Lanes2 left, Lanes2 right) => new(left.lanes / right.lanes);
}

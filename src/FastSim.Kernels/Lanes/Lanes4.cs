using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FastSim.Kernels.Lanes;

/// <summary>Four lanes, 256 bits.</summary>
internal readonly struct Lanes4(Vector256<double> lanes) : ILanes<Lanes4>
{
    private readonly Vector256<double> lanes = lanes;

    /// <inheritdoc/>
    public static int Count => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Broadcast(double number) => new(Vector256.Create(number));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Load(ref readonly double start, int index) => new(Vector256.LoadUnsafe(in start, (nuint)index));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LoadCopies(ref readonly double start, int index) => Load(in start, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 AffineOfCopies(ref readonly double start, int slope, int constant, Lanes4 at) =>
        new(Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(in start, (nuint)slope), at.lanes, Vector256.LoadUnsafe(in start, (nuint)constant)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes4 lanes, ref double start, int index) => lanes.lanes.StoreUnsafe(ref start, (nuint)index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 MultiplyAdd(Lanes4 left, Lanes4 right, Lanes4 addend) =>
        new(Vector256.FusedMultiplyAdd(left.lanes, right.lanes, addend.lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Max(Lanes4 left, Lanes4 right) => new(Vector256.MaxNative(left.lanes, right.lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Min(Lanes4 left, Lanes4 right) => new(Vector256.MinNative(left.lanes, right.lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Least(Lanes4 lanes) => Lanes2.Least(new(Vector128.MinNative(lanes.lanes.GetLower(), lanes.lanes.GetUpper())));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Largest(Lanes4 lanes) => Lanes2.Largest(new(Vector128.MaxNative(lanes.lanes.GetLower(), lanes.lanes.GetUpper())));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 SelectAtLeast(Lanes4 value, Lanes4 threshold, Lanes4 reached, Lanes4 otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(value.lanes, threshold.lanes), reached.lanes, otherwise.lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Floor(Lanes4 number) => new(Vector256.Floor(number.lanes));

    /// <inheritdoc/>
    public static Lanes4 Exp(Lanes4 exponent) => new(Vector256.Exp(exponent.lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator +(Lanes4 left, Lanes4 right) => new(left.lanes + right.lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator -(Lanes4 left, Lanes4 right) => new(left.lanes - right.lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator *(Lanes4 left, Lanes4 right) => new(left.lanes * right.lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator /(Lanes4 left, Lanes4 right) => new(left.lanes / right.lanes);
}

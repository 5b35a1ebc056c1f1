using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FastSim.Kernels.Lanes;

/// <summary>Eight lanes, 512 bits.</summary>
internal readonly struct Lanes8(Vector512<double> lanes) : ILanes<Lanes8>
{
    private readonly Vector512<double> lanes = lanes;

    /// <inheritdoc/>
    public static int Count => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Broadcast(double number) => new(Vector512.Create(number));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Load(ref readonly double start, int index) => new(Vector512.LoadUnsafe(in start, (nuint)index));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LoadCopies(ref readonly double start, int index) => Load(in start, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 AffineOfCopies(ref readonly double start, int slope, int constant, Lanes8 at) =>
        new(Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(in start, (nuint)slope), at.lanes, Vector512.LoadUnsafe(in start, (nuint)constant)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes8 lanes, ref double start, int index) => lanes.lanes.StoreUnsafe(ref start, (nuint)index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 MultiplyAdd(Lanes8 left, Lanes8 right, Lanes8 addend) =>
        new(Vector512.FusedMultiplyAdd(left.lanes, right.lanes, addend.lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Max(Lanes8 left, Lanes8 right) => new(Vector512.MaxNative(left.lanes, right.lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Min(Lanes8 left, Lanes8 right) => new(Vector512.MinNative(left.lanes, right.lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Least(Lanes8 lanes) => Lanes4.Least(new(Vector256.MinNative(lanes.lanes.GetLower(), lanes.lanes.GetUpper())));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Largest(Lanes8 lanes) => Lanes4.Largest(new(Vector256.MaxNative(lanes.lanes.GetLower(), lanes.lanes.GetUpper())));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 SelectAtLeast(Lanes8 value, Lanes8 threshold, Lanes8 reached, Lanes8 otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(value.lanes, threshold.lanes), reached.lanes, otherwise.lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Floor(Lanes8 number) => new(Vector512.Floor(number.lanes));

    /// <inheritdoc/>
    public static Lanes8 Exp(Lanes8 exponent) => new(Vector512.Exp(exponent.lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator +(Lanes8 left, Lanes8 right) => new(left.lanes + right.lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator -(Lanes8 left, Lanes8 right) => new(left.lanes - right.lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator *(Lanes8 left, Lanes8 right) => new(left.lanes * right.lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator /(Lanes8 left, Lanes8 right) => new(left.lanes / right.lanes);
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastSim.Kernels.Fitting;

/// <summary>
/// Products of matrices as narrow as a network's layers, over many rows: sums in the order of what is summed over, multiplied and added without rounding in between, on every processor alike.
/// Four sums of 24 are held in registers.
/// </summary>
internal static class RowProducts
{
    /// <summary>Rows, and inputs of <see cref="Between"/>, are taken by as many.</summary>
    public const int Group = 4;

    private const int Lanes = 8;
    private const int Block = 3 * Lanes;

    /// <summary>For each row the biases and, one input after the other, its inputs times their weights.</summary>
    /// <param name="inputs">Inputs, <paramref name="stride"/> a row; a multiple of four rows.</param>
    /// <param name="stride">From one row of inputs to the next.</param>
    /// <param name="count">Inputs that count.</param>
    /// <param name="weights">Weights, a row an input, a column a unit.</param>
    /// <param name="biases">Biases, one a unit; a multiple of 24.</param>
    /// <param name="sums">Receives a row of units a row of inputs.</param>
    /// <exception cref="ArgumentOutOfRangeException">Units or rows are no such multiples, or inputs or weights are too few.</exception>
    public static void Over(ReadOnlySpan<float> inputs, int stride, int count, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> sums)
    {
        int units = biases.Length;
        ArgumentOutOfRangeException.ThrowIfNotEqual(units % Block, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, stride);
        ArgumentOutOfRangeException.ThrowIfLessThan(weights.Length, count * units);
        int rows = sums.Length / units;
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows % Group, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs.Length, rows * stride);
        ref float input = ref MemoryMarshal.GetReference(inputs);
        ref float weight = ref MemoryMarshal.GetReference(weights);
        ref float bias = ref MemoryMarshal.GetReference(biases);
        ref float sum = ref MemoryMarshal.GetReference(sums);
        for (int unit = 0; unit < units; unit += Block)
        {
            for (int row = 0; row < rows; row += Group)
            {
                Vector256<float> a0 = Vector256.LoadUnsafe(ref bias, (nuint)unit);
                Vector256<float> a1 = Vector256.LoadUnsafe(ref bias, (nuint)(unit + Lanes));
                Vector256<float> a2 = Vector256.LoadUnsafe(ref bias, (nuint)(unit + (2 * Lanes)));
                (Vector256<float> b0, Vector256<float> b1, Vector256<float> b2) = (a0, a1, a2);
                (Vector256<float> c0, Vector256<float> c1, Vector256<float> c2) = (a0, a1, a2);
                (Vector256<float> d0, Vector256<float> d1, Vector256<float> d2) = (a0, a1, a2);
                nuint place = (nuint)unit;
                nuint from = (nuint)(row * stride);
                for (nuint end = from + (nuint)count; from < end; from++)
                {
                    Vector256<float> w0 = Vector256.LoadUnsafe(ref weight, place);
                    Vector256<float> w1 = Vector256.LoadUnsafe(ref weight, place + Lanes);
                    Vector256<float> w2 = Vector256.LoadUnsafe(ref weight, place + (2 * Lanes));
                    Add(w0, w1, w2, ref input, from, ref a0, ref a1, ref a2);
                    Add(w0, w1, w2, ref input, from + (nuint)stride, ref b0, ref b1, ref b2);
                    Add(w0, w1, w2, ref input, from + (nuint)(2 * stride), ref c0, ref c1, ref c2);
                    Add(w0, w1, w2, ref input, from + (nuint)(3 * stride), ref d0, ref d1, ref d2);
                    place += (nuint)units;
                }

                nuint into = (nuint)((row * units) + unit);
                Store(a0, a1, a2, ref sum, into);
                Store(b0, b1, b2, ref sum, into + (nuint)units);
                Store(c0, c1, c2, ref sum, into + (nuint)(2 * units));
                Store(d0, d1, d2, ref sum, into + (nuint)(3 * units));
            }
        }
    }

    /// <summary>For each input and unit, one row after the other, the input times the unit's number.</summary>
    /// <param name="inputs">Inputs, <paramref name="stride"/> a row.</param>
    /// <param name="stride">From one row of inputs to the next.</param>
    /// <param name="numbers">Numbers of units, a row each row.</param>
    /// <param name="units">Units; a multiple of 24.</param>
    /// <param name="sums">Receives a row of units an input that counts; a multiple of four inputs.</param>
    /// <exception cref="ArgumentOutOfRangeException">Units or inputs that count are no such multiples, or inputs are too few.</exception>
    public static void Between(ReadOnlySpan<float> inputs, int stride, ReadOnlySpan<float> numbers, int units, Span<float> sums)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(units % Block, 0);
        int rows = numbers.Length / units;
        int count = sums.Length / units;
        ArgumentOutOfRangeException.ThrowIfNotEqual(count % Group, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, stride);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs.Length, rows * stride);
        ref float input = ref MemoryMarshal.GetReference(inputs);
        ref float number = ref MemoryMarshal.GetReference(numbers);
        ref float sum = ref MemoryMarshal.GetReference(sums);
        for (int unit = 0; unit < units; unit += Block)
        {
            for (int first = 0; first < count; first += Group)
            {
                Vector256<float> a0 = default, a1 = default, a2 = default, b0 = default, b1 = default, b2 = default;
                Vector256<float> c0 = default, c1 = default, c2 = default, d0 = default, d1 = default, d2 = default;
                nuint from = (nuint)first;
                nuint place = (nuint)unit;
                for (int row = 0; row < rows; row++)
                {
                    Vector256<float> n0 = Vector256.LoadUnsafe(ref number, place);
                    Vector256<float> n1 = Vector256.LoadUnsafe(ref number, place + Lanes);
                    Vector256<float> n2 = Vector256.LoadUnsafe(ref number, place + (2 * Lanes));
                    Add(n0, n1, n2, ref input, from, ref a0, ref a1, ref a2);
                    Add(n0, n1, n2, ref input, from + 1, ref b0, ref b1, ref b2);
                    Add(n0, n1, n2, ref input, from + 2, ref c0, ref c1, ref c2);
                    Add(n0, n1, n2, ref input, from + 3, ref d0, ref d1, ref d2);
                    from += (nuint)stride;
                    place += (nuint)units;
                }

                nuint into = (nuint)((first * units) + unit);
                Store(a0, a1, a2, ref sum, into);
                Store(b0, b1, b2, ref sum, into + (nuint)units);
                Store(c0, c1, c2, ref sum, into + (nuint)(2 * units));
                Store(d0, d1, d2, ref sum, into + (nuint)(3 * units));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        Vector256<float> one,
        Vector256<float> two,
        Vector256<float> three,
        ref float factors,
        nuint place,
        ref Vector256<float> oneSum,
        ref Vector256<float> twoSum,
        ref Vector256<float> threeSum)
    {
        Vector256<float> same = Vector256.Create(Unsafe.Add(ref factors, place));
        oneSum = Vector256.FusedMultiplyAdd(one, same, oneSum);
        twoSum = Vector256.FusedMultiplyAdd(two, same, twoSum);
        threeSum = Vector256.FusedMultiplyAdd(three, same, threeSum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<float> one, Vector256<float> two, Vector256<float> three, ref float into, nuint place)
    {
        one.StoreUnsafe(ref into, place);
        two.StoreUnsafe(ref into, place + Lanes);
        three.StoreUnsafe(ref into, place + (2 * Lanes));
    }
}

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastSim.Kernels.Fitting;

/// <summary>
/// Sums over vectors as short as a network's layers, 12 to 48: calls that are made for long ones would take most of the time. Each element is rounded as if alone and in the
/// order that is stated, on every processor alike.
/// </summary>
internal static class ShortVectors
{
    private const int Lanes = 8;
    private const int Block = 3 * Lanes;

    /// <summary>Adds vectors, each times its factor, one after the other, multiplied and added without rounding in between.</summary>
    /// <param name="vectors">The vectors, one after the other, each as long as <paramref name="sum"/>.</param>
    /// <param name="factors">A factor each.</param>
    /// <param name="sum">What they are added to; a multiple of 24 long.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer vectors than factors, or the sum is not as long.</exception>
    public static void AddAll(ReadOnlySpan<float> vectors, ReadOnlySpan<float> factors, Span<float> sum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vectors.Length, factors.Length * sum.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sum.Length % Block, 0);
        ref float into = ref MemoryMarshal.GetReference(sum);
        ref float from = ref MemoryMarshal.GetReference(vectors);
        for (int first = 0; first < sum.Length; first += Block)
        {
            Vector256<float> one = Vector256.LoadUnsafe(ref into, (nuint)first);
            Vector256<float> two = Vector256.LoadUnsafe(ref into, (nuint)(first + Lanes));
            Vector256<float> three = Vector256.LoadUnsafe(ref into, (nuint)(first + (2 * Lanes)));
            nuint place = (nuint)first;
            foreach (float factor in factors)
            {
                Vector256<float> same = Vector256.Create(factor);
                one = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref from, place), same, one);
                two = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref from, place + Lanes), same, two);
                three = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref from, place + (2 * Lanes)), same, three);
                place += (nuint)sum.Length;
            }

            one.StoreUnsafe(ref into, (nuint)first);
            two.StoreUnsafe(ref into, (nuint)(first + Lanes));
            three.StoreUnsafe(ref into, (nuint)(first + (2 * Lanes)));
        }
    }

    /// <summary>Adds a vector times a factor, multiplied and added without rounding in between.</summary>
    /// <param name="values">The vector.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="sum">What it is added to; as long.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not as long.</exception>
    public static void Add(ReadOnlySpan<float> values, float factor, Span<float> sum)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, sum.Length);
        ref float into = ref MemoryMarshal.GetReference(sum);
        ref float from = ref MemoryMarshal.GetReference(values);
        int index = 0;
        Vector256<float> same = Vector256.Create(factor);
        for (; index <= sum.Length - Lanes; index += Lanes)
        {
            Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref from, (nuint)index), same, Vector256.LoadUnsafe(ref into, (nuint)index))
                .StoreUnsafe(ref into, (nuint)index);
        }

        for (; index < sum.Length; index++)
        {
            sum[index] = MathF.FusedMultiplyAdd(values[index], factor, sum[index]);
        }
    }
}

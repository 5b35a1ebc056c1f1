using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastSim.Kernels.Fitting;

/// <summary>
/// A layer of a network over sixteen rows at once, a lane each: sums of inputs times weights, in the order of the inputs and without rounding in between, then a bias. Weights of 0 are
/// left out, which changes no sum of numbers. Each row is rounded as if alone, on every processor alike.
/// </summary>
internal sealed class MinMaxLayer
{
    /// <summary>Rows at once.</summary>
    public const int Rows = 2 * Lanes;

    private const int Lanes = 8;

    /// <summary>Units at once: with two vectors of rows each, six sums fill what registers there are.</summary>
    private const int Group = 6;

    private readonly int[] places;
    private readonly float[] weights;
    private readonly int[] ends;
    private readonly float[] biases;
    private readonly int units;

    /// <summary>A layer.</summary>
    /// <param name="inputs">Inputs.</param>
    /// <param name="weights">Weights, a row an input, a column a unit.</param>
    /// <param name="biases">Biases, one a unit.</param>
    /// <param name="order">Units in the order in which they are taken, by sixes; -1 for none.</param>
    private MinMaxLayer(int inputs, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, ReadOnlySpan<int> order)
    {
        units = order.Length;
        int columns = biases.Length;
        List<int> usedPlaces = [];
        List<float> usedWeights = [];
        ends = new int[units / Group];
        this.biases = new float[units];
        for (int group = 0; group < ends.Length; group++)
        {
            ReadOnlySpan<int> own = order.Slice(group * Group, Group);
            for (int input = 0; input < inputs; input++)
            {
                bool isUsed = false;
                foreach (int unit in own)
                {
                    isUsed |= unit >= 0 && weights[(input * columns) + unit] != 0;
                }

                if (isUsed)
                {
                    usedPlaces.Add(input * Rows);
                    foreach (int unit in own)
                    {
                        usedWeights.Add(unit >= 0 ? weights[(input * columns) + unit] : 0);
                    }
                }
            }

            ends[group] = usedPlaces.Count;
            for (int place = 0; place < Group; place++)
            {
                this.biases[(group * Group) + place] = own[place] >= 0 ? biases[own[place]] : 0;
            }
        }

        places = [.. usedPlaces];
        this.weights = [.. usedWeights];
    }

    /// <summary>A layer of whose units the first half is paired with the second: of pairs the first half leaves the larger, the second the smaller.</summary>
    /// <param name="inputs">Inputs.</param>
    /// <param name="weights">Weights, a row an input, a column a unit.</param>
    /// <param name="biases">Biases, one a unit; a multiple of twelve.</param>
    public static MinMaxLayer OfPairs(int inputs, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases)
    {
        int half = biases.Length / 2;
        int[] order = new int[biases.Length];
        for (int pair = 0; pair < half; pair++)
        {
            int place = (pair / (Group / 2) * Group) + (pair % (Group / 2));
            (order[place], order[place + (Group / 2)]) = (pair, half + pair);
        }

        return new MinMaxLayer(inputs, weights, biases, order);
    }

    /// <summary>A layer of units by themselves.</summary>
    /// <param name="inputs">Inputs.</param>
    /// <param name="weights">Weights, a row an input, a column a unit.</param>
    /// <param name="biases">Biases, one a unit; six at most.</param>
    public static MinMaxLayer OfUnits(int inputs, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases)
    {
        int[] order = new int[Group];
        for (int unit = 0; unit < Group; unit++)
        {
            order[unit] = unit < biases.Length ? unit : -1;
        }

        return new MinMaxLayer(inputs, weights, biases, order);
    }

    /// <summary>What pairs leave, a row of sixteen a pair.</summary>
    /// <param name="inputs">Inputs, a row of sixteen each.</param>
    /// <param name="left">Receives it.</param>
    public void Pairs(ReadOnlySpan<float> inputs, Span<float> left)
    {
        const int Pair = Group / 2;
        Span<float> sums = stackalloc float[Group * Rows];
        for (int group = 0; group < ends.Length; group++)
        {
            Sums(group, inputs, sums);
            Span<float> own = left.Slice(group * Pair * Rows, Pair * Rows);
            bool areLarger = group < ends.Length / 2;
            for (int index = 0; index < Pair * Rows; index += Lanes)
            {
                Vector256<float> one = Vector256.Create((ReadOnlySpan<float>)sums[index..]);
                Vector256<float> other = Vector256.Create((ReadOnlySpan<float>)sums[((Pair * Rows) + index)..]);
                (areLarger ? Vector256.Max(one, other) : Vector256.Min(one, other)).CopyTo(own[index..]);
            }
        }
    }

    /// <summary>Units themselves, a row of sixteen each of the six.</summary>
    /// <param name="inputs">Inputs, a row of sixteen each.</param>
    /// <param name="sums">Receives them.</param>
    public void Units(ReadOnlySpan<float> inputs, Span<float> sums) => Sums(0, inputs, sums);

    /// <summary>Six units over sixteen rows.</summary>
    private void Sums(int group, ReadOnlySpan<float> inputs, Span<float> sums)
    {
        ref float input = ref MemoryMarshal.GetReference(inputs);
        ref float weight = ref MemoryMarshal.GetArrayDataReference(weights);
        Vector256<float> one0 = default, one1 = default, one2 = default, one3 = default, one4 = default, one5 = default;
        Vector256<float> two0 = default, two1 = default, two2 = default, two3 = default, two4 = default, two5 = default;
        for (int index = group == 0 ? 0 : ends[group - 1]; index < ends[group]; index++)
        {
            nuint place = (nuint)places[index];
            Vector256<float> one = Vector256.LoadUnsafe(ref input, place);
            Vector256<float> two = Vector256.LoadUnsafe(ref input, place + Lanes);
            ref float own = ref Unsafe.Add(ref weight, index * Group);
            Vector256<float> same = Vector256.Create(own);
            one0 = Vector256.FusedMultiplyAdd(one, same, one0);
            two0 = Vector256.FusedMultiplyAdd(two, same, two0);
            same = Vector256.Create(Unsafe.Add(ref own, 1));
            one1 = Vector256.FusedMultiplyAdd(one, same, one1);
            two1 = Vector256.FusedMultiplyAdd(two, same, two1);
            same = Vector256.Create(Unsafe.Add(ref own, 2));
            one2 = Vector256.FusedMultiplyAdd(one, same, one2);
            two2 = Vector256.FusedMultiplyAdd(two, same, two2);
            same = Vector256.Create(Unsafe.Add(ref own, 3));
            one3 = Vector256.FusedMultiplyAdd(one, same, one3);
            two3 = Vector256.FusedMultiplyAdd(two, same, two3);
            same = Vector256.Create(Unsafe.Add(ref own, 4));
            one4 = Vector256.FusedMultiplyAdd(one, same, one4);
            two4 = Vector256.FusedMultiplyAdd(two, same, two4);
            same = Vector256.Create(Unsafe.Add(ref own, 5));
            one5 = Vector256.FusedMultiplyAdd(one, same, one5);
            two5 = Vector256.FusedMultiplyAdd(two, same, two5);
        }

        ReadOnlySpan<float> shifts = biases.AsSpan(group * Group, Group);
        Store(one0, two0, shifts[0], sums);
        Store(one1, two1, shifts[1], sums[Rows..]);
        Store(one2, two2, shifts[2], sums[(2 * Rows)..]);
        Store(one3, two3, shifts[3], sums[(3 * Rows)..]);
        Store(one4, two4, shifts[4], sums[(4 * Rows)..]);
        Store(one5, two5, shifts[5], sums[(5 * Rows)..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<float> one, Vector256<float> two, float bias, Span<float> sums)
    {
        Vector256<float> same = Vector256.Create(bias);
        (one + same).CopyTo(sums);
        (two + same).CopyTo(sums[Lanes..]);
    }
}

using System.Numerics.Tensors;

namespace FastSim.Kernels.Fitting;

/// <summary>
/// The slopes of a <see cref="MonotoneNetwork"/>'s error, one row after the other: what <see cref="MonotoneBatch"/> gathers over many rows at once, to the bit. Slopes of means' weights are as if
/// these were free.
/// </summary>
public sealed class MonotoneRows
{
    private const int First = MonotoneNetwork.First;
    private const int Second = MonotoneNetwork.Second;
    private const int FirstHalf = MonotoneNetwork.FirstHalf;
    private const int SecondHalf = MonotoneNetwork.SecondHalf;
    private const int Components = MonotoneNetwork.Components;
    private const int Marks = MonotoneNetwork.Marks;

    private readonly MonotoneNetwork network;
    private readonly float[] first = new float[First];
    private readonly float[] firstLeft = new float[FirstHalf];
    private readonly float[] second = new float[Second];
    private readonly float[] secondLeft = new float[SecondHalf];
    private readonly float[] towardsFirst = new float[First];
    private readonly int[] left = new int[SecondHalf];
    private readonly float[] towardsSecond = new float[Second];

    /// <summary>Slopes of a network.</summary>
    /// <param name="network">The network.</param>
    public MonotoneRows(MonotoneNetwork network) => this.network = network;

    /// <summary>Gathers the slopes of some rows.</summary>
    /// <param name="rows">Rows that are learned from.</param>
    /// <param name="numbers">Those of them that count, in this order.</param>
    /// <param name="slopes">Receives a slope a parameter, <see cref="MonotoneNetwork.ParameterCount"/>.</param>
    public void Gather(TimedOperators rows, ReadOnlySpan<int> numbers, Span<float> slopes)
    {
        ArgumentNullException.ThrowIfNull(rows);
        slopes.Clear();
        foreach (int number in numbers)
        {
            Learn(rows, number, numbers.Length, slopes);
        }
    }

    private void Learn(TimedOperators rows, int number, int count, Span<float> slopes)
    {
        ReadOnlySpan<float> row = rows.Features.AsSpan(number * MonotoneNetwork.Inputs, MonotoneNetwork.Inputs);
        ReadOnlySpan<float> marks = row[Components..];
        float residual = network.Forward(row, first, firstLeft, second, secondLeft) - MathF.Log(rows.Measured[number]);
        float slope = MonotoneTraining.Slope(residual, rows.Weights[number], count);

        slopes[MonotoneNetwork.LastBias] += slope;
        ShortVectors.Add(marks, slope, slopes.Slice(MonotoneNetwork.LastMarks, Marks));
        ShortVectors.Add(secondLeft, slope, slopes.Slice(MonotoneNetwork.LastLogits, SecondHalf));
        Array.Clear(towardsSecond);
        for (int pair = 0; pair < SecondHalf; pair++)
        {
            left[pair] = Left(second, pair, SecondHalf);
            towardsSecond[left[pair]] = slope * network.LastMeans[pair];
        }

        Shift(slopes.Slice(MonotoneNetwork.SecondBias, Second), slopes.Slice(MonotoneNetwork.SecondMarks, Marks * Second), marks, towardsSecond);
        Array.Clear(towardsFirst);
        for (int pair = 0; pair < FirstHalf; pair++)
        {
            ShortVectors.Add(towardsSecond, firstLeft[pair], slopes.Slice(MonotoneNetwork.SecondLogits + (pair * Second), Second));
            ReadOnlySpan<float> weights = network.SecondMeans.Slice(pair * Second, Second);
            float towards = 0;
            foreach (int unit in left)
            {
                towards += weights[unit] * towardsSecond[unit];
            }

            towardsFirst[Left(first, pair, FirstHalf)] = towards;
        }

        Shift(slopes.Slice(MonotoneNetwork.FirstBias, First), slopes.Slice(MonotoneNetwork.FirstMarks, Marks * First), marks, towardsFirst);
        for (int component = 0; component < network.Used; component++)
        {
            ShortVectors.Add(towardsFirst, row[component], slopes.Slice(component * First, First));
        }
    }

    /// <summary>The unit that a pair left.</summary>
    private static int Left(float[] units, int pair, int half)
    {
        bool isLarger = units[pair] >= units[pair + half];
        return isLarger == (pair < half / 2) ? pair : pair + half;
    }

    private static void Shift(Span<float> biases, Span<float> shifts, ReadOnlySpan<float> marks, float[] towards)
    {
        TensorPrimitives.Add(biases, towards, biases);
        for (int mark = 0; mark < Marks; mark++)
        {
            if (marks[mark] != 0)
            {
                ShortVectors.Add(towards, marks[mark], shifts.Slice(mark * towards.Length, towards.Length));
            }
        }
    }
}

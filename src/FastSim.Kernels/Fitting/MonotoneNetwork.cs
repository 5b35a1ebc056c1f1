using System.Numerics.Tensors;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Fitting;

/// <summary>
/// The logarithm of an operator's time as a monotone, homogeneous function of the logarithms of its components (<see cref="OperatorComponents"/>): units
/// take weighted means of components, by weights that are positive and sum to one; pairs of units leave the larger or the smaller; the same again; a mean.
/// Marks shift units, and nothing else. So all components twice as long make the time twice as long, and none that grows makes it shorter. After Sill's
/// min-max networks (Monotonic networks, NIPS 1997).
/// </summary>
public sealed class MonotoneNetwork
{
    /// <summary>Units of the first layer; pairs leave half of them.</summary>
    public const int First = 48;

    /// <summary>Units of the second layer; pairs leave half of them.</summary>
    public const int Second = 24;

    internal const int Components = OperatorComponents.Most;
    internal const int Inputs = OperatorComponents.Count;
    internal const int Marks = Inputs - Components;
    internal const int FirstHalf = First / 2;
    internal const int SecondHalf = Second / 2;

    // One array holds all parameters, so that a step of training is one pass. Logits of weights go before what marks and biases shift.
    internal const int FirstMarks = Components * First;
    internal const int FirstBias = FirstMarks + (Marks * First);
    internal const int SecondLogits = FirstBias + First;
    internal const int SecondMarks = SecondLogits + (FirstHalf * Second);
    internal const int SecondBias = SecondMarks + (Marks * Second);
    internal const int LastLogits = SecondBias + Second;
    internal const int LastMarks = LastLogits + SecondHalf;
    internal const int LastBias = LastMarks + Marks;

    /// <summary>Parameters that training moves.</summary>
    public const int ParameterCount = LastBias + 1;

    private const float FirstOfForm = 2;

    private readonly float[] firstMeans = new float[Components * First];
    private readonly float[] secondMeans = new float[FirstHalf * Second];
    private readonly float[] lastMeans = new float[SecondHalf];

    /// <summary>A network of first weights.</summary>
    /// <param name="components">Components that count; the others' weights are 0.</param>
    /// <param name="random">What the weights are drawn from.</param>
    internal MonotoneNetwork(int components, Random random)
    {
        Used = components;
        Draw(random, Parameters.AsSpan(0, FirstMarks), 2);

        // The last component, the family's timing form, starts out as more of every mean than others: what is learned is what it lacks.
        foreach (ref float logit in Parameters.AsSpan((components - 1) * First, First))
        {
            logit += FirstOfForm;
        }

        Draw(random, Parameters.AsSpan(FirstMarks, Marks * First), 0.05);
        Draw(random, Parameters.AsSpan(FirstBias, First), 0.4);
        Draw(random, Parameters.AsSpan(SecondLogits, FirstHalf * Second), 1);
        Draw(random, Parameters.AsSpan(SecondBias, Second), 0.1);
        TakeMeans();
    }

    /// <summary>Weights of the first layer's means, a row a component.</summary>
    public ReadOnlySpan<float> FirstMeans => firstMeans;

    /// <summary>What marks shift the first layer's units by, a row a mark.</summary>
    public ReadOnlySpan<float> FirstShifts => Parameters.AsSpan(FirstMarks, Marks * First);

    /// <summary>Biases of the first layer.</summary>
    public ReadOnlySpan<float> FirstBiases => Parameters.AsSpan(FirstBias, First);

    /// <summary>Weights of the second layer's means, a row a pair of the first.</summary>
    public ReadOnlySpan<float> SecondMeans => secondMeans;

    /// <summary>What marks shift the second layer's units by.</summary>
    public ReadOnlySpan<float> SecondShifts => Parameters.AsSpan(SecondMarks, Marks * Second);

    /// <summary>Biases of the second layer.</summary>
    public ReadOnlySpan<float> SecondBiases => Parameters.AsSpan(SecondBias, Second);

    /// <summary>Weights of the last mean, one a pair of the second layer.</summary>
    public ReadOnlySpan<float> LastMeans => lastMeans;

    /// <summary>What marks shift the answer by.</summary>
    public ReadOnlySpan<float> LastShifts => Parameters.AsSpan(LastMarks, Marks);

    /// <summary>What the answer is shifted by.</summary>
    public float LastShift => Parameters[LastBias];

    /// <summary>All parameters, as training moves them.</summary>
    internal float[] Parameters { get; } = new float[ParameterCount];

    /// <summary>Components that count.</summary>
    internal int Used { get; }

    /// <summary>Natural logarithm of an operator's microseconds.</summary>
    /// <param name="row">Its components and marks.</param>
    public double Logarithm(ReadOnlySpan<float> row)
    {
        Span<float> first = stackalloc float[First];
        Span<float> firstLeft = stackalloc float[FirstHalf];
        Span<float> second = stackalloc float[Second];
        Span<float> secondLeft = stackalloc float[SecondHalf];
        return Forward(row, first, firstLeft, second, secondLeft);
    }

    /// <summary>The same, leaving behind what training goes back over: units before pairs, and what pairs leave.</summary>
    internal float Forward(ReadOnlySpan<float> row, Span<float> first, Span<float> firstLeft, Span<float> second, Span<float> secondLeft)
    {
        ReadOnlySpan<float> marks = row[Components..];
        FirstBiases.CopyTo(first);
        ShortVectors.AddAll(firstMeans, row[..Used], first);

        Shift(marks, FirstShifts, first);
        Pair(first, firstLeft);
        SecondBiases.CopyTo(second);
        ShortVectors.AddAll(secondMeans, firstLeft, second);

        Shift(marks, SecondShifts, second);
        Pair(second, secondLeft);
        float sum = LastShift;
        for (int pair = 0; pair < SecondHalf; pair++)
        {
            sum += lastMeans[pair] * secondLeft[pair];
        }

        for (int mark = 0; mark < Marks; mark++)
        {
            sum += LastShifts[mark] * marks[mark];
        }

        return sum;
    }

    /// <summary>Takes means' weights from their logits, after these moved.</summary>
    internal void TakeMeans()
    {
        Normalise(Parameters.AsSpan(0, FirstMarks), firstMeans, First, Used);
        Normalise(Parameters.AsSpan(SecondLogits, FirstHalf * Second), secondMeans, Second, FirstHalf);
        Normalise(Parameters.AsSpan(LastLogits, SecondHalf), lastMeans, 1, SecondHalf);
    }

    /// <summary>Of a unit and the one half a layer on the larger stays in the first half of the pairs, the smaller in the second.</summary>
    private static void Pair(ReadOnlySpan<float> units, Span<float> left)
    {
        int half = left.Length;
        int larger = half / 2;
        TensorPrimitives.Max(units[..larger], units.Slice(half, larger), left[..larger]);
        TensorPrimitives.Min(units[larger..half], units[(half + larger)..], left[larger..]);
    }

    private static void Shift(ReadOnlySpan<float> marks, ReadOnlySpan<float> shifts, Span<float> units)
    {
        for (int mark = 0; mark < Marks; mark++)
        {
            if (marks[mark] != 0)
            {
                ShortVectors.Add(shifts.Slice(mark * units.Length, units.Length), marks[mark], units);
            }
        }
    }

    /// <summary>Weights of each unit over its inputs: the exponentials of the logits, over their sum.</summary>
    private static void Normalise(ReadOnlySpan<float> logits, Span<float> weights, int units, int inputs)
    {
        Span<float> most = stackalloc float[units];
        Span<float> sums = stackalloc float[units];
        logits[..units].CopyTo(most);
        for (int input = 1; input < inputs; input++)
        {
            TensorPrimitives.Max(most, logits.Slice(input * units, units), most);
        }

        sums.Clear();
        for (int input = 0; input < inputs; input++)
        {
            Span<float> own = weights.Slice(input * units, units);
            TensorPrimitives.Subtract(logits.Slice(input * units, units), most, own);
            foreach (ref float weight in own)
            {
                weight = MathF.Exp(weight);
            }

            TensorPrimitives.Add(sums, own, sums);
        }

        for (int input = 0; input < inputs; input++)
        {
            Span<float> own = weights.Slice(input * units, units);
            TensorPrimitives.Divide(own, sums, own);
        }
    }

    /// <summary>Normal numbers, by Box and Muller.</summary>
    private static void Draw(Random random, Span<float> weights, double scale)
    {
        foreach (ref float weight in weights)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            weight = (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble()) * scale);
        }
    }
}

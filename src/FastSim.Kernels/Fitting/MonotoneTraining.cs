using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace FastSim.Kernels.Fitting;

/// <summary>
/// Trains a <see cref="MonotoneNetwork"/> on measured operators to the least smoothed absolute error of the logarithm of time, by Adam (Kingma and Ba,
/// arXiv 1412.6980) with a cosine schedule. What marks shift is drawn towards 0, so that a kernel kind is taken for like the others until rows say otherwise.
/// </summary>
public sealed class MonotoneTraining
{
    private const int BatchRows = 128;
    private const float Smooth = 0.05f;
    private const float FirstRate = 1e-2f;
    private const float LastRate = 1e-4f;
    private const float DecayOfMean = 0.9f;
    private const float DecayOfSquare = 0.999f;
    private const float DecayOfMarks = 1e-3f;
    private const float DecayOfChipMark = 1e-2f;
    private const float Tiny = 1e-8f;
    private const int First = MonotoneNetwork.First;
    private const int Second = MonotoneNetwork.Second;
    private const int FirstHalf = MonotoneNetwork.FirstHalf;
    private const int SecondHalf = MonotoneNetwork.SecondHalf;
    private const int Marks = MonotoneNetwork.Marks;

    private readonly MonotoneNetwork network;
    private readonly float[] gradient = new float[MonotoneNetwork.ParameterCount];
    private readonly float[] mean = new float[MonotoneNetwork.ParameterCount];
    private readonly float[] square = new float[MonotoneNetwork.ParameterCount];

    private readonly int chipMark;

    private MonotoneTraining(MonotoneNetwork network, int chipMark) => (this.network, this.chipMark) = (network, chipMark);

    /// <summary>Trains one. The same rows and seed give the same network.</summary>
    /// <param name="rows">What to learn from.</param>
    /// <param name="components">Components of a row that count.</param>
    /// <param name="steps">Steps, of 128 rows each.</param>
    /// <param name="seed">Seed of the first weights and of the order of rows.</param>
    /// <param name="progress">Told the share that is done, now and then; null for nobody.</param>
    /// <param name="chipMark">Place of a mark that is the chip's, whatever the kernel: what it says is what one or two chips are, so it is drawn to 0 harder (docs/surrogate.md, "Products, marks known from one chip"); -1 for none.</param>
    public static MonotoneNetwork Train(TimedOperators rows, int components, int steps, int seed, Action<double>? progress, int chipMark = -1)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Random random = new(seed);
        MonotoneNetwork network = new(components, random);
        MonotoneTraining training = new(network, chipMark);
        MonotoneBatch batch = new(network, rows, BatchRows);
        int[] numbers = new int[BatchRows];
        int[] order = [.. Enumerable.Range(0, rows.Count)];
        int next = order.Length;
        for (int step = 0; step < steps; step++)
        {
            for (int row = 0; row < BatchRows; row++)
            {
                if (next == order.Length)
                {
                    random.Shuffle(order);
                    next = 0;
                }

                numbers[row] = order[next];
                next++;
            }

            batch.Gather(numbers, training.gradient);

            float rate = LastRate + (0.5f * (FirstRate - LastRate) * (1 + MathF.Cos(MathF.PI * step / steps)));
            training.Move(rate, step + 1);
            if (step % 200 == 0)
            {
                progress?.Invoke((double)step / steps);
            }
        }

        return network;
    }

    /// <summary>A row's part in the slope of the error by its answer.</summary>
    /// <param name="residual">Logarithm of time over measured time.</param>
    /// <param name="weight">How much the row counts.</param>
    /// <param name="count">Rows of the batch.</param>
    internal static float Slope(float residual, float weight, int count) => weight * residual / MathF.Sqrt((residual * residual) + (Smooth * Smooth)) / count;

    private static void Add(Span<float> sum, ReadOnlySpan<float> values, float factor) =>
        ShortVectors.Add(values, factor, sum);

    // Weights' slopes come as if they were free, and are turned into their logits' once a step.
    private void Move(float rate, int step)
    {
        float[] parameters = network.Parameters;
        Turn(gradient.AsSpan(0, MonotoneNetwork.FirstMarks), network.FirstMeans, First, network.Used);
        Turn(gradient.AsSpan(MonotoneNetwork.SecondLogits, FirstHalf * Second), network.SecondMeans, Second, FirstHalf);
        Turn(gradient.AsSpan(MonotoneNetwork.LastLogits, SecondHalf), network.LastMeans, 1, SecondHalf);
        foreach ((int from, int count) in (ReadOnlySpan<(int, int)>)
            [(MonotoneNetwork.FirstMarks, Marks * First), (MonotoneNetwork.SecondMarks, Marks * Second), (MonotoneNetwork.LastMarks, Marks)])
        {
            Add(gradient.AsSpan(from, count), parameters.AsSpan(from, count), DecayOfMarks);
            if (chipMark >= 0)
            {
                int ofMark = count / Marks;
                int own = from + (chipMark * ofMark);
                Add(gradient.AsSpan(own, ofMark), parameters.AsSpan(own, ofMark), DecayOfChipMark);
            }
        }

        float meanScale = 1 / (1 - MathF.Pow(DecayOfMean, step));
        float squareScale = 1 / (1 - MathF.Pow(DecayOfSquare, step));
        int done = 0;
        for (; done <= gradient.Length - Vector256<float>.Count; done += Vector256<float>.Count)
        {
            Vector256<float> slope = Vector256.Create(gradient, done);
            Vector256<float> ownMean = Vector256.Create(mean, done);
            Vector256<float> ownSquare = Vector256.Create(square, done);
            ownMean += (1 - DecayOfMean) * (slope - ownMean);
            ownSquare += (1 - DecayOfSquare) * ((slope * slope) - ownSquare);
            ownMean.CopyTo(mean, done);
            ownSquare.CopyTo(square, done);
            Vector256<float> way = rate * ownMean * meanScale / (Vector256.Sqrt(ownSquare * squareScale) + Vector256.Create(Tiny));
            (Vector256.Create(parameters, done) - way).CopyTo(parameters, done);
        }

        for (int index = done; index < gradient.Length; index++)
        {
            float slope = gradient[index];
            mean[index] += (1 - DecayOfMean) * (slope - mean[index]);
            square[index] += (1 - DecayOfSquare) * ((slope * slope) - square[index]);
            parameters[index] -= rate * mean[index] * meanScale / (MathF.Sqrt(square[index] * squareScale) + Tiny);
        }

        network.TakeMeans();
    }

    /// <summary>Slopes of weights that sum to one into those of their logits: w · (slope − the weights' mean of slopes).</summary>
    private static void Turn(Span<float> slopes, ReadOnlySpan<float> weights, int units, int inputs)
    {
        Span<float> means = stackalloc float[units];
        means.Clear();
        for (int input = 0; input < inputs; input++)
        {
            ReadOnlySpan<float> own = slopes.Slice(input * units, units);
            ReadOnlySpan<float> ofUnits = weights.Slice(input * units, units);
            int unit = 0;
            for (; unit <= units - Vector256<float>.Count; unit += Vector256<float>.Count)
            {
                (Vector256.Create<float>(means[unit..]) + (Vector256.Create(ofUnits[unit..]) * Vector256.Create(own[unit..]))).CopyTo(means[unit..]);
            }

            for (; unit < units; unit++)
            {
                means[unit] += ofUnits[unit] * own[unit];
            }
        }

        for (int input = 0; input < inputs; input++)
        {
            Span<float> own = slopes.Slice(input * units, units);
            TensorPrimitives.Subtract(own, means, own);
            TensorPrimitives.Multiply(weights.Slice(input * units, units), own, own);
        }
    }
}

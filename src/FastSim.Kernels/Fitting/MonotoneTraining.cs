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
    private const float Tiny = 1e-8f;
    private const int First = MonotoneNetwork.First;
    private const int Second = MonotoneNetwork.Second;
    private const int FirstHalf = MonotoneNetwork.FirstHalf;
    private const int SecondHalf = MonotoneNetwork.SecondHalf;
    private const int Components = MonotoneNetwork.Components;
    private const int Marks = MonotoneNetwork.Marks;

    private readonly MonotoneNetwork network;
    private readonly float[] gradient = new float[MonotoneNetwork.ParameterCount];
    private readonly float[] mean = new float[MonotoneNetwork.ParameterCount];
    private readonly float[] square = new float[MonotoneNetwork.ParameterCount];
    private readonly float[] first = new float[First];
    private readonly float[] firstLeft = new float[FirstHalf];
    private readonly float[] second = new float[Second];
    private readonly float[] secondLeft = new float[SecondHalf];
    private readonly float[] towardsFirst = new float[First];
    private readonly int[] left = new int[SecondHalf];
    private readonly float[] towardsSecond = new float[Second];

    private MonotoneTraining(MonotoneNetwork network) => this.network = network;

    /// <summary>Trains one. The same rows and seed give the same network.</summary>
    /// <param name="rows">What to learn from.</param>
    /// <param name="components">Components of a row that count.</param>
    /// <param name="steps">Steps, of 128 rows each.</param>
    /// <param name="seed">Seed of the first weights and of the order of rows.</param>
    /// <param name="progress">Told the share that is done, now and then; null for nobody.</param>
    public static MonotoneNetwork Train(TimedOperators rows, int components, int steps, int seed, Action<double>? progress)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Random random = new(seed);
        MonotoneNetwork network = new(components, random);
        MonotoneTraining training = new(network);
        int[] order = [.. Enumerable.Range(0, rows.Count)];
        int next = order.Length;
        for (int step = 0; step < steps; step++)
        {
            Array.Clear(training.gradient);
            for (int row = 0; row < BatchRows; row++)
            {
                if (next == order.Length)
                {
                    random.Shuffle(order);
                    next = 0;
                }

                training.Learn(rows, order[next]);
                next++;
            }

            float rate = LastRate + (0.5f * (FirstRate - LastRate) * (1 + MathF.Cos(MathF.PI * step / steps)));
            training.Move(rate, step + 1);
            if (step % 200 == 0)
            {
                progress?.Invoke((double)step / steps);
            }
        }

        return network;
    }

    private void Learn(TimedOperators rows, int number)
    {
        ReadOnlySpan<float> row = rows.Features.AsSpan(number * MonotoneNetwork.Inputs, MonotoneNetwork.Inputs);
        ReadOnlySpan<float> marks = row[Components..];
        float residual = network.Forward(row, first, firstLeft, second, secondLeft) - MathF.Log(rows.Measured[number]);
        float slope = rows.Weights[number] * residual / MathF.Sqrt((residual * residual) + (Smooth * Smooth)) / BatchRows;

        // Weights' slopes are gathered as if they were free; Move turns them into their logits' once a step.
        gradient[MonotoneNetwork.LastBias] += slope;
        Add(gradient.AsSpan(MonotoneNetwork.LastMarks, Marks), marks, slope);
        Add(gradient.AsSpan(MonotoneNetwork.LastLogits, SecondHalf), secondLeft, slope);
        Array.Clear(towardsSecond);
        for (int pair = 0; pair < SecondHalf; pair++)
        {
            left[pair] = Left(second, pair, SecondHalf);
            towardsSecond[left[pair]] = slope * network.LastMeans[pair];
        }

        Shift(gradient.AsSpan(MonotoneNetwork.SecondBias, Second), gradient.AsSpan(MonotoneNetwork.SecondMarks, Marks * Second), marks, towardsSecond);
        Array.Clear(towardsFirst);
        for (int pair = 0; pair < FirstHalf; pair++)
        {
            Add(gradient.AsSpan(MonotoneNetwork.SecondLogits + (pair * Second), Second), towardsSecond, firstLeft[pair]);
            ReadOnlySpan<float> weights = network.SecondMeans.Slice(pair * Second, Second);
            float towards = 0;
            foreach (int unit in left)
            {
                towards += weights[unit] * towardsSecond[unit];
            }

            towardsFirst[Left(first, pair, FirstHalf)] = towards;
        }

        Shift(gradient.AsSpan(MonotoneNetwork.FirstBias, First), gradient.AsSpan(MonotoneNetwork.FirstMarks, Marks * First), marks, towardsFirst);
        for (int component = 0; component < network.Used; component++)
        {
            Add(gradient.AsSpan(component * First, First), towardsFirst, row[component]);
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
                Add(shifts.Slice(mark * towards.Length, towards.Length), towards, marks[mark]);
            }
        }
    }

    private static void Add(Span<float> sum, ReadOnlySpan<float> values, float factor) =>
        ShortVectors.Add(values, factor, sum);

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
        for (int unit = 0; unit < units; unit++)
        {
            float mean = 0;
            for (int input = 0; input < inputs; input++)
            {
                mean += weights[(input * units) + unit] * slopes[(input * units) + unit];
            }

            for (int input = 0; input < inputs; input++)
            {
                slopes[(input * units) + unit] = weights[(input * units) + unit] * (slopes[(input * units) + unit] - mean);
            }
        }
    }
}

using System.Numerics.Tensors;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Fitting;

/// <summary>
/// A network of two hidden layers (rectified) that turns an operator's features into an efficiency and a latency floor, each between the
/// bounds of its range by a sigmoid in the logarithm: <c>time = roofline/efficiency + floor</c>. Trained on measured operators to the
/// least smoothed absolute log error, by Adam (Kingma and Ba, arXiv 1412.6980) with a cosine schedule.
/// </summary>
public sealed class EfficiencyNetwork
{
    /// <summary>Units of each hidden layer.</summary>
    public const int Hidden = 64;

    /// <summary>Outputs: efficiency and floor.</summary>
    public const int Outputs = 2;

    private const int Inputs = OperatorFeatures.Count;
    private const int BatchRows = 128;
    private const float Smooth = 0.05f;
    private const float FirstRate = 3e-3f;
    private const float LastRate = 1e-5f;
    private const float DecayOfMean = 0.9f;
    private const float DecayOfSquare = 0.999f;
    private const float Tiny = 1e-8f;

    // One array holds all parameters, so that Adam is one pass: input weights and biases, hidden ones, output ones.
    private const int FirstBias1 = Inputs * Hidden;
    private const int FirstWeight2 = FirstBias1 + Hidden;
    private const int FirstBias2 = FirstWeight2 + (Hidden * Hidden);
    private const int FirstWeight3 = FirstBias2 + Hidden;
    private const int FirstBias3 = FirstWeight3 + (Outputs * Hidden);
    private const int Parameters = FirstBias3 + Outputs;

    private readonly float[] parameters = new float[Parameters];

    private EfficiencyNetwork(EfficiencyRange range) => Range = range;

    /// <summary>What its answers lie between.</summary>
    public EfficiencyRange Range { get; }

    /// <summary>Weights from features to the first layer, a row a feature.</summary>
    public ReadOnlySpan<float> FirstWeights => parameters.AsSpan(0, Inputs * Hidden);

    /// <summary>Biases of the first layer.</summary>
    public ReadOnlySpan<float> FirstBiases => parameters.AsSpan(FirstBias1, Hidden);

    /// <summary>Weights between the layers, a row a unit of the first.</summary>
    public ReadOnlySpan<float> SecondWeights => parameters.AsSpan(FirstWeight2, Hidden * Hidden);

    /// <summary>Biases of the second layer.</summary>
    public ReadOnlySpan<float> SecondBiases => parameters.AsSpan(FirstBias2, Hidden);

    /// <summary>Weights to the outputs, a row an output.</summary>
    public ReadOnlySpan<float> OutputWeights => parameters.AsSpan(FirstWeight3, Outputs * Hidden);

    /// <summary>Biases of the outputs.</summary>
    public ReadOnlySpan<float> OutputBiases => parameters.AsSpan(FirstBias3, Outputs);

    /// <summary>Microseconds of an operator.</summary>
    /// <param name="features">Its features.</param>
    /// <param name="roofline">Its microseconds at the chip's peaks.</param>
    public double Microseconds(ReadOnlySpan<float> features, double roofline)
    {
        Span<float> first = stackalloc float[Hidden];
        Span<float> second = stackalloc float[Hidden];
        Forward(features, first, second);
        (float efficiency, float floor) = Answers(second);
        return (roofline / efficiency) + floor;
    }

    /// <summary>Trains one. The same rows, range and seed give the same network.</summary>
    /// <param name="rows">What to learn from.</param>
    /// <param name="range">What its answers may lie between.</param>
    /// <param name="steps">Steps, of 128 rows each.</param>
    /// <param name="seed">Seed of the first weights and of the order of rows.</param>
    /// <param name="progress">Told the share that is done, now and then; null for nobody.</param>
    public static EfficiencyNetwork Train(TimedOperators rows, EfficiencyRange range, int steps, int seed, Action<double>? progress)
    {
        ArgumentNullException.ThrowIfNull(rows);
        EfficiencyNetwork network = new(range);
        Random random = new(seed);
        network.Start(random);
        (float[] means, float[] scales) = Standard(rows);
        float[] gradient = new float[Parameters];
        float[] mean = new float[Parameters];
        float[] square = new float[Parameters];
        Trace trace = new();
        int[] order = [.. Enumerable.Range(0, rows.Count)];
        int next = order.Length;
        for (int step = 0; step < steps; step++)
        {
            Array.Clear(gradient);
            trace.Turn(network.SecondWeights);
            for (int row = 0; row < BatchRows; row++)
            {
                if (next == order.Length)
                {
                    random.Shuffle(order);
                    next = 0;
                }

                network.Learn(rows, order[next], means, scales, trace, gradient);
                next++;
            }

            float rate = LastRate + (0.5f * (FirstRate - LastRate) * (1 + MathF.Cos(MathF.PI * step / steps)));
            network.Move(gradient, mean, square, rate, step + 1);
            if (step % 500 == 0)
            {
                progress?.Invoke((double)step / steps);
            }
        }

        network.TakeInScales(means, scales);
        return network;
    }

    private void Start(Random random)
    {
        Fill(random, parameters.AsSpan(0, Inputs * Hidden), MathF.Sqrt(2f / Inputs));
        Fill(random, parameters.AsSpan(FirstWeight2, Hidden * Hidden), MathF.Sqrt(2f / Hidden));
        Fill(random, parameters.AsSpan(FirstWeight3, Outputs * Hidden), 0.1f);
    }

    /// <summary>Normal numbers, by Box and Muller.</summary>
    private static void Fill(Random random, Span<float> weights, float scale)
    {
        foreach (ref float weight in weights)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            weight = (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble())) * scale;
        }
    }

    private static (float[] Means, float[] Scales) Standard(TimedOperators rows)
    {
        float[] means = new float[Inputs];
        float[] scales = new float[Inputs];
        for (int feature = 0; feature < Inputs; feature++)
        {
            double sum = 0;
            double squares = 0;
            for (int row = 0; row < rows.Count; row++)
            {
                double value = rows.Features[(row * Inputs) + feature];
                sum += value;
                squares += value * value;
            }

            double mean = sum / rows.Count;
            double deviation = Math.Sqrt(Math.Max(0, (squares / rows.Count) - (mean * mean)));
            means[feature] = (float)mean;

            // What never varies says nothing.
            scales[feature] = deviation > 1e-4 ? (float)(1 / deviation) : 0;
        }

        return (means, scales);
    }

    private void Forward(ReadOnlySpan<float> features, Span<float> first, Span<float> second)
    {
        FirstBiases.CopyTo(first);
        for (int feature = 0; feature < Inputs; feature++)
        {
            if (features[feature] != 0)
            {
                TensorPrimitives.FusedMultiplyAdd(FirstWeights.Slice(feature * Hidden, Hidden), features[feature], first, first);
            }
        }

        TensorPrimitives.Max(first, 0f, first);
        SecondBiases.CopyTo(second);
        for (int unit = 0; unit < Hidden; unit++)
        {
            if (first[unit] != 0)
            {
                TensorPrimitives.FusedMultiplyAdd(SecondWeights.Slice(unit * Hidden, Hidden), first[unit], second, second);
            }
        }

        TensorPrimitives.Max(second, 0f, second);
    }

    private (float Efficiency, float Floor) Answers(ReadOnlySpan<float> second) => (
        Between(Range.LeastEfficiency, Range.MostEfficiency, Output(second, 0)),
        Between(Range.LeastFloorMicroseconds, Range.MostFloorMicroseconds, Output(second, 1)));

    private float Output(ReadOnlySpan<float> second, int output)
    {
        float sum = OutputBiases[output];
        ReadOnlySpan<float> weights = OutputWeights.Slice(output * Hidden, Hidden);
        for (int unit = 0; unit < Hidden; unit++)
        {
            sum += weights[unit] * second[unit];
        }

        return sum;
    }

    private static float Between(double least, double most, float output) =>
        (float)(least * Math.Pow(most / least, Sigmoid(output)));

    private static float Sigmoid(float value) => 1 / (1 + MathF.Exp(-value));

    private void Learn(TimedOperators rows, int row, float[] means, float[] scales, Trace trace, float[] gradient)
    {
        ReadOnlySpan<float> features = rows.Features.AsSpan(row * Inputs, Inputs);
        TensorPrimitives.Subtract(features, means, trace.Features);
        TensorPrimitives.Multiply(trace.Features, scales, trace.Features);
        Forward(trace.Features, trace.First, trace.Second);
        float share0 = Sigmoid(Output(trace.Second, 0));
        float share1 = Sigmoid(Output(trace.Second, 1));
        double spanEfficiency = Math.Log(Range.MostEfficiency / Range.LeastEfficiency);
        double spanFloor = Math.Log(Range.MostFloorMicroseconds / Range.LeastFloorMicroseconds);
        double running = rows.Roofline[row] / (Range.LeastEfficiency * Math.Exp(share0 * spanEfficiency));
        double floor = Range.LeastFloorMicroseconds * Math.Exp(share1 * spanFloor);
        double time = running + floor;
        double residual = Math.Log(time / rows.Measured[row]);
        double slope = rows.Weights[row] * residual / Math.Sqrt((residual * residual) + (Smooth * Smooth));
        float output0 = (float)(slope * (-running / time) * spanEfficiency * share0 * (1 - share0));
        float output1 = (float)(slope * (floor / time) * spanFloor * share1 * (1 - share1));

        Span<float> towards = trace.TowardsSecond;
        TensorPrimitives.Multiply(OutputWeights[..Hidden], output0, towards);
        TensorPrimitives.FusedMultiplyAdd(OutputWeights.Slice(Hidden, Hidden), output1, towards, towards);
        Add(gradient.AsSpan(FirstWeight3, Hidden), trace.Second, output0);
        Add(gradient.AsSpan(FirstWeight3 + Hidden, Hidden), trace.Second, output1);
        gradient[FirstBias3] += output0;
        gradient[FirstBias3 + 1] += output1;
        Rectify(towards, trace.Second);
        TensorPrimitives.Add(gradient.AsSpan(FirstBias2, Hidden), towards, gradient.AsSpan(FirstBias2, Hidden));
        Span<float> earlier = trace.TowardsFirst;
        earlier.Clear();
        for (int unit = 0; unit < Hidden; unit++)
        {
            if (towards[unit] != 0)
            {
                TensorPrimitives.FusedMultiplyAdd(trace.Turned.AsSpan(unit * Hidden, Hidden), towards[unit], earlier, earlier);
            }

            if (trace.First[unit] != 0)
            {
                Add(gradient.AsSpan(FirstWeight2 + (unit * Hidden), Hidden), towards, trace.First[unit]);
            }
        }

        Rectify(earlier, trace.First);
        TensorPrimitives.Add(gradient.AsSpan(FirstBias1, Hidden), earlier, gradient.AsSpan(FirstBias1, Hidden));
        for (int feature = 0; feature < Inputs; feature++)
        {
            if (trace.Features[feature] != 0)
            {
                Add(gradient.AsSpan(feature * Hidden, Hidden), earlier, trace.Features[feature]);
            }
        }
    }

    private static void Add(Span<float> sum, ReadOnlySpan<float> values, float factor) =>
        TensorPrimitives.FusedMultiplyAdd(values, factor, sum, sum);

    private static void Rectify(Span<float> slopes, ReadOnlySpan<float> outputs)
    {
        for (int unit = 0; unit < slopes.Length; unit++)
        {
            slopes[unit] = outputs[unit] > 0 ? slopes[unit] : 0;
        }
    }

    private void Move(float[] gradient, float[] mean, float[] square, float rate, int step)
    {
        float meanScale = 1 / (1 - MathF.Pow(DecayOfMean, step));
        float squareScale = 1 / (1 - MathF.Pow(DecayOfSquare, step));
        for (int index = 0; index < Parameters; index++)
        {
            float slope = gradient[index] / BatchRows;
            mean[index] += (1 - DecayOfMean) * (slope - mean[index]);
            square[index] += (1 - DecayOfSquare) * ((slope * slope) - square[index]);
            parameters[index] -= rate * mean[index] * meanScale / (MathF.Sqrt(square[index] * squareScale) + Tiny);
        }
    }

    /// <summary>Makes the first layer take features as they are, not standardised.</summary>
    private void TakeInScales(float[] means, float[] scales)
    {
        double[] biases = new double[Hidden];
        for (int unit = 0; unit < Hidden; unit++)
        {
            biases[unit] = parameters[FirstBias1 + unit];
        }

        for (int feature = 0; feature < Inputs; feature++)
        {
            for (int unit = 0; unit < Hidden; unit++)
            {
                ref float weight = ref parameters[(feature * Hidden) + unit];
                weight *= scales[feature];
                biases[unit] -= (double)weight * means[feature];
            }
        }

        for (int unit = 0; unit < Hidden; unit++)
        {
            parameters[FirstBias1 + unit] = (float)biases[unit];
        }
    }

    /// <summary>What one row leaves behind on its way through.</summary>
    private sealed class Trace
    {
        public float[] Features { get; } = new float[Inputs];

        public float[] First { get; } = new float[Hidden];

        public float[] Second { get; } = new float[Hidden];

        public float[] TowardsSecond { get; } = new float[Hidden];

        public float[] TowardsFirst { get; } = new float[Hidden];

        public float[] Turned { get; } = new float[Hidden * Hidden];

        /// <summary>Turns the second layer's weights, so that going back through them adds rows too.</summary>
        public void Turn(ReadOnlySpan<float> weights)
        {
            for (int from = 0; from < Hidden; from++)
            {
                for (int to = 0; to < Hidden; to++)
                {
                    Turned[(to * Hidden) + from] = weights[(from * Hidden) + to];
                }
            }
        }
    }
}

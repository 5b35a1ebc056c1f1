using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Fitting;

/// <summary>Weights of a layer whose units are those of all members of an ensemble beside each other.</summary>
/// <param name="Weights">A row an input, a column a unit.</param>
/// <param name="Biases">One a unit.</param>
public readonly record struct LayerWeights(float[] Weights, float[] Biases);

/// <summary>
/// The answers of a trained ensemble over many operators, sixteen at once: pairs of units leave the larger or the smaller and go on beside the operator's row, twice; a mean a member, and what
/// the half width is where members agree. Sums go as the file's graph has them. Serves any number of threads.
/// </summary>
public sealed class EnsembleLanes
{
    private const int Rows = MinMaxLayer.Rows;
    private const int Inputs = OperatorComponents.Count;
    private const int Members = TimeEnsemble.Size;
    private const int FirstLeft = Members * MonotoneNetwork.First / 2;
    private const int SecondLeft = Members * MonotoneNetwork.Second / 2;
    private const int Sums = 6;

    private readonly MinMaxLayer first;
    private readonly MinMaxLayer second;
    private readonly MinMaxLayer last;

    /// <summary>An ensemble by its layers' weights.</summary>
    /// <param name="first">The first layer: inputs are an operator's row, 32.</param>
    /// <param name="second">The second: what 72 pairs of the first leave, and the row.</param>
    /// <param name="last">The last, a unit a member and one for the half width: what 36 pairs of the second leave, and the row.</param>
    /// <exception cref="ArgumentException">Weights are not as many.</exception>
    public EnsembleLanes(in LayerWeights first, in LayerWeights second, in LayerWeights last)
    {
        Check(first, Inputs, 2 * FirstLeft);
        Check(second, FirstLeft + Inputs, 2 * SecondLeft);
        Check(last, SecondLeft + Inputs, Members + 1);
        this.first = MinMaxLayer.OfPairs(Inputs, first.Weights, first.Biases);
        this.second = MinMaxLayer.OfPairs(FirstLeft + Inputs, second.Weights, second.Biases);
        this.last = MinMaxLayer.OfUnits(SecondLeft + Inputs, last.Weights, last.Biases);
    }

    /// <summary>Answers.</summary>
    /// <param name="rows">Operators' components and marks, <see cref="OperatorComponents.Count"/> each.</param>
    /// <param name="answers">Receives two numbers an operator: the natural logarithm of microseconds, and the half width of its interval.</param>
    public void Evaluate(ReadOnlySpan<float> rows, Span<float> answers)
    {
        Span<float> features = stackalloc float[Inputs * Rows];
        Span<float> afterFirst = stackalloc float[(FirstLeft + Inputs) * Rows];
        Span<float> afterSecond = stackalloc float[(SecondLeft + Inputs) * Rows];
        Span<float> sums = stackalloc float[Sums * Rows];
        int count = rows.Length / Inputs;
        features.Clear();
        for (int from = 0; from < count; from += Rows)
        {
            int some = Math.Min(Rows, count - from);
            for (int row = 0; row < some; row++)
            {
                ReadOnlySpan<float> own = rows.Slice((from + row) * Inputs, Inputs);
                for (int input = 0; input < own.Length; input++)
                {
                    features[(input * Rows) + row] = own[input];
                }
            }

            first.Pairs(features, afterFirst);
            features.CopyTo(afterFirst[(FirstLeft * Rows)..]);
            second.Pairs(afterFirst, afterSecond);
            features.CopyTo(afterSecond[(SecondLeft * Rows)..]);
            last.Units(afterSecond, sums);
            for (int row = 0; row < some; row++)
            {
                Answer(sums[row..], answers.Slice(2 * (from + row), 2));
            }
        }
    }

    /// <summary>Members' mean, and how far they differ on top of the half width where they agree.</summary>
    private static void Answer(ReadOnlySpan<float> sums, Span<float> answer)
    {
        float sum = sums[0];
        float least = sum;
        float most = sum;
        for (int member = 1; member < Members; member++)
        {
            float own = sums[member * Rows];
            sum += own;
            least = Math.Min(least, own);
            most = Math.Max(most, own);
        }

        answer[0] = sum * (1f / Members);
        answer[1] = most - least + Math.Max(0, sums[Members * Rows]);
    }

    private static void Check(in LayerWeights layer, int inputs, int units)
    {
        if (layer.Weights.Length != inputs * units || layer.Biases.Length != units)
        {
            throw new ArgumentException($"found {layer.Weights.Length} weights and {layer.Biases.Length} biases; expected {inputs * units} and {units}", nameof(layer));
        }
    }
}

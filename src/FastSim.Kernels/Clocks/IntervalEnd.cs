using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Clocks;

/// <summary>
/// A learned efficiency at one end of its intervals (docs/surrogate.md, "Intervals of a plan"): every operator takes what the end says, all of them at once,
/// as where a chip's kernels are all better, or all worse, than those of the chips that were measured.
/// </summary>
/// <param name="model">The model; it says times and half widths.</param>
/// <param name="isSlow">Whether times are the longest of the intervals; else they are the shortest.</param>
public sealed class IntervalEnd(IEfficiencyModel model, bool isSlow) : IEfficiencyModel
{
    /// <inheritdoc/>
    public string Name => model.Name;

    /// <inheritdoc/>
    public int Version => model.Version;

    /// <inheritdoc/>
    public IReadOnlyDictionary<(OperatorFamily Family, int Slot), double[]> Forms => model.Forms;

    /// <inheritdoc/>
    public bool HasFormsAtHeldRates => model.HasFormsAtHeldRates;

    /// <inheritdoc/>
    public IReadOnlyDictionary<(string Family, string Kind), double[]> Timings => model.Timings;

    /// <summary>Whether a model's answers have intervals: those of the second contract do.</summary>
    /// <param name="model">The model; null for none.</param>
    public static bool Has(IEfficiencyModel? model) => model?.Version == OperatorComponents.Version;

    /// <inheritdoc/>
    public AnswerRange? RangeOf(OperatorFamily family) => model.RangeOf(family) is { } range
        ? range with { LeastFirst = range.LeastFirst - range.MostSecond, MostFirst = range.MostFirst + range.MostSecond }
        : null;

    /// <inheritdoc/>
    public bool Covers(OperatorFamily family, ReadOnlySpan<float> features) => model.Covers(family, features);

    /// <inheritdoc/>
    public void Evaluate(OperatorFamily family, ReadOnlySpan<float> features, Span<float> answers)
    {
        model.Evaluate(family, features, answers);
        for (int row = 0; row + 1 < answers.Length; row += 2)
        {
            answers[row] += isSlow ? answers[row + 1] : -answers[row + 1];
        }
    }
}

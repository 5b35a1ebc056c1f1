using System.Collections;
using FastSim.Kernels.Plans;

namespace FastSim.Cli.Serving;

/// <summary>
/// Predictions of a table's rows, by their places. Their numbers lie apart from what they refer to: a collection of garbage looks through all of a large array that refers to
/// something, and has the system make pages of it that no row has reached yet. Rows may be set by any number of threads.
/// </summary>
/// <param name="count">Rows of the table.</param>
internal sealed class ServingPredictions(int count) : IReadOnlyList<ServingPrediction>
{
    private readonly Numbers[] numbers = new Numbers[count];
    private readonly References[] references = new References[count];

    /// <inheritdoc/>
    public int Count => numbers.Length;

    /// <inheritdoc/>
    public ServingPrediction this[int index]
    {
        get
        {
            ref readonly Numbers said = ref numbers[index];
            ref readonly References of = ref references[index];
            return new ServingPrediction(
                said.Figures, said.Memory, of.Layout, of.Precision, said.Cards, said.Batch, of.Notes, said.HasDefaultedBatch, said.IsBeyondTraining, of.Uncovered)
            {
                Interval = said.Interval,
            };
        }

        set
        {
            numbers[index] = new Numbers(value.Figures, value.Memory, value.Interval, value.Batch, value.Cards, value.HasDefaultedBatch, value.IsBeyondTraining);
            references[index] = new References(value.Layout, value.Precision, value.Notes, value.Uncovered);
        }
    }

    /// <inheritdoc/>
    public IEnumerator<ServingPrediction> GetEnumerator()
    {
        for (int index = 0; index < Count; index++)
        {
            yield return this[index];
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private readonly record struct Numbers(
        ServingFigures Figures, PredictedMemory Memory, PerTokenInterval Interval, double Batch, int Cards, bool HasDefaultedBatch, bool IsBeyondTraining);

    private readonly record struct References(ServingLayout? Layout, ServingPrecision? Precision, string Notes, string? Uncovered);
}

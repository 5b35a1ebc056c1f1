namespace FastSim.Kernels.Stages;

/// <summary>
/// The batches that a search tries for a plan, numbered from 1 in rising order: single sequences first, where fewer than a unit are tried, then
/// multiples of a unit. Source: docs/cost-model.md, "Plans and batches".
/// </summary>
/// <param name="Unit">Sequences of a unit, at least 1: those that one more step adds to a rank's micro-batch.</param>
/// <param name="Singles">Steps of one sequence before the first unit: 0, or <c>Unit - 1</c>.</param>
public readonly record struct BatchSteps(int Unit, int Singles)
{
    /// <summary>Multiples of a unit alone.</summary>
    public static implicit operator BatchSteps(int unit) => FromInt32(unit);

    /// <summary>Multiples of a unit alone.</summary>
    public static BatchSteps FromInt32(int unit) => new(unit, 0);

    /// <summary>Every number of sequences below a unit, then multiples of it.</summary>
    public static BatchSteps WithFractions(int unit) => new(unit, unit - 1);

    /// <summary>Sequences of a rank's micro-batch at the first step.</summary>
    public double First => At(1);

    /// <summary>Sequences of a rank's micro-batch at a step.</summary>
    /// <param name="step">The step, from 1; 0 gives no sequences.</param>
    public double At(double step) => step <= Singles ? step : (step - Singles) * Unit;

    /// <summary>The last step of at most some sequences; 0 when not even the first has as few.</summary>
    /// <param name="sequences">Sequences of a rank's micro-batch, at least 0.</param>
    public long LastWithin(double sequences) =>
        sequences >= Unit ? Singles + (long)(sequences / Unit) : (long)Math.Min(Singles, sequences);
}

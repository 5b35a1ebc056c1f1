namespace FastSim.Kernels.Models;

/// <summary>
/// Weights of a matrix that are stored as one unit because they share a scale: a shard of the matrix holds whole units. 1 where a side is
/// not grouped, so that any shard does.
/// </summary>
/// <param name="Outputs">Extent along the matrix's outputs (rows of the stored tensor), elements.</param>
/// <param name="Inputs">Extent along the matrix's inputs (columns of the stored tensor), elements: the group size of group-wise formats.</param>
public readonly record struct WeightBlock(int Outputs, int Inputs)
{
    /// <summary>No units: weights that are not quantized, or have one scale a matrix or a channel.</summary>
    public static WeightBlock None { get; } = new(1, 1);
}

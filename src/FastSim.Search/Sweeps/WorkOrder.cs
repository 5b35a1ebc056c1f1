using FastSim.Kernels.Chips;

namespace FastSim.Search.Sweeps;

/// <summary>
/// An order of variants in which those follow each other whose chips compute and read their memory at the same rates: what they share is then known from the one
/// before, whichever axis of a sweep runs fastest. Serves one thread.
/// </summary>
internal sealed class WorkOrder : IComparer<int>
{
    private double[] numbers = [];
    private int[] variants = [];
    private int perVariant;

    /// <summary>The variants in that order; of those that are alike the largest memory first, then in their own.</summary>
    /// <param name="values">Their chips' numbers, one after the other.</param>
    /// <param name="count">Variants.</param>
    /// <param name="numbersPerVariant">Numbers of each.</param>
    /// <param name="isSorted">Whether anything is shared, so that the order matters; otherwise they come in their own.</param>
    /// <returns>Good until others are asked about.</returns>
    public ReadOnlySpan<int> Of(ReadOnlySpan<double> values, int count, int numbersPerVariant, bool isSorted)
    {
        perVariant = numbersPerVariant;
        if (variants.Length < count || numbers.Length < values.Length)
        {
            (variants, numbers) = (new int[count], new double[values.Length]);
        }

        values.CopyTo(numbers);
        Span<int> order = variants.AsSpan(0, count);
        for (int variant = 0; variant < count; variant++)
        {
            order[variant] = variant;
        }

        if (isSorted)
        {
            order.Sort(this);
        }

        return order;
    }

    /// <inheritdoc/>
    public int Compare(int x, int y)
    {
        ReadOnlySpan<double> one = numbers.AsSpan(x * perVariant, perVariant);
        ReadOnlySpan<double> other = numbers.AsSpan(y * perVariant, perVariant);
        int work = ChipNumbers.CompareWork(one, other);
        if (work != 0)
        {
            return work;
        }

        // What is known up to the batch that the largest memory holds is known of all.
        int capacity = other[ChipNumbers.CapacityGibibytes].CompareTo(one[ChipNumbers.CapacityGibibytes]);
        return capacity != 0 ? capacity : x.CompareTo(y);
    }
}

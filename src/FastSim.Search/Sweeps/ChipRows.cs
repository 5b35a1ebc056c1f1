namespace FastSim.Search.Sweeps;

/// <summary>Numbers of distinct chips, one row a chip, as <see cref="Kernels.Chips.ChipNumbers"/> places them. Reused block after block.</summary>
public sealed class ChipRows
{
    private double[] values;
    private readonly int numbersPerChip;

    /// <summary>No chips.</summary>
    /// <param name="numbersPerChip">Numbers of a chip.</param>
    public ChipRows(int numbersPerChip)
    {
        this.numbersPerChip = numbersPerChip;
        values = new double[numbersPerChip];
    }

    /// <summary>Numbers of a chip.</summary>
    public int NumbersPerChip => numbersPerChip;

    /// <summary>Chips.</summary>
    public int Count { get; private set; }

    /// <summary>Their numbers, row after row.</summary>
    public ReadOnlySpan<double> Values => values.AsSpan(0, Count * numbersPerChip);

    /// <summary>Forgets the chips.</summary>
    public void Clear() => Count = 0;

    /// <summary>Makes room for some more chips.</summary>
    /// <param name="more">How many.</param>
    public void Reserve(int more)
    {
        int needed = (Count + more) * numbersPerChip;
        if (needed > values.Length)
        {
            Array.Resize(ref values, needed);
        }
    }

    /// <summary>Adds a chip and returns its row, which starts out as the base chip.</summary>
    public Span<double> Add(ReadOnlySpan<double> baseNumbers)
    {
        int start = Count * numbersPerChip;
        if (start + numbersPerChip > values.Length)
        {
            Array.Resize(ref values, 2 * values.Length);
        }

        Count++;
        Span<double> row = values.AsSpan(start, numbersPerChip);
        baseNumbers.CopyTo(row);
        return row;
    }
}

/// <summary>Chips of a variant, by place among the distinct ones.</summary>
/// <param name="Prefill">Chip that prefills.</param>
/// <param name="Decode">Chip that decodes.</param>
public readonly record struct ChipPlaces(int Prefill, int Decode);

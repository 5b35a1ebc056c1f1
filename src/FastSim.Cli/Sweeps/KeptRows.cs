namespace FastSim.Cli.Sweeps;

/// <summary>What is asked of a sweep's rows when it ends, put together block by block, in their order: the rows themselves need not be read again.</summary>
internal sealed class KeptRows
{
    private int count;

    /// <summary>No rows yet.</summary>
    /// <param name="columns">Their columns.</param>
    /// <param name="expected">Rows for which room is made at once; more is made as they come.</param>
    public KeptRows(TableColumns columns, int expected)
    {
        Variants = new long[expected];
        Jobs = new int[expected];
        Numbers = [.. columns.Numbers.Select(_ => new double[expected])];
        Words = [.. columns.Words.Select(_ => new byte[expected])];
    }

    /// <summary>Variant of each row.</summary>
    public long[] Variants { get; private set; }

    /// <summary>Job of each row.</summary>
    public int[] Jobs { get; private set; }

    /// <summary>Numbers, column by column; NaN where a cell is empty.</summary>
    public double[][] Numbers { get; }

    /// <summary>Words, column by column, each a place in <see cref="Vocabulary"/>.</summary>
    public byte[][] Words { get; }

    /// <summary>The words, in the order in which they came.</summary>
    public List<string> Vocabulary { get; } = [];

    /// <summary>Adds a block.</summary>
    public void Add(TableBlock block)
    {
        if (count + block.Count > Variants.Length)
        {
            Resize((int)Math.Min(Array.MaxLength, Math.Max(2L * Variants.Length, count + block.Count)));
        }

        block.Variants.AsSpan(0, block.Count).CopyTo(Variants.AsSpan(count));
        block.Jobs.AsSpan(0, block.Count).CopyTo(Jobs.AsSpan(count));
        for (int column = 0; column < Numbers.Length; column++)
        {
            block.Numbers[column].AsSpan(0, block.Count).CopyTo(Numbers[column].AsSpan(count));
        }

        // Row by row, so that words come in the order in which the rows say them.
        for (int row = 0; row < block.Count; row++)
        {
            for (int column = 0; column < Words.Length; column++)
            {
                Words[column][count + row] = SweepTable.WordOf(block.Words[column][row], Vocabulary);
            }
        }

        count += block.Count;
    }

    /// <summary>Ends with the last row.</summary>
    public void Trim()
    {
        if (count < Variants.Length)
        {
            Resize(count);
        }
    }

    private void Resize(int rows)
    {
        Variants = Resized(Variants, rows);
        Jobs = Resized(Jobs, rows);
        for (int column = 0; column < Numbers.Length; column++)
        {
            Numbers[column] = Resized(Numbers[column], rows);
        }

        for (int column = 0; column < Words.Length; column++)
        {
            Words[column] = Resized(Words[column], rows);
        }
    }

    private static T[] Resized<T>(T[] row, int rows)
    {
        Array.Resize(ref row, rows);
        return row;
    }
}

namespace FastSim.Cli.Sweeps;

/// <summary>
/// Rows of a row group as the blocks that they came in (<see cref="ColumnBlock"/>): few of their cells are more than a byte, so that a group is read column by column when it is
/// encoded. Serves one thread at a time.
/// </summary>
/// <param name="kinds">Kind of each column.</param>
internal sealed class GroupBlocks(IReadOnlyList<ColumnKind> kinds)
{
    private readonly List<Part> parts = [];
    private int count;

    /// <summary>Rows.</summary>
    public int Rows { get; private set; }

    /// <summary>Takes rows of a block, as many as are left or have room; its bytes are copied.</summary>
    /// <param name="bytes">All of the block.</param>
    /// <param name="rows">Rows that it has.</param>
    /// <param name="first">First row of it that is left.</param>
    /// <returns>Whether the group is full.</returns>
    public bool Take(ReadOnlyMemory<byte> bytes, int rows, ref int first)
    {
        if (count == parts.Count)
        {
            parts.Add(new Part(kinds));
        }

        int size = Math.Min(rows - first, ParquetGroups.RowsPerGroup - Rows);
        parts[count++].Take(bytes, first, size);
        first += size;
        Rows += size;
        return Rows == ParquetGroups.RowsPerGroup;
    }

    /// <summary>Reads a column: whole numbers, or bits of numbers.</summary>
    /// <param name="column">The column.</param>
    /// <param name="target">Receives it; as long as there are rows.</param>
    public void Read(int column, Span<long> target)
    {
        for (int part = 0; part < count; part++)
        {
            parts[part].Read(column, target[..parts[part].Rows]);
            target = target[parts[part].Rows..];
        }
    }

    /// <summary>Reads a column of texts.</summary>
    /// <param name="column">The column.</param>
    /// <param name="places">Room for as many cells as there are rows.</param>
    /// <param name="target">Receives it; as long as there are rows.</param>
    public void Read(int column, Span<long> places, Span<ReadOnlyMemory<char>> target)
    {
        for (int part = 0; part < count; part++)
        {
            int rows = parts[part].Rows;
            parts[part].Read(column, places[..rows]);
            string[] texts = parts[part].Texts(column);
            for (int row = 0; row < rows; row++)
            {
                target[row] = texts[places[row]].AsMemory();
            }

            target = target[rows..];
        }
    }

    /// <summary>Forgets the rows.</summary>
    public void Clear() => (count, Rows) = (0, 0);

    /// <summary>Rows of one block.</summary>
    private sealed class Part(IReadOnlyList<ColumnKind> kinds)
    {
        private readonly BlockColumns columns = new(kinds);
        private byte[] block = [];
        private int first;

        public int Rows { get; private set; }

        public void Take(ReadOnlyMemory<byte> bytes, int from, int rows)
        {
            block = block.Length < bytes.Length ? new byte[bytes.Length] : block;
            bytes.CopyTo(block);
            columns.Load(block.AsMemory(0, bytes.Length));
            (first, Rows) = (from, rows);
        }

        public void Read(int column, Span<long> target) => columns.Read(column, first, target);

        public string[] Texts(int column) => columns.Texts(column);
    }
}

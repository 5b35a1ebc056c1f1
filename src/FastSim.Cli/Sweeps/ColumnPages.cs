using System.Runtime.InteropServices;

namespace FastSim.Cli.Sweeps;

/// <summary>
/// Writes the cells of a column, eight bytes each, in what they need: one cell where all are the same; up to 256 different ones and of each row a byte where that is shorter; else
/// all of them. The first byte says which. Serves one thread.
/// </summary>
/// <param name="capacity">Cells of a column at most.</param>
internal sealed class ColumnPages(int capacity)
{
    /// <summary>All cells are the same, which follows.</summary>
    public const byte Same = 0;

    /// <summary>How many different cells there are, less one, as a byte; these; which of them each row has, a byte each.</summary>
    public const byte Coded = 1;

    /// <summary>All cells follow.</summary>
    public const byte Plain = 2;

    private const int MostCodes = 1 << 8;

    /// <summary>Four places a code, so that most are found at once.</summary>
    private const int PlaceBits = 10;
    private const short Free = -1;

    private readonly short[] places = new short[1 << PlaceBits];
    private readonly long[] different = new long[MostCodes];
    private readonly byte[] codes = new byte[capacity];

    /// <summary>Bytes of a page of some rows at most.</summary>
    public static int MostBytes(int rows) => 1 + Math.Max(1, rows) * sizeof(long);

    /// <summary>Writes a page.</summary>
    /// <param name="cells">The column.</param>
    /// <param name="target">Room for it.</param>
    /// <returns>Its bytes.</returns>
    public int Write(ReadOnlySpan<long> cells, Span<byte> target)
    {
        int rows = cells.Length;
        int count = rows == 0 ? 0 : Code(cells);
        int coded = 2 + (count * sizeof(long)) + rows;
        if (count == 1)
        {
            target[0] = Same;
            MemoryMarshal.Write(target[1..], different[0]);
            return 1 + sizeof(long);
        }

        if (count > 0 && coded < MostBytes(rows))
        {
            (target[0], target[1]) = (Coded, (byte)(count - 1));
            MemoryMarshal.AsBytes(different.AsSpan(0, count)).CopyTo(target[2..]);
            codes.AsSpan(0, rows).CopyTo(target[(2 + (count * sizeof(long)))..]);
            return coded;
        }

        target[0] = Plain;
        MemoryMarshal.AsBytes(cells).CopyTo(target[1..]);
        return 1 + (rows * sizeof(long));
    }

    /// <summary>Finds the different cells and which of them each row has; 0 where there are too many.</summary>
    private int Code(ReadOnlySpan<long> cells)
    {
        if (!cells.ContainsAnyExcept(cells[0]))
        {
            different[0] = cells[0];
            return 1;
        }

        const ulong Golden = 0x9E3779B97F4A7C15;
        Array.Fill(places, Free);
        int count = 0;
        long last = ~cells[0];
        byte code = 0;
        for (int row = 0; row < cells.Length; row++)
        {
            long cell = cells[row];
            if (cell != last)
            {
                int place = (int)((ulong)cell * Golden >> (64 - PlaceBits));
                while (places[place] != Free && different[places[place]] != cell)
                {
                    place = (place + 1) & ((1 << PlaceBits) - 1);
                }

                if (places[place] == Free)
                {
                    if (count == MostCodes)
                    {
                        return 0;
                    }

                    different[count] = cell;
                    places[place] = (short)count++;
                }

                (last, code) = (cell, (byte)places[place]);
            }

            codes[row] = code;
        }

        return count;
    }
}

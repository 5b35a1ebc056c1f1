using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using FastSim.Cli.Output;

namespace FastSim.Cli.Sweeps;

/// <summary>
/// Rows of a block, filled cell after cell as answers come, and written as columns: what a sweep goes on by where its result is Parquet (<see cref="BlockColumns"/> reads it).
/// A block is its bytes and its rows, each of four bytes, and column after column a page (<see cref="ColumnPages"/>): of numbers by their bits, of texts, which stand before
/// their page (how many; of each its bytes in UTF-8 and how many), by their places among them. Little-endian. Serves one thread.
/// </summary>
internal sealed class ColumnBlock
{
    private readonly int capacity;
    private readonly long[] cells;
    private readonly ColumnTexts?[] texts;
    private readonly ColumnPages pages;
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
    private int length;
    private int cell;

    /// <summary>No rows yet.</summary>
    /// <param name="kinds">Kind of each column.</param>
    /// <param name="capacity">Rows at most.</param>
    public ColumnBlock(IReadOnlyList<ColumnKind> kinds, int capacity)
    {
        this.capacity = capacity;
        cells = new long[kinds.Count * capacity];
        texts = [.. kinds.Select(kind => kind == ColumnKind.Text ? new ColumnTexts() : null)];
        pages = new ColumnPages(capacity);
    }

    /// <summary>Rows.</summary>
    public int Count { get; private set; }

    /// <summary>A whole number's cell.</summary>
    public void Whole(long value) => cells[(cell++ * capacity) + Count] = value;

    /// <summary>A number's cell; NaN where it is missing.</summary>
    /// <param name="value">The number; NaN where it is missing.</param>
    /// <param name="column">Name of the column, for the message.</param>
    /// <exception cref="Configuration.ConfigurationException">It is infinite.</exception>
    public void Number(double value, string column) =>
        cells[(cell++ * capacity) + Count] = BitConverter.DoubleToInt64Bits(double.IsNaN(value) ? double.NaN : Cell.Finite(value, column));

    /// <summary>A text's cell, as the CSV has it.</summary>
    public void Text(string text)
    {
        int place = texts[cell]!.PlaceOf(text);
        cells[(cell++ * capacity) + Count] = place;
    }

    /// <summary>Ends the row.</summary>
    public void EndRow()
    {
        Count++;
        cell = 0;
    }

    /// <summary>Gives away the block, in a buffer of <see cref="ArrayPool{T}.Shared"/> that its taker returns, and forgets the rows.</summary>
    /// <param name="bytes">Bytes of it.</param>
    public byte[] Take(out int bytes)
    {
        length = 0;
        Whole32(0);
        Whole32(Count);
        for (int column = 0; column < texts.Length; column++)
        {
            if (texts[column] is { } all)
            {
                Whole32(all.Words.Count);
                foreach (string word in all.Words)
                {
                    Span<byte> room = Room(sizeof(int) + Encoding.UTF8.GetMaxByteCount(word.Length));
                    int written = Encoding.UTF8.GetBytes(word, room[sizeof(int)..]);
                    BinaryPrimitives.WriteInt32LittleEndian(room, written);
                    length += sizeof(int) + written;
                }

                all.Clear();
            }

            length += pages.Write(cells.AsSpan(column * capacity, Count), Room(ColumnPages.MostBytes(Count)));
        }

        BinaryPrimitives.WriteInt32LittleEndian(buffer, length);
        (byte[] taken, bytes) = (buffer, length);
        buffer = ArrayPool<byte>.Shared.Rent(taken.Length);
        Count = 0;
        return taken;
    }

    private void Whole32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Room(sizeof(int)), value);
        length += sizeof(int);
    }

    private Span<byte> Room(int bytes)
    {
        if (buffer.Length - length < bytes)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * buffer.Length, length + bytes));
            buffer.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        return buffer.AsSpan(length);
    }

    /// <summary>The different texts of a column, in the order in which they came.</summary>
    private sealed class ColumnTexts
    {
        private readonly Dictionary<string, int> places = [];
        private string? last;
        private int lastPlace;

        public List<string> Words { get; } = [];

        public int PlaceOf(string text)
        {
            // Most columns say one object again and again.
            if (ReferenceEquals(text, last))
            {
                return lastPlace;
            }

            if (!places.TryGetValue(text, out int place))
            {
                place = Words.Count;
                places[text] = place;
                Words.Add(Cell.Text(text));
            }

            (last, lastPlace) = (text, place);
            return place;
        }

        public void Clear()
        {
            places.Clear();
            Words.Clear();
            last = null;
        }
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace FastSim.Cli.Sweeps;

/// <summary>Columns of a block as <see cref="ColumnBlock"/> wrote it, any of which is read when it is asked for. Takes one block after another; serves one thread.</summary>
/// <param name="kinds">Kind of each column.</param>
internal sealed class BlockColumns(IReadOnlyList<ColumnKind> kinds)
{
    /// <summary>Bytes and rows of a block, before its columns.</summary>
    public const int LeadBytes = 2 * sizeof(int);

    private readonly int[] textsAt = new int[kinds.Count];
    private readonly int[] pageAt = new int[kinds.Count];
    private ReadOnlyMemory<byte> block;

    /// <summary>Rows.</summary>
    public int Rows { get; private set; }

    /// <summary>Takes a block, which must stay as it is while its columns are read.</summary>
    /// <param name="bytes">All of it.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public void Load(ReadOnlyMemory<byte> bytes)
    {
        block = bytes;
        ReadOnlySpan<byte> all = bytes.Span;
        if (all.Length < LeadBytes || BinaryPrimitives.ReadInt32LittleEndian(all) != all.Length)
        {
            throw Torn();
        }

        Rows = BinaryPrimitives.ReadInt32LittleEndian(all[sizeof(int)..]);
        int at = LeadBytes;
        for (int column = 0; column < kinds.Count; column++)
        {
            int words = 1;
            if (kinds[column] == ColumnKind.Text)
            {
                textsAt[column] = at;
                words = Whole32(all, ref at);
                for (int word = 0; word < words; word++)
                {
                    int bytesOfWord = Whole32(all, ref at);
                    at += bytesOfWord;
                }
            }

            pageAt[column] = at;
            at += PageBytes(all[Within(all, at)..]);
        }

        if (at != all.Length)
        {
            throw Torn();
        }
    }

    /// <summary>Cells of a column from some row on: whole numbers, bits of numbers, or places of texts.</summary>
    /// <param name="column">The column.</param>
    /// <param name="first">First row.</param>
    /// <param name="target">Receives as many cells as it has room for.</param>
    public void Read(int column, int first, Span<long> target)
    {
        ReadOnlySpan<byte> page = block.Span[pageAt[column]..];
        switch (page[0])
        {
            case ColumnPages.Same:
                target.Fill(MemoryMarshal.Read<long>(page[1..]));
                break;
            case ColumnPages.Coded:
                int count = page[1] + 1;
                Span<long> different = stackalloc long[1 << 8];
                MemoryMarshal.Cast<byte, long>(page.Slice(2, count * sizeof(long))).CopyTo(different);
                ReadOnlySpan<byte> codes = page.Slice(2 + (count * sizeof(long)) + first, target.Length);
                for (int row = 0; row < codes.Length; row++)
                {
                    target[row] = different[codes[row]];
                }

                break;
            default:
                MemoryMarshal.Cast<byte, long>(page.Slice(1 + (first * sizeof(long)), target.Length * sizeof(long))).CopyTo(target);
                break;
        }
    }

    /// <summary>The different texts of a column.</summary>
    /// <param name="column">The column.</param>
    public string[] Texts(int column)
    {
        ReadOnlySpan<byte> all = block.Span;
        int at = textsAt[column];
        string[] texts = new string[Whole32(all, ref at)];
        for (int text = 0; text < texts.Length; text++)
        {
            int bytes = Whole32(all, ref at);
            texts[text] = Encoding.UTF8.GetString(all.Slice(at, bytes));
            at += bytes;
        }

        return texts;
    }

    private int PageBytes(ReadOnlySpan<byte> page)
    {
        int bytes = page[0] switch
        {
            ColumnPages.Same => 1 + sizeof(long),
            ColumnPages.Coded when page.Length > 1 => 2 + ((page[1] + 1) * sizeof(long)) + Rows,
            ColumnPages.Plain => 1 + (Rows * sizeof(long)),
            _ => throw Torn(),
        };
        return bytes <= page.Length ? bytes : throw Torn();
    }

    private static int Whole32(ReadOnlySpan<byte> all, ref int at)
    {
        int value = at <= all.Length - sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(all[at..]) : -1;
        at += sizeof(int);
        return value >= 0 ? value : throw Torn();
    }

    private static int Within(ReadOnlySpan<byte> all, int at) => at >= 0 && at < all.Length ? at : throw Torn();

    private static InvalidDataException Torn() => new("found a torn block of columns");
}

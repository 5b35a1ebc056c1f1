using System.Buffers.Binary;
using System.Text;
using FastSim.Cli.Output;

namespace FastSim.Cli.Sweeps;

/// <summary>Reads the rows that a sweep goes on by where its result is Parquet, block by block (<see cref="ColumnBlock"/>).</summary>
internal sealed class ColumnFile : IDisposable
{
    private const int BufferBytes = 1 << 18;

    private readonly FileStream stream;
    private byte[] bytes = new byte[BlockColumns.LeadBytes];

    /// <summary>Begins before the first block.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="path">The rows.</param>
    public ColumnFile(SweepPlan plan, string path)
    {
        Columns = new BlockColumns(plan.Kinds);
        stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, BufferBytes);
        stream.Seek(Header(plan).Length, SeekOrigin.Begin);
    }

    /// <summary>Columns of the block at hand.</summary>
    public BlockColumns Columns { get; }

    /// <summary>The block at hand.</summary>
    public ReadOnlyMemory<byte> Block { get; private set; }

    /// <summary>What stands before the blocks: what they are, and names of the columns.</summary>
    public static byte[] Header(SweepPlan plan) => [.. "columns of fastsim, 1\n"u8, .. RowWriter.Header(plan)];

    /// <summary>Goes on to the next block.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="InvalidDataException">What follows is none.</exception>
    public bool Next()
    {
        Span<byte> lead = stackalloc byte[sizeof(int)];
        int there = stream.ReadAtLeast(lead, lead.Length, throwOnEndOfStream: false);
        if (there == 0)
        {
            return false;
        }

        int length = there == lead.Length ? BinaryPrimitives.ReadInt32LittleEndian(lead) : 0;
        if (length < BlockColumns.LeadBytes || length - lead.Length > stream.Length - stream.Position)
        {
            throw new InvalidDataException("found a torn block of columns");
        }

        bytes = bytes.Length < length ? new byte[length] : bytes;
        lead.CopyTo(bytes);
        stream.ReadExactly(bytes, lead.Length, length - lead.Length);
        Block = bytes.AsMemory(0, length);
        Columns.Load(Block);
        return true;
    }

    /// <summary>Some rows as a CSV of them alone.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="path">The rows.</param>
    /// <param name="rows">Which, rising.</param>
    public static string CsvOf(SweepPlan plan, string path, ReadOnlySpan<int> rows)
    {
        using ColumnFile file = new(plan, path);
        CsvBytes csv = new();
        string[]?[] texts = new string[plan.Kinds.Count][];
        Span<long> cell = stackalloc long[1];
        int next = 0;
        for (long start = 0; next < rows.Length && file.Next(); start += file.Columns.Rows)
        {
            Array.Clear(texts);
            for (; next < rows.Length && rows[next] < start + file.Columns.Rows; next++)
            {
                for (int column = 0; column < texts.Length; column++)
                {
                    file.Columns.Read(column, (int)(rows[next] - start), cell);
                    switch (plan.Kinds[column])
                    {
                        case ColumnKind.Whole:
                            csv.Whole(cell[0]);
                            break;
                        case ColumnKind.Number:
                            csv.Number(BitConverter.Int64BitsToDouble(cell[0]), plan.Header[column]);
                            break;
                        default:
                            csv.Text((texts[column] ??= file.Columns.Texts(column))[cell[0]]);
                            break;
                    }
                }

                csv.EndRow();
            }
        }

        return Encoding.UTF8.GetString([.. RowWriter.Header(plan), .. csv.Written]);
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}

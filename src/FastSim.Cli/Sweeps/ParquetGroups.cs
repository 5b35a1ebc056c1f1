using Parquet;
using Parquet.Schema;

namespace FastSim.Cli.Sweeps;

/// <summary>A sweep's result as Parquet, row group by row group: the same columns as the CSV, numbers as doubles, texts by a dictionary.</summary>
internal sealed class ParquetGroups : IDisposable
{
    /// <summary>Rows of a group, but for the last.</summary>
    public const int RowsPerGroup = 1 << 15;

    private readonly DataField[] fields;
    private readonly ParquetWriter writer;
    private int[] isThere = [];
    private double[] there = [];
    private long[] cells = [];
    private ReadOnlyMemory<char>[] texts = [];

    /// <summary>Begins a file.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="stream">Where it goes.</param>
    public ParquetGroups(SweepPlan plan, Stream stream)
    {
        fields = [.. plan.Header.Zip(plan.Kinds, FieldOf)];
        ParquetOptions options = new();
        foreach (DataField<string> text in fields.OfType<DataField<string>>())
        {
            // Few words, again and again.
            options.ColumnEncodingHints[text.Path.ToString()] = EncodingHint.Dictionary;
        }

        writer = ParquetWriter.CreateAsync(new ParquetSchema(fields.ToArray<Field>()), stream, options).GetAwaiter().GetResult();
    }

    /// <summary>Writes a group.</summary>
    /// <param name="rows">Its rows.</param>
    public void Write(GroupBlocks rows) => WriteAsync(rows).GetAwaiter().GetResult();

    /// <summary>Ends the file.</summary>
    public void Dispose() => writer.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task WriteAsync(GroupBlocks rows)
    {
        int count = rows.Rows;
        Room(ref cells, count);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        for (int column = 0; column < fields.Length; column++)
        {
            await (fields[column] switch
            {
                DataField<long> => group.WriteAsync<long>(fields[column], Cells(rows, column)),
                DataField<string> => group.WriteAllPartsAsync<ReadOnlyMemory<char>>(fields[column], Texts(rows, column), AllThere(count), null, CancellationToken.None),
                _ => group.WriteAllPartsAsync<double>(fields[column], Present(rows, column), isThere.AsMemory(0, count), null, CancellationToken.None),
            }).ConfigureAwait(false);
        }
    }

    private ReadOnlyMemory<long> Cells(GroupBlocks rows, int column)
    {
        rows.Read(column, cells.AsSpan(0, rows.Rows));
        return cells.AsMemory(0, rows.Rows);
    }

    private ReadOnlyMemory<ReadOnlyMemory<char>> Texts(GroupBlocks rows, int column)
    {
        Room(ref texts, rows.Rows);
        rows.Read(column, cells.AsSpan(0, rows.Rows), texts.AsSpan(0, rows.Rows));
        return texts.AsMemory(0, rows.Rows);
    }

    /// <summary>The numbers that are there, and by <see cref="isThere"/> which they are: what Parquet.Net would make of ones that may be missing.</summary>
    private ReadOnlyMemory<double> Present(GroupBlocks rows, int column)
    {
        Span<long> all = cells.AsSpan(0, rows.Rows);
        rows.Read(column, all);
        AllThere(all.Length);
        int count = 0;
        Room(ref there, all.Length);
        for (int row = 0; row < all.Length; row++)
        {
            double value = BitConverter.Int64BitsToDouble(all[row]);
            there[count] = value;
            isThere[row] = double.IsNaN(value) ? 0 : 1;
            count += isThere[row];
        }

        return there.AsMemory(0, count);
    }

    private ReadOnlyMemory<int> AllThere(int count)
    {
        Room(ref isThere, count);
        isThere.AsSpan(0, count).Fill(1);
        return isThere.AsMemory(0, count);
    }

    private static void Room<T>(ref T[] room, int count) => room = room.Length < count ? new T[count] : room;

    private static DataField FieldOf(string name, ColumnKind kind) => kind switch
    {
        ColumnKind.Whole => new DataField<long>(name),
        ColumnKind.Text => new DataField<string>(name),
        _ => new DataField<double?>(name),
    };
}

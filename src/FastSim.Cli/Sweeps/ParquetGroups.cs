using System.Runtime.InteropServices;
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

    /// <summary>Room for rows, an array a column: of whole numbers, texts, or numbers, NaN where one is missing.</summary>
    public Array[] Room(int rows) => Array.ConvertAll(fields, field => field switch
    {
        DataField<long> => new long[rows],
        DataField<string> => new ReadOnlyMemory<char>[rows],
        _ => (Array)new double[rows],
    });

    /// <summary>Copies rows of a block to columns of a group, as many as there are or have room.</summary>
    /// <param name="block">The block.</param>
    /// <param name="first">First row of it that is left.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="filled">Rows of them that are filled.</param>
    /// <returns>Whether all are.</returns>
    public static bool Fill(BlockColumns block, ref int first, Array[] columns, ref int filled)
    {
        int size = Math.Min(block.Rows - first, columns[0].Length - filled);
        Copy(block, first, columns, filled, size);
        first += size;
        filled += size;
        return filled == columns[0].Length;
    }

    /// <summary>Copies rows of a block to columns of a group.</summary>
    /// <param name="block">The block.</param>
    /// <param name="first">First row of it.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="at">First row of them.</param>
    /// <param name="size">Rows.</param>
    private static void Copy(BlockColumns block, int first, Array[] columns, int at, int size)
    {
        long[] places = [];
        for (int column = 0; column < columns.Length; column++)
        {
            switch (columns[column])
            {
                case long[] whole:
                    block.Read(column, first, whole.AsSpan(at, size));
                    break;
                case double[] values:
                    block.Read(column, first, MemoryMarshal.Cast<double, long>(values.AsSpan(at, size)));
                    break;
                case ReadOnlyMemory<char>[] text:
                    places = places.Length < size ? new long[size] : places;
                    block.Read(column, first, places.AsSpan(0, size));
                    ReadOnlyMemory<char>[] texts = Array.ConvertAll(block.Texts(column), MemoryExtensions.AsMemory);
                    for (int row = 0; row < size; row++)
                    {
                        text[at + row] = texts[places[row]];
                    }

                    break;
            }
        }
    }

    /// <summary>Writes a group.</summary>
    /// <param name="columns">Its columns.</param>
    /// <param name="count">Rows of them.</param>
    public void Write(Array[] columns, int count) => WriteAsync(columns, count).GetAwaiter().GetResult();

    /// <summary>Ends the file.</summary>
    public void Dispose() => writer.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task WriteAsync(Array[] columns, int count)
    {
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        for (int column = 0; column < fields.Length; column++)
        {
            await (columns[column] switch
            {
                long[] whole => group.WriteAsync<long>(fields[column], whole.AsMemory(0, count)),
                ReadOnlyMemory<char>[] text => group.WriteAllPartsAsync<ReadOnlyMemory<char>>(fields[column], text.AsMemory(0, count), AllThere(count), null, CancellationToken.None),
                double[] values => group.WriteAllPartsAsync<double>(fields[column], Present(values.AsMemory(0, count)), isThere.AsMemory(0, count), null, CancellationToken.None),
                _ => throw new InvalidOperationException(fields[column].Name),
            }).ConfigureAwait(false);
        }
    }

    /// <summary>The numbers that are there, and by <see cref="isThere"/> which they are: what Parquet.Net would make of ones that may be missing.</summary>
    private ReadOnlyMemory<double> Present(ReadOnlyMemory<double> values)
    {
        ReadOnlySpan<double> all = values.Span;
        AllThere(all.Length);
        int count = 0;
        there = there.Length < all.Length ? new double[all.Length] : there;
        for (int row = 0; row < all.Length; row++)
        {
            there[count] = all[row];
            isThere[row] = double.IsNaN(all[row]) ? 0 : 1;
            count += isThere[row];
        }

        return there.AsMemory(0, count);
    }

    private ReadOnlyMemory<int> AllThere(int count)
    {
        isThere = isThere.Length < count ? new int[count] : isThere;
        isThere.AsSpan(0, count).Fill(1);
        return isThere.AsMemory(0, count);
    }

    private static DataField FieldOf(string name, ColumnKind kind) => kind switch
    {
        ColumnKind.Whole => new DataField<long>(name),
        ColumnKind.Text => new DataField<string>(name),
        _ => new DataField<double?>(name),
    };
}

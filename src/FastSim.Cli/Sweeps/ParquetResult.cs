using System.Globalization;
using nietras.SeparatedValues;
using Parquet;
using Parquet.Schema;

namespace FastSim.Cli.Sweeps;

/// <summary>Writes a sweep's result as Parquet: the same columns, numbers as doubles.</summary>
internal static class ParquetResult
{
    private const int RowsPerGroup = 1 << 18;

    /// <summary>Writes the rows of a file.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="rows">The rows, as CSV.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="stream">Where they go.</param>
    public static void Write(SweepPlan plan, string rows, int count, Stream stream) => WriteAsync(plan, rows, count, stream).GetAwaiter().GetResult();

    private static async Task WriteAsync(SweepPlan plan, string rows, int count, Stream stream)
    {
        HashSet<string> texts = [.. plan.Columns.Where(column => column.Text is not null).Select(column => column.Name), SweepColumns.Reason.Name];
        Field[] fields = [.. plan.Header.Select(name => FieldOf(name, texts))];
        using SepReader csv = Sep.New(',').Reader(options => options with { Unescape = true, CreateToString = SepToString.PoolPerCol() }).FromFile(rows);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream).ConfigureAwait(false);
        CellNumbers[] numbers = Array.ConvertAll(fields, _ => new CellNumbers());
        int left = count;
        Array[] columns = Room(fields, Math.Min(RowsPerGroup, left));
        do
        {
            int size = Math.Min(RowsPerGroup, left);
            columns = columns[0].Length == size ? columns : Room(fields, size);
            Read(csv, columns, numbers, size);
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            for (int column = 0; column < fields.Length; column++)
            {
                DataField field = (DataField)fields[column];
                await (columns[column] switch
                {
                    long[] whole => group.WriteAsync<long>(field, whole),
                    string[] text => group.WriteAsync(field, text),
                    double?[] values => group.WriteAsync<double>(field, values.AsMemory()),
                    _ => throw new InvalidOperationException(field.Name),
                }).ConfigureAwait(false);
            }

            left -= size;
        }
        while (left > 0);
    }

    private static DataField FieldOf(string name, HashSet<string> texts)
    {
        if (name is "variant" or "job")
        {
            return new DataField<long>(name);
        }

        return texts.Contains(name) ? new DataField<string>(name) : new DataField<double?>(name);
    }

    private static Array[] Room(Field[] fields, int count) => Array.ConvertAll(fields, field => field switch
    {
        DataField<long> => new long[count],
        DataField<string> => new string[count],
        _ => (Array)new double?[count],
    });

    private static void Read(SepReader csv, Array[] columns, CellNumbers[] numbersOf, int count)
    {
        for (int index = 0; index < count && csv.MoveNext(); index++)
        {
            SepReader.Row row = csv.Current;
            for (int column = 0; column < columns.Length; column++)
            {
                switch (columns[column])
                {
                    case long[] whole:
                        whole[index] = long.Parse(row[column].Span, CultureInfo.InvariantCulture);
                        break;
                    case string[] text:
                        text[index] = row[column].ToString();
                        break;
                    case double?[] values:
                        double number = numbersOf[column].Of(row[column].Span);
                        values[index] = double.IsNaN(number) ? null : number;
                        break;
                }
            }
        }
    }
}

using Parquet;
using Parquet.Schema;

namespace FastSim.Tests;

/// <summary>A Parquet file of measured operators, written column by column.</summary>
public static class MeasuredParquet
{
    /// <summary>Writes one.</summary>
    /// <param name="path">Where.</param>
    /// <param name="columns">Names and values: texts, whole numbers, or numbers.</param>
    public static void Write(string path, params (string Name, Array Values)[] columns) => WriteAsync(path, columns).GetAwaiter().GetResult();

    private static async Task WriteAsync(string path, (string Name, Array Values)[] columns)
    {
        Field[] fields =
        [
            .. columns.Select(column => column.Values switch
            {
                string[] => (Field)new DataField<string>(column.Name),
                long[] => new DataField<long>(column.Name),
                double?[] => new DataField<double?>(column.Name),
                _ => new DataField<double>(column.Name),
            }),
        ];
        await using FileStream stream = File.Create(path);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        for (int index = 0; index < fields.Length; index++)
        {
            DataField field = (DataField)fields[index];
            await (columns[index].Values switch
            {
                string[] texts => group.WriteAsync(field, texts),
                long[] whole => group.WriteAsync<long>(field, whole),
                double?[] numbers => group.WriteAsync<double>(field, numbers.AsMemory()),
                _ => group.WriteAsync<double>(field, (double[])columns[index].Values),
            });
        }
    }
}

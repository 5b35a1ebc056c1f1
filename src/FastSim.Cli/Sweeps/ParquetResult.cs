using System.Globalization;
using nietras.SeparatedValues;

namespace FastSim.Cli.Sweeps;

/// <summary>Writes a sweep's result as Parquet from its rows as CSV: of a sweep that was stopped or sharded, whose columns were not kept as they came.</summary>
internal static class ParquetResult
{
    /// <summary>Writes the rows of a file.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="rows">The rows, as CSV.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="stream">Where they go.</param>
    public static void Write(SweepPlan plan, string rows, int count, Stream stream)
    {
        using SepReader csv = Sep.New(',').Reader(options => options with { Unescape = true, CreateToString = SepToString.PoolPerCol() }).FromFile(rows);
        using ParquetGroups groups = new(plan, stream);
        int left = count;
        Array[] columns = groups.Room(Math.Min(ParquetGroups.RowsPerGroup, left));
        CellNumbers[] numbers = Array.ConvertAll(columns, _ => new CellNumbers());
        do
        {
            int size = Math.Min(ParquetGroups.RowsPerGroup, left);
            Read(csv, columns, numbers, size);
            groups.Write(columns, size);
            left -= size;
        }
        while (left > 0);
    }

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
                    case double[] values:
                        values[index] = numbersOf[column].Of(row[column].Span);
                        break;
                }
            }
        }
    }
}

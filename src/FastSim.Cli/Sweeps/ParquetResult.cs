namespace FastSim.Cli.Sweeps;

/// <summary>Writes a sweep's result as Parquet from the columns that it goes on by: of a sweep that was stopped or sharded, whose row groups were not written as they came.</summary>
internal static class ParquetResult
{
    /// <summary>Writes the rows of a file.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="rows">The rows, as <see cref="ColumnBlock"/> wrote them.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="stream">Where they go.</param>
    public static void Write(SweepPlan plan, string rows, int count, Stream stream)
    {
        using ColumnFile file = new(plan, rows);
        using ParquetGroups groups = new(plan, stream);
        Array[] columns = groups.Room(Math.Min(ParquetGroups.RowsPerGroup, count));
        (int filled, bool hasGroup) = (0, false);
        while (file.Next())
        {
            for (int first = 0; first < file.Columns.Rows;)
            {
                if (ParquetGroups.Fill(file.Columns, ref first, columns, ref filled))
                {
                    groups.Write(columns, filled);
                    (filled, hasGroup) = (0, true);
                }
            }
        }

        if (filled > 0 || !hasGroup)
        {
            groups.Write(columns, filled);
        }
    }
}

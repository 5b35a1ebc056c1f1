namespace FastSim.Cli.Sweeps;

/// <summary>Writes a sweep's result as Parquet from the columns that it goes on by: of a sweep that was stopped or sharded, whose row groups were not written as they came.</summary>
internal static class ParquetResult
{
    /// <summary>Writes the rows of a file.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="rows">The rows, as <see cref="ColumnBlock"/> wrote them.</param>
    /// <param name="stream">Where they go.</param>
    public static void Write(SweepPlan plan, string rows, Stream stream)
    {
        using ColumnFile file = new(plan, rows);
        using ParquetGroups groups = new(plan, stream);
        GroupBlocks group = new(plan.Kinds);
        bool hasGroup = false;
        while (file.Next())
        {
            for (int first = 0; first < file.Columns.Rows;)
            {
                if (group.Take(file.Block, file.Columns.Rows, ref first))
                {
                    groups.Write(group);
                    group.Clear();
                    hasGroup = true;
                }
            }
        }

        if (group.Rows > 0 || !hasGroup)
        {
            groups.Write(group);
        }
    }
}

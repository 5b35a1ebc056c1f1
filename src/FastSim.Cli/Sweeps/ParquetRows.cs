using System.Collections.Concurrent;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;

namespace FastSim.Cli.Sweeps;

/// <summary>A sweep's result as Parquet, written while its blocks come: a full row group is encoded beside the search. The file has its name when it is whole.</summary>
internal sealed class ParquetRows : IDisposable
{
    private const int MostRowsPerBlock = 1 << 16;
    private const int BufferBytes = 1 << 20;

    private readonly string temporary;
    private readonly FileStream stream;
    private readonly ParquetGroups groups;
    private readonly int rowsPerBlock;
    private readonly ConcurrentBag<ColumnBlock> free = [];
    private Array[] columns;
    private Array[] others;
    private Task pending = Task.CompletedTask;
    private int filled;
    private bool hasGroup;
    private bool isEnded;

    private ParquetRows(SweepPlan plan, string folder, int rowsPerBlock)
    {
        this.rowsPerBlock = rowsPerBlock;
        temporary = OutputFile.TemporaryIn(folder);

        // Room enough for most columns of a group: writes that wait for the disk are handed from thread to thread.
        stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, BufferBytes);
        groups = new ParquetGroups(plan, stream);
        int rows = (int)Math.Min(ParquetGroups.RowsPerGroup, plan.Space.Count * plan.First.Jobs.Length);
        columns = groups.Room(rows);
        others = groups.Room(rows);
    }

    /// <summary>One where the result is to be Parquet; null where it is not, or blocks are so large that their columns should not lie in memory.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="folder">Folder of the result.</param>
    /// <exception cref="ConfigurationException">It cannot be written.</exception>
    public static ParquetRows? Of(SweepPlan plan, string folder)
    {
        long rowsPerBlock = (long)plan.VariantsPerBlock * plan.First.Jobs.Length;
        if (!plan.File.ResultName.EndsWith(".parquet", StringComparison.Ordinal) || rowsPerBlock > MostRowsPerBlock)
        {
            return null;
        }

        try
        {
            return new ParquetRows(plan, folder, (int)rowsPerBlock);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{Path.Combine(folder, plan.File.ResultName)}: cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Room for a block's rows. Any thread may ask.</summary>
    public ColumnBlock Block() => free.TryTake(out ColumnBlock? block) ? block : new ColumnBlock(groups.Room(rowsPerBlock));

    /// <summary>Adds a block, whose room then serves another. Blocks come in the order of their rows.</summary>
    /// <exception cref="ConfigurationException">It cannot be written.</exception>
    public void Add(ColumnBlock block)
    {
        for (int first = 0; first < block.Count;)
        {
            int size = Math.Min(block.Count - first, columns[0].Length - filled);
            for (int column = 0; column < columns.Length; column++)
            {
                Array.Copy(block.Columns[column], first, columns[column], filled, size);
            }

            first += size;
            filled += size;
            if (filled == columns[0].Length)
            {
                EndGroup();
            }
        }

        block.Clear();
        free.Add(block);
    }

    /// <summary>Ends the file and gives it its name.</summary>
    /// <exception cref="ConfigurationException">It cannot be written.</exception>
    public void End(string path)
    {
        if (filled > 0 || !hasGroup)
        {
            EndGroup();
        }

        Writing(() =>
        {
            pending.GetAwaiter().GetResult();
            groups.Dispose();
            stream.Dispose();
            isEnded = true;
        });
        OutputFile.Move(temporary, path);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (isEnded)
        {
            return;
        }

        // Stopped, or failed: what there is of the file goes.
        ((IAsyncResult)pending).AsyncWaitHandle.WaitOne();
        stream.Dispose();
        File.Delete(temporary);
    }

    /// <summary>Hands the group at hand to a thread of its own once the one before is written, and begins another.</summary>
    private void EndGroup()
    {
        Writing(() => pending.GetAwaiter().GetResult());
        (Array[] full, int count) = (columns, filled);
        pending = Task.Run(() => groups.Write(full, count));
        (columns, others, filled, hasGroup) = (others, columns, 0, true);
    }

    private void Writing(Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{temporary}: cannot be written: {exception.Message}", exception);
        }
    }
}

/// <summary>A block's rows, column by column, cell after cell as its row is written. Serves one thread at a time.</summary>
/// <param name="columns">The columns (<see cref="ParquetGroups.Room"/>).</param>
internal sealed class ColumnBlock(Array[] columns)
{
    private int cell;

    /// <summary>The columns.</summary>
    public Array[] Columns => columns;

    /// <summary>Rows.</summary>
    public int Count { get; private set; }

    /// <summary>A whole number's cell.</summary>
    public void Whole(long value) => ((long[])columns[cell++])[Count] = value;

    /// <summary>A number's cell; NaN where it is missing.</summary>
    public void Number(double value) => ((double[])columns[cell++])[Count] = value;

    /// <summary>A text's cell, as the CSV has it.</summary>
    public void Text(string text) => ((string[])columns[cell++])[Count] = Cell.Text(text);

    /// <summary>Ends the row.</summary>
    public void EndRow()
    {
        Count++;
        cell = 0;
    }

    /// <summary>Forgets the rows.</summary>
    public void Clear() => Count = 0;
}

using FastSim.Cli.Configuration;
using FastSim.Cli.Output;

namespace FastSim.Cli.Sweeps;

/// <summary>A sweep's result as Parquet, written while its blocks come: a full row group is encoded beside the search. The file has its name when it is whole.</summary>
internal sealed class ParquetRows : IDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly string temporary;
    private readonly FileStream stream;
    private readonly ParquetGroups groups;
    private readonly BlockColumns block;
    private GroupBlocks rows;
    private GroupBlocks others;
    private Task pending = Task.CompletedTask;
    private bool hasGroup;
    private bool isEnded;

    private ParquetRows(SweepPlan plan, string folder)
    {
        block = new BlockColumns(plan.Kinds);
        temporary = OutputFile.TemporaryIn(folder);

        // Room enough for most columns of a group: writes that wait for the disk are handed from thread to thread.
        stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, BufferBytes);
        groups = new ParquetGroups(plan, stream);
        (rows, others) = (new GroupBlocks(plan.Kinds), new GroupBlocks(plan.Kinds));
    }

    /// <summary>One where the result is to be Parquet; null where it is not.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="folder">Folder of the result.</param>
    /// <exception cref="ConfigurationException">It cannot be written.</exception>
    public static ParquetRows? Of(SweepPlan plan, string folder)
    {
        if (!plan.KeepsColumns)
        {
            return null;
        }

        try
        {
            return new ParquetRows(plan, folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{Path.Combine(folder, plan.File.ResultName)}: cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Adds a block. Blocks come in the order of their rows.</summary>
    /// <param name="bytes">The block, as <see cref="ColumnBlock"/> wrote it.</param>
    /// <exception cref="ConfigurationException">It cannot be written.</exception>
    public void Add(ReadOnlyMemory<byte> bytes)
    {
        block.Load(bytes);
        for (int first = 0; first < block.Rows;)
        {
            if (rows.Take(bytes, block.Rows, ref first))
            {
                EndGroup();
            }
        }
    }

    /// <summary>Ends the file and gives it its name.</summary>
    /// <exception cref="ConfigurationException">It cannot be written.</exception>
    public void End(string path)
    {
        if (rows.Rows > 0 || !hasGroup)
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

        // Stopped, or failed: what there is of the file goes, even what a full disk has no room for; what was thrown before says why.
        ((IAsyncResult)pending).AsyncWaitHandle.WaitOne();
        try
        {
            stream.Dispose();
        }
        catch (IOException)
        {
            stream.SafeFileHandle.Dispose();
        }

        File.Delete(temporary);
    }

    /// <summary>Hands the group at hand to a thread of its own once the one before is written, and begins another.</summary>
    private void EndGroup()
    {
        Writing(() => pending.GetAwaiter().GetResult());
        GroupBlocks full = rows;
        pending = Task.Run(() => groups.Write(full));
        (rows, others, hasGroup) = (others, rows, true);
        rows.Clear();
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

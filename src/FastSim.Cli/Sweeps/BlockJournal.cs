using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Sweeps;

/// <summary>What is done of a sweep.</summary>
/// <param name="Blocks">Blocks.</param>
/// <param name="Bytes">Bytes of the result that hold them.</param>
/// <param name="Rows">Rows of the result.</param>
/// <param name="Feasible">Rows that have a plan.</param>
internal readonly record struct SweepProgress(long Blocks, long Bytes, long Rows, long Feasible);

/// <summary>
/// The growing result of a sweep, and beside it a journal of the blocks it holds. A block counts once its line stands in the journal, so
/// whatever moment a process dies at, what is done can be told from what is torn.
/// </summary>
internal sealed class BlockJournal : IDisposable
{
    private const int FieldsPerLine = 10;

    private readonly FileStream data;
    private readonly FileStream journal;
    private readonly string dataPath;
    private readonly string journalPath;

    private BlockJournal(FileStream data, FileStream journal, SweepProgress progress, SweepTally tally)
    {
        this.data = data;
        this.journal = journal;
        dataPath = data.Name;
        journalPath = journal.Name;
        Progress = progress;
        Tally = tally;
    }

    /// <summary>What is done.</summary>
    public SweepProgress Progress { get; private set; }

    /// <summary>Candidates of what is done.</summary>
    public SweepTally Tally { get; }

    /// <summary>Path of the growing result.</summary>
    public static string DataPath(string folder) => Path.Combine(folder, "sweep_result.partial");

    /// <summary>Path of its journal.</summary>
    public static string JournalPath(string folder) => Path.Combine(folder, "sweep_result.journal");

    /// <summary>Mark of the sweep that a folder holds unfinished; null when there is none, or one that had not come to its first line.</summary>
    public static string? FingerprintIn(string folder)
    {
        string path = JournalPath(folder);
        if (!File.Exists(path))
        {
            return null;
        }

        string[] lines = WholeLines(File.ReadAllText(path));
        return lines.Length > 1 && TryParse(lines[1], out _, out _) ? lines[0] : null;
    }

    /// <summary>Starts a result.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="fingerprint">Mark of the sweep.</param>
    /// <param name="header">The result's first line.</param>
    public static BlockJournal Start(string folder, string fingerprint, byte[] header)
    {
        FileStream data = Open(DataPath(folder), FileMode.Create);
        FileStream journal = Open(JournalPath(folder), FileMode.Create);
        BlockJournal started = new(data, journal, new SweepProgress(0, header.Length, 0, 0), new SweepTally());
        try
        {
            data.Write(header);
            data.Flush();
            journal.Write(System.Text.Encoding.UTF8.GetBytes($"{fingerprint}\n"));
            started.WriteLine();
            return started;
        }
        catch (IOException exception)
        {
            started.Dispose();
            throw new ConfigurationException($"{DataPath(folder)}: cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Goes on with a result, dropping what its journal does not vouch for.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="result">The finished result, if it came to that.</param>
    /// <exception cref="ConfigurationException">The folder's files are not what a sweep leaves.</exception>
    public static BlockJournal Resume(string folder, string result)
    {
        string path = JournalPath(folder);
        string text = File.ReadAllText(path);
        SweepProgress progress = default;
        SweepTally tally = new();
        bool isFound = false;
        int end = text.LastIndexOf('\n') + 1;
        string[] lines = WholeLines(text);
        for (int line = lines.Length - 1; line > 0 && !isFound; line--)
        {
            isFound = TryParse(lines[line], out progress, out tally);
        }

        if (isFound && !File.Exists(DataPath(folder)) && File.Exists(result) && new FileInfo(result).Length == progress.Bytes)
        {
            // The process died between naming the result and removing the journal.
            File.Move(result, DataPath(folder));
        }

        if (!isFound || !File.Exists(DataPath(folder)) || new FileInfo(DataPath(folder)).Length < progress.Bytes)
        {
            throw new ConfigurationException($"{path}: found a journal that does not fit its result; expected one that a sweep left (--restart begins again)");
        }

        FileStream data = Open(DataPath(folder), FileMode.Open);
        data.SetLength(progress.Bytes);
        data.Seek(0, SeekOrigin.End);
        FileStream journal = Open(path, FileMode.Open);
        journal.SetLength(System.Text.Encoding.UTF8.GetByteCount(text.AsSpan(0, end)));
        journal.Seek(0, SeekOrigin.End);
        return new BlockJournal(data, journal, progress, tally);
    }

    /// <summary>Adds a block: first its rows, then the line that vouches for them.</summary>
    public void Add(BlockAnswers answers)
    {
        try
        {
            data.Write(answers.Rows);
            data.Flush();
            Progress = new SweepProgress(Progress.Blocks + 1, Progress.Bytes + answers.Rows.Length, Progress.Rows + answers.Count, Progress.Feasible + answers.Feasible);
            Tally.Add(answers.Tally);
            WriteLine();
        }
        catch (IOException exception)
        {
            throw new ConfigurationException($"{dataPath}: cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Adds the rows of a finished shard.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="headerBytes">Bytes of the header that each begins with.</param>
    public void Append(BlockJournal shard, int headerBytes)
    {
        try
        {
            using FileStream rows = new(shard.dataPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            rows.Seek(headerBytes, SeekOrigin.Begin);
            rows.CopyTo(data);
            Progress = new SweepProgress(
                Progress.Blocks + shard.Progress.Blocks,
                Progress.Bytes + shard.Progress.Bytes - headerBytes,
                Progress.Rows + shard.Progress.Rows,
                Progress.Feasible + shard.Progress.Feasible);
            Tally.Add(shard.Tally);
            WriteLine();
        }
        catch (IOException exception)
        {
            throw new ConfigurationException($"{dataPath}: cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Removes the journal and the growing result, when the results stand.</summary>
    public void Remove()
    {
        Dispose();
        OutputFile.Remove(journalPath);
        OutputFile.Remove(dataPath);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        data.Dispose();
        journal.Dispose();
    }

    /// <summary>A last line without its end is torn.</summary>
    private static string[] WholeLines(string text) => text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private void WriteLine()
    {
        journal.Write(System.Text.Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{Progress.Blocks},{Progress.Bytes},{Progress.Rows},{Progress.Feasible},{Tally.Covered:R},{Tally.Indivisible:R},{Tally.TooLarge:R},{Tally.TooSlow:R},{Tally.Evaluated:R},end\n")));
        journal.Flush();
    }

    private static bool TryParse(string line, out SweepProgress progress, out SweepTally tally)
    {
        string[] fields = line.Split(',');
        progress = default;
        tally = new SweepTally();
        if (fields.Length != FieldsPerLine || fields[^1] != "end")
        {
            return false;
        }

        long[] whole = new long[4];
        double[] numbers = new double[5];
        for (int field = 0; field < FieldsPerLine - 1; field++)
        {
            bool isNumber = field < whole.Length
                ? long.TryParse(fields[field], CultureInfo.InvariantCulture, out whole[field])
                : double.TryParse(fields[field], CultureInfo.InvariantCulture, out numbers[field - whole.Length]);
            if (!isNumber)
            {
                return false;
            }
        }

        progress = new SweepProgress(whole[0], whole[1], whole[2], whole[3]);
        tally.Count(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
        return true;
    }

    private static FileStream Open(string path, FileMode mode)
    {
        try
        {
            return new FileStream(path, mode, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path}: cannot be written: {exception.Message}", exception);
        }
    }
}

using System.Globalization;
using System.IO.Hashing;
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
/// whatever moment a process dies at, what is done can be told from what is torn. Each line ends in a checksum of its rows, of itself and
/// of the line before (XXH3, 128 bits): what was damaged since is found, and done again from there.
/// </summary>
internal sealed class BlockJournal : IDisposable
{
    private const int FieldsPerLine = 11;
    private const int CopyBytes = 1 << 16;

    private readonly FileStream data;
    private readonly FileStream journal;
    private readonly string dataPath;
    private readonly string journalPath;
    private byte[] checksum;

    private BlockJournal(FileStream data, FileStream journal, SweepProgress progress, SweepTally tally, byte[] checksum)
    {
        this.checksum = checksum;
        this.data = data;
        this.journal = journal;
        dataPath = data.Name;
        journalPath = journal.Name;
        Progress = progress;
        Tally = tally;
    }

    /// <summary>What is done.</summary>
    public SweepProgress Progress { get; private set; }

    /// <summary>Lines of the journal that do not fit their rows any more, and so do not count.</summary>
    public int Damaged { get; private init; }

    /// <summary>Candidates of what is done.</summary>
    public SweepTally Tally { get; }

    /// <summary>Path of the growing result.</summary>
    public static string DataPath(string folder) => Path.Combine(folder, "sweep_result.partial");

    /// <summary>Path of its journal.</summary>
    public static string JournalPath(string folder) => Path.Combine(folder, "sweep_result.journal");

    /// <summary>What stands before the rows: of a CSV its first line.</summary>
    public static byte[] HeaderOf(SweepPlan plan) => plan.KeepsColumns ? ColumnFile.Header(plan) : RowWriter.Header(plan);

    /// <summary>Mark of the sweep that a folder holds unfinished; null when there is none, or one that had not come to its first line.</summary>
    public static string? FingerprintIn(string folder)
    {
        string path = JournalPath(folder);
        if (!File.Exists(path))
        {
            return null;
        }

        OutputFile.Check(path);
        string[] lines = WholeLines(File.ReadAllText(path));
        return lines.Length > 1 ? lines[0] : null;
    }

    /// <summary>
    /// Whether a folder's journal, whose mark is none of a sweep, is that of another sweep: where its first lines and the beginning of its result fit each other, which a mark that was damaged,
    /// or was made otherwise, does not; where there is no result, unless its first line was written under the mark of the sweep.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="fingerprint">Mark of the sweep.</param>
    /// <param name="header">What stands before its rows.</param>
    public static bool IsOfAnother(string folder, string fingerprint, byte[] header)
    {
        string[] lines = WholeLines(File.ReadAllText(JournalPath(folder)));
        return File.Exists(DataPath(folder))
            ? SoundLines(lines, DataPath(folder), out _, out _, out _) > 0
            : !TryParse(lines[1], out SweepProgress first, out SweepTally tally, out string stated) || Checksum(FirstChecksum(fingerprint), header, Fields(first, tally)) != stated;
    }

    /// <summary>Starts a result.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="fingerprint">Mark of the sweep.</param>
    /// <param name="header">What stands before the rows.</param>
    public static BlockJournal Start(string folder, string fingerprint, byte[] header)
    {
        FileStream data = Open(DataPath(folder), FileMode.Create);
        FileStream journal = Open(JournalPath(folder), FileMode.Create);
        BlockJournal started = new(data, journal, new SweepProgress(0, header.Length, 0, 0), new SweepTally(), FirstChecksum(fingerprint));
        try
        {
            data.Write(header);
            data.Flush();
            journal.Write(System.Text.Encoding.UTF8.GetBytes($"{fingerprint}\n"));
            XxHash128 hash = started.Chain();
            hash.Append(header);
            started.WriteLine(hash);
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
        string[] lines = WholeLines(File.ReadAllText(path));
        SweepProgress last = default;
        for (int line = lines.Length - 1; line > 0 && !TryParse(lines[line], out last, out _, out _); line--)
        {
            last = default;
        }

        if (last.Bytes > 0 && !File.Exists(DataPath(folder)) && File.Exists(result) && new FileInfo(result).Length == last.Bytes)
        {
            // The process died between naming the result and removing the journal.
            File.Move(result, DataPath(folder));
        }

        int sound = SoundLines(lines, DataPath(folder), out SweepProgress progress, out SweepTally tally, out byte[] checksum);
        if (sound == 0)
        {
            throw new ConfigurationException($"{path}: found a journal that does not fit its result; expected one that a sweep left (--restart begins again)");
        }

        FileStream data = Open(DataPath(folder), FileMode.Open);
        data.SetLength(progress.Bytes);
        data.Seek(0, SeekOrigin.End);
        FileStream journal = Open(path, FileMode.Open);
        journal.SetLength(lines.Take(sound + 1).Sum(line => (long)System.Text.Encoding.UTF8.GetByteCount(line) + 1));
        journal.Seek(0, SeekOrigin.End);
        return new BlockJournal(data, journal, progress, tally, checksum) { Damaged = lines.Length - 1 - sound };
    }

    /// <summary>How many lines after the first fit their rows, up to the first that does not.</summary>
    private static int SoundLines(string[] lines, string dataPath, out SweepProgress progress, out SweepTally tally, out byte[] checksum)
    {
        progress = default;
        tally = new SweepTally();
        checksum = FirstChecksum(lines[0]);
        if (!File.Exists(dataPath))
        {
            return 0;
        }

        OutputFile.Check(dataPath);
        using FileStream data = new(dataPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] buffer = new byte[CopyBytes];
        int sound = 0;
        while (sound + 1 < lines.Length
            && TryParse(lines[sound + 1], out SweepProgress next, out SweepTally nextTally, out string stated)
            && next.Bytes >= progress.Bytes && next.Bytes <= data.Length)
        {
            XxHash128 hash = new();
            hash.Append(checksum);
            long left = next.Bytes - progress.Bytes;
            while (left > 0)
            {
                int some = data.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
                if (some == 0)
                {
                    return sound;
                }

                hash.Append(buffer.AsSpan(0, some));
                left -= some;
            }

            hash.Append(System.Text.Encoding.UTF8.GetBytes(Fields(next, nextTally)));
            byte[] found = hash.GetCurrentHash();
            if (Convert.ToHexStringLower(found) != stated)
            {
                return sound;
            }

            (progress, tally, checksum) = (next, nextTally, found);
            sound++;
        }

        return sound;
    }

    /// <summary>Adds a block: first its rows, then the line that vouches for them.</summary>
    public void Add(BlockAnswers answers)
    {
        try
        {
            data.Write(answers.Rows.Span);
            data.Flush();
            Progress = new SweepProgress(Progress.Blocks + 1, Progress.Bytes + answers.Rows.Length, Progress.Rows + answers.Count, Progress.Feasible + answers.Feasible);
            Tally.Add(answers.Tally);
            XxHash128 hash = Chain();
            hash.Append(answers.Rows.Span);
            WriteLine(hash);
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
            XxHash128 hash = Chain();
            byte[] buffer = new byte[CopyBytes];
            for (int some = rows.Read(buffer); some > 0; some = rows.Read(buffer))
            {
                data.Write(buffer, 0, some);
                hash.Append(buffer.AsSpan(0, some));
            }

            Progress = new SweepProgress(
                Progress.Blocks + shard.Progress.Blocks,
                Progress.Bytes + shard.Progress.Bytes - headerBytes,
                Progress.Rows + shard.Progress.Rows,
                Progress.Feasible + shard.Progress.Feasible);
            Tally.Add(shard.Tally);
            WriteLine(hash);
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

    private static string Checksum(byte[] before, byte[] rows, string fields)
    {
        XxHash128 hash = new();
        hash.Append(before);
        hash.Append(rows);
        hash.Append(System.Text.Encoding.UTF8.GetBytes(fields));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static byte[] FirstChecksum(string fingerprint) => XxHash128.Hash(System.Text.Encoding.UTF8.GetBytes(fingerprint));

    /// <summary>A checksum that goes on from the last line's.</summary>
    private XxHash128 Chain()
    {
        XxHash128 hash = new();
        hash.Append(checksum);
        return hash;
    }

    private static string Fields(SweepProgress progress, SweepTally tally) => string.Create(
        CultureInfo.InvariantCulture,
        $"{progress.Blocks},{progress.Bytes},{progress.Rows},{progress.Feasible},{tally.Covered:R},{tally.Indivisible:R},{tally.TooLarge:R},{tally.TooSlow:R},{tally.Evaluated:R}");

    private void WriteLine(XxHash128 hash)
    {
        string fields = Fields(Progress, Tally);
        hash.Append(System.Text.Encoding.UTF8.GetBytes(fields));
        checksum = hash.GetCurrentHash();
        journal.Write(System.Text.Encoding.UTF8.GetBytes($"{fields},{Convert.ToHexStringLower(checksum)},end\n"));
        journal.Flush();
    }

    private static bool TryParse(string line, out SweepProgress progress, out SweepTally tally, out string checksum)
    {
        string[] fields = line.Split(',');
        progress = default;
        tally = new SweepTally();
        checksum = "";
        if (fields.Length != FieldsPerLine || fields[^1] != "end")
        {
            return false;
        }

        checksum = fields[^2];

        long[] whole = new long[4];
        double[] numbers = new double[5];
        for (int field = 0; field < FieldsPerLine - 2; field++)
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
        OutputFile.Check(path);
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

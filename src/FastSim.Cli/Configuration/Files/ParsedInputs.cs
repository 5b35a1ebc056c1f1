namespace FastSim.Cli.Configuration;

/// <summary>
/// Models and systems as they were read, for questions that come one after another: each is read again when a file that it was read from has
/// changed, or one that would have been read has come. Serves any number of threads.
/// </summary>
internal sealed class ParsedInputs
{
    private const int MostEntries = 256;

    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly Queue<string> order = [];
    private readonly Lock gate = new();

    /// <summary>What a key stands for, read when it is not known.</summary>
    /// <param name="key">All that decides what is read, but for the content of files.</param>
    /// <param name="place">How messages name where it stands: warnings of one place are none of another.</param>
    /// <param name="findings">Where to put warnings, those of earlier readings too.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="keeps">Whether what was read may be kept.</param>
    public T Get<T>(string key, string place, Findings findings, Func<Findings, T> read, Func<T, bool> keeps)
        where T : class
    {
        CommandFiles files = CommandFiles.Current;
        string whole = $"{typeof(T).Name}\0{findings.AllowUnknownKeys}\0{key}";
        if (Known(whole) is { } known && (known.Place == place || known.Findings.NamesNoPlace) && AreStill(known.Files, files))
        {
            findings.Take(known.Findings);
            return (T)known.Value;
        }

        Findings own = new(findings.AllowUnknownKeys);
        T value = files.Trace(() => read(own), out List<FileStamp>? stamps);
        findings.Take(own);
        if (stamps is not null && keeps(value))
        {
            Keep(whole, new Entry(value, place, own, stamps));
        }

        return value;
    }

    /// <summary>Whether no file changed; then they are inputs of the command at hand as if it had read them.</summary>
    private static bool AreStill(List<FileStamp> stamps, CommandFiles files)
    {
        FileIdentity[] now = new FileIdentity[stamps.Count];
        for (int index = 0; index < now.Length; index++)
        {
            now[index] = FileIdentity.Of(stamps[index].Path);
            if (now[index] != stamps[index].Found)
            {
                return false;
            }
        }

        for (int index = 0; index < now.Length; index++)
        {
            if (now[index].Kind == FileKind.Absent)
            {
                files.Missed(stamps[index].Path);
                continue;
            }

            files.Read(stamps[index].Path, now[index]);
        }

        return true;
    }

    private Entry? Known(string key)
    {
        lock (gate)
        {
            return entries.GetValueOrDefault(key);
        }
    }

    private void Keep(string key, Entry entry)
    {
        lock (gate)
        {
            if (!entries.ContainsKey(key))
            {
                order.Enqueue(key);
            }

            entries[key] = entry;
            if (order.Count > MostEntries)
            {
                entries.Remove(order.Dequeue());
            }
        }
    }

    private sealed record Entry(object Value, string Place, Findings Findings, List<FileStamp> Files);
}

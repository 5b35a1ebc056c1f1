using System.Text.Json;

namespace FastSim.Cli.Configuration;

/// <summary>
/// The files that the command at hand read and wrote. It goes with the flow of the command's work, threads and all, so that no reader or
/// writer can forget it: an output is held against every input, whoever read it.
/// </summary>
internal sealed class CommandFiles
{
    private static readonly AsyncLocal<CommandFiles?> Flow = new();

    private readonly Dictionary<string, string> inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> pipes = new(StringComparer.Ordinal);
    private readonly List<Trail> trails = [];
    private readonly Lock gate = new();
    private readonly GivenInputs? given;

    private CommandFiles(GivenInputs? given) => this.given = given;

    /// <summary>Begins a command: nothing is read yet.</summary>
    /// <param name="given">What is given in place of files; null for nothing.</param>
    public static void Begin(GivenInputs? given = null) => Flow.Value = new CommandFiles(given);

    /// <summary>Those of the command at hand.</summary>
    public static CommandFiles Current => Flow.Value ??= new CommandFiles(null);

    /// <summary>Models and systems that earlier questions of one program read; null where each command is a process.</summary>
    public ParsedInputs? Parsed => given?.Parsed;

    /// <summary>Whether a document is given under a name.</summary>
    public bool IsGiven(string path) => given is not null && given.Documents.ContainsKey(path);

    /// <summary>The document that is given under a name; null where none is.</summary>
    public JsonElement? Given(string path)
    {
        if (given is null || !given.Documents.TryGetValue(path, out JsonElement document))
        {
            return null;
        }

        lock (gate)
        {
            // What is read of it cannot be known again by the name.
            trails.ForEach(trail => trail.IsOfFilesAlone = false);
        }

        return document;
    }

    /// <summary>Notes an input.</summary>
    public void Read(string path, FileIdentity identity)
    {
        lock (gate)
        {
            inputs.TryAdd(identity.Mark, path);
            foreach (Trail trail in trails)
            {
                trail.IsOfFilesAlone &= identity.Kind == FileKind.Regular;
                trail.Files.Add(FileStamp.Of(path, identity));
            }
        }
    }

    /// <summary>Notes a file that would have been read, were it there.</summary>
    public void Missed(string path)
    {
        lock (gate)
        {
            trails.ForEach(trail => trail.Files.Add(FileStamp.Missing(path)));
        }
    }

    /// <summary>Reads, and tells of which files; null where it was not of files alone.</summary>
    public T Trace<T>(Func<T> read, out List<FileStamp>? files)
    {
        Trail trail = new();
        lock (gate)
        {
            trails.Add(trail);
        }

        try
        {
            T value = read();
            files = trail.IsOfFilesAlone ? trail.Files : null;
            return value;
        }
        finally
        {
            lock (gate)
            {
                trails.Remove(trail);
            }
        }
    }

    /// <summary>The input that a file is; null when it is none.</summary>
    public string? InputAt(FileIdentity identity)
    {
        lock (gate)
        {
            return identity.Mark.Length > 0 ? inputs.GetValueOrDefault(identity.Mark) : null;
        }
    }

    /// <summary>Notes an output under one of the command's options; false when another option names the same file.</summary>
    public bool Claim(string path, string option)
    {
        FileIdentity folder = FileIdentity.Of(Path.GetDirectoryName(Path.GetFullPath(path))!);
        lock (gate)
        {
            string key = $"{folder.Mark}/{Path.GetFileName(path)}";
            return outputs.TryAdd(key, option) || outputs[key] == option;
        }
    }

    /// <summary>What a pipe gave: it can be read but once.</summary>
    public byte[] Pipe(string path, Func<byte[]> read)
    {
        lock (gate)
        {
            if (!pipes.TryGetValue(path, out byte[]? content))
            {
                content = read();
                pipes[path] = content;
            }

            return content;
        }
    }

    /// <summary>What is read from a moment on.</summary>
    private sealed class Trail
    {
        public List<FileStamp> Files { get; } = [];

        public bool IsOfFilesAlone { get; set; } = true;
    }
}

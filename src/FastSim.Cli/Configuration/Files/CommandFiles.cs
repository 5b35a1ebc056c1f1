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
    private readonly Lock gate = new();

    private CommandFiles()
    {
    }

    /// <summary>Begins a command: nothing is read yet.</summary>
    public static void Begin() => Flow.Value = new CommandFiles();

    /// <summary>Those of the command at hand.</summary>
    public static CommandFiles Current => Flow.Value ??= new CommandFiles();

    /// <summary>Notes an input.</summary>
    public void Read(string path, FileIdentity identity)
    {
        lock (gate)
        {
            inputs.TryAdd(identity.Mark, path);
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
}

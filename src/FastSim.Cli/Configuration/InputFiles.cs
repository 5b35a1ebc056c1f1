namespace FastSim.Cli.Configuration;

/// <summary>A model or system that a runtime names, or holds itself.</summary>
/// <param name="File">Its file, or the runtime that holds it, as messages name it.</param>
/// <param name="Held">The value that the runtime holds; null where it is a file.</param>
internal readonly record struct InputSource(string File, JsonValue? Held);

/// <summary>Finds the files a runtime names, and reads each once.</summary>
/// <typeparam name="T">What a file describes.</typeparam>
/// <param name="runtimeFile">The runtime.</param>
/// <param name="what">A file, in words.</param>
/// <param name="load">Reads one.</param>
/// <param name="folder">Folder of such files in the program's data.</param>
/// <param name="nearest">Which of some paths come near to a name.</param>
/// <param name="inFolder">The file that a folder stands for; null where a folder stands for none.</param>
internal sealed class InputFiles<T>(
    string runtimeFile, string what, Func<InputSource, T> load, string folder, Func<string, IEnumerable<string>, int, string[]> nearest, string? inFolder = null)
{
    private const int MostNear = 3;

    private readonly Dictionary<string, T> loaded = new(StringComparer.Ordinal);
    private string? runtimeFolder;

    /// <summary>Asked where a path leads nowhere from the working directory.</summary>
    private string RuntimeFolder => runtimeFolder ??= Path.GetDirectoryName(Path.GetFullPath(runtimeFile))!;

    /// <summary>Reads the file that a value names, against the working directory, then against the runtime file's folder; or the value, where it is an object.</summary>
    public T Get(JsonValue value)
    {
        if (value.Element.ValueKind == System.Text.Json.JsonValueKind.Object)
        {
            return load(new InputSource(value.File, value));
        }

        string name = value.Text($"the path of {what}, or its content: an object");
        string file = Find(value, name);
        if (!loaded.TryGetValue(file, out T? description))
        {
            description = load(new InputSource(file, null));
            loaded[file] = description;
        }

        return description;
    }

    private string Find(JsonValue value, string name)
    {
        if (Existing(name) is { } direct)
        {
            return direct;
        }

        string besideRuntime = Path.Combine(RuntimeFolder, name);
        if (Existing(besideRuntime) is { } beside)
        {
            string full = Path.GetFullPath(beside);
            string relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), full);
            return relative.Length < full.Length ? relative : full;
        }

        bool isFolder = Directory.Exists(name) || Directory.Exists(besideRuntime);
        string found = isFolder ? "that is a folder" : "there is no such file";
        throw value.Complaint(
            $"the path of {what}, from the working directory or the runtime file's folder; {found}",
            isFolder ? [] : Near(name, besideRuntime));
    }

    /// <summary>The file that a path means, if it is there: itself, or the one that its folder stands for.</summary>
    private string? Existing(string path)
    {
        if (InputFile.Exists(path))
        {
            return path;
        }

        return inFolder is not null && File.Exists(Path.Combine(path, inFolder)) ? Path.Combine(path, inFolder) : null;
    }

    /// <summary>Near names where the file should be; where none is near, those of the folders that come with the program or beside the runtime.</summary>
    private string[] Near(string name, string besideRuntime)
    {
        string[] siblings = nearest(Path.GetFileName(name), Siblings(name, besideRuntime), MostNear);
        return siblings.Length > 0
            ? siblings
            : nearest(
                Path.GetFileName(name),
                [
                    .. new[] { Path.Combine("data", folder), Path.Combine(RuntimeFolder, folder), Path.Combine(RuntimeFolder, "..", folder), Path.Combine(RuntimeFolder, "data", folder) }
                        .Select(each => Path.GetRelativePath(Directory.GetCurrentDirectory(), each))
                        .Distinct()
                        .Where(Directory.Exists)
                        .SelectMany(JsonFiles.In)
                        .DistinctBy(Path.GetFileName),
                ],
                MostNear);
    }

    /// <summary>Other JSON files of the folders where a file should be.</summary>
    private string[] Siblings(string name, string besideRuntime) =>
    [
        .. new[] { Path.GetDirectoryName(Path.GetFullPath(name))!, Path.GetDirectoryName(Path.GetFullPath(besideRuntime))! }
            .Distinct()
            .SelectMany(JsonFiles.In)
            .Where(file => Path.GetFullPath(file) != Path.GetFullPath(runtimeFile))
            .Select(file => Path.GetFileName(file))
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];
}

namespace FastSim.Cli.Configuration;

/// <summary>Finds the files a runtime names, and reads each once.</summary>
/// <typeparam name="T">What a file describes.</typeparam>
internal sealed class InputFiles<T>(string runtimeFile, string what, Func<string, T> load)
{
    private readonly Dictionary<string, T> loaded = new(StringComparer.Ordinal);
    private readonly string runtimeFolder = Path.GetDirectoryName(Path.GetFullPath(runtimeFile))!;

    /// <summary>Reads the file that a value names: against the working directory, then against the runtime file's folder.</summary>
    public T Get(JsonValue value)
    {
        string name = value.Text($"the path of {what}");
        string file = Find(value, name);
        if (!loaded.TryGetValue(file, out T? description))
        {
            description = load(file);
            loaded[file] = description;
        }

        return description;
    }

    private string Find(JsonValue value, string name)
    {
        if (File.Exists(name))
        {
            return name;
        }

        string besideRuntime = Path.Combine(runtimeFolder, name);
        if (File.Exists(besideRuntime))
        {
            string full = Path.GetFullPath(besideRuntime);
            string relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), full);
            return relative.Length < full.Length ? relative : full;
        }

        string found = Directory.Exists(name) || Directory.Exists(besideRuntime) ? "that is a folder" : "there is no such file";
        throw value.Complaint(
            $"the path of {what}, from the working directory or the runtime file's folder; {found}",
            NearestName.Of(Path.GetFileName(name), Siblings(Path.GetDirectoryName(besideRuntime)!)));
    }

    /// <summary>Other JSON files of a folder; none where it cannot be listed.</summary>
    private string[] Siblings(string folder)
    {
        try
        {
            return Directory.EnumerateFiles(folder, "*.json")
                .Where(file => Path.GetFullPath(file) != Path.GetFullPath(runtimeFile))
                .Select(file => Path.GetFileName(file))
                .Order(StringComparer.Ordinal)
                .ToArray();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }
}

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

        string folder = Path.GetDirectoryName(besideRuntime)!;
        IEnumerable<string> siblings = Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.json").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)
            : [];
        throw value.Complaint(
            $"the path of {what}, from the working directory or the runtime file's folder; there is no such file",
            NearestName.Of(Path.GetFileName(name), siblings));
    }
}

namespace FastSim.Cli.Configuration;

/// <summary>Finds a file that the command line names.</summary>
internal static class NamedFile
{
    private const int MostNear = 3;

    private static readonly string[] DataFolders = [Path.Combine("data", "systems"), Path.Combine("data", "models")];

    /// <summary>The file, or the one that its folder stands for; otherwise an error with the near names.</summary>
    /// <param name="name">The name as the user wrote it.</param>
    /// <param name="what">A file, in words.</param>
    /// <param name="inFolder">The file that a folder stands for; null where a folder stands for none.</param>
    /// <exception cref="ConfigurationException">There is no such file.</exception>
    public static string Find(string name, string what, string? inFolder)
    {
        if (File.Exists(name))
        {
            return name;
        }

        if (Directory.Exists(name))
        {
            string? within = inFolder is null ? null : Path.Combine(name, inFolder);
            return within is not null && File.Exists(within)
                ? within
                : throw new ConfigurationException($"{name}: found a folder{(inFolder is null ? "" : $" without a {inFolder}")}; expected {what}");
        }

        string[] near = NearestName.Several(Path.GetFileName(name), Siblings(name), MostNear);
        throw new ConfigurationException($"{name}: found no such file; expected {what}{ConfigurationException.Suggestion(near)}");
    }

    /// <summary>
    /// JSON files of the folder where the file should be; for a bare name also those that come with the program's data. None where a
    /// folder cannot be listed.
    /// </summary>
    private static string[] Siblings(string name)
    {
        string own = Path.GetDirectoryName(name) ?? "";
        string[] folders = own.Length == 0 ? ["", .. DataFolders] : [own];
        return [.. folders.SelectMany(JsonFiles).Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> JsonFiles(string folder)
    {
        try
        {
            return Directory.GetFiles(folder.Length == 0 ? "." : folder, "*.json").Select(file => Path.Combine(folder, Path.GetFileName(file)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }
}

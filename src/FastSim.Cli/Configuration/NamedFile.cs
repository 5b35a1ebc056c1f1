namespace FastSim.Cli.Configuration;

/// <summary>Finds a file that the command line names.</summary>
internal static class NamedFile
{
    private const int MostNear = 3;

    /// <summary>A system's file; otherwise an error with the near names.</summary>
    /// <param name="name">The name as the user wrote it.</param>
    /// <exception cref="ConfigurationException">There is no such file.</exception>
    public static string System(string name) => Find(name, "a system file", inFolder: null, "systems", NearestChip.Several);

    /// <summary>A model's file, or the one that its folder stands for; otherwise an error with the near names.</summary>
    /// <param name="name">The name as the user wrote it.</param>
    /// <param name="what">The file, in words.</param>
    /// <exception cref="ConfigurationException">There is no such file.</exception>
    public static string Model(string name, string what) => Find(name, what, ModelFile.InFolder, "models", NearestModel.Several);

    private static string Find(string name, string what, string? inFolder, string data, Func<string, IEnumerable<string>, int, string[]> nearest)
    {
        if (InputFile.Exists(name))
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

        // Those of the folder where the file should be go before those that come with the program's data.
        string own = Path.GetDirectoryName(name) ?? "";
        string[] near = nearest(Path.GetFileName(name), Listed(own), MostNear);
        near = near.Length > 0 ? near : nearest(Path.GetFileName(name), Listed(Path.Combine("data", data)), MostNear);
        throw new ConfigurationException($"{name}: found no such file; expected {what}{(inFolder is not null && near.Length == 0 && IsHubName(name) ? NotDownloaded(name) : ConfigurationException.Suggestion(near))}");
    }

    /// <summary>Whether a name reads as a hub's, owner and model.</summary>
    private static bool IsHubName(string name) =>
        name.Split('/') is [{ Length: > 0 } owner, { Length: > 0 }] && !name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && !Directory.Exists(owner) && owner.Trim('.').Length > 0;

    private static string NotDownloaded(string name) => $"; nothing is downloaded: save config.json of huggingface.co/{name}, and name that file";

    /// <summary>JSON files of a folder, as a user would name them.</summary>
    private static IEnumerable<string> Listed(string folder) =>
        JsonFiles.In(folder.Length == 0 ? "." : folder).Select(file => Path.Combine(folder, Path.GetFileName(file)));
}

using FastSim.Cli.Configuration;

namespace FastSim.Cli.Planning;

/// <summary>Finds a chip's file by its name, in the folders a user names, in <c>data/systems</c>, and in what comes with the program.</summary>
internal static class ChipFinder
{
    private const string Ending = ".json";
    private const int MostNear = 3;

    /// <summary>The file of a chip.</summary>
    /// <param name="name">Its name, or the path of its file.</param>
    /// <param name="folders">Folders of the user's own.</param>
    /// <exception cref="ConfigurationException">There is no such chip, or no such folder.</exception>
    public static string Find(string name, IReadOnlyList<string> folders)
    {
        if (name.EndsWith(Ending, StringComparison.OrdinalIgnoreCase))
        {
            return NamedFile.System(name);
        }

        if (folders.FirstOrDefault(folder => !Directory.Exists(folder)) is { } missing)
        {
            throw new ConfigurationException($"--systems: found {missing}, which is no folder; expected a folder of system files");
        }

        string[] files = [.. folders.Append(Path.Combine("data", "systems")).Append(Path.Combine(AppContext.BaseDirectory, "data", "systems")).SelectMany(JsonFiles.In)];
        return Array.Find(files, file => Stem(file).Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ConfigurationException(
                $"--chip: found {name}; expected the name of a chip, {string.Join(", ", files.Select(Stem).Distinct().Order(StringComparer.Ordinal))}, or the path of a system file"
                + ConfigurationException.Suggestion([.. NearestChip.Several(name, files.Select(Stem).Distinct(), MostNear)]));
    }

    private static string Stem(string file) => Path.GetFileNameWithoutExtension(file);
}

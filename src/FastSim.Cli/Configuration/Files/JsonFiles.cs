namespace FastSim.Cli.Configuration;

/// <summary>JSON files of a folder.</summary>
internal static class JsonFiles
{
    /// <summary>Their paths, in the order of their names; none where the folder cannot be listed.</summary>
    /// <param name="folder">The folder.</param>
    public static string[] In(string folder)
    {
        try
        {
            return [.. Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }
}

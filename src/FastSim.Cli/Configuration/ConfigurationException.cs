namespace FastSim.Cli.Configuration;

/// <summary>Input that cannot be used. The message is all a user needs: file, JSON path, what was found, what was expected.</summary>
public class ConfigurationException : Exception
{
    /// <summary>An empty complaint.</summary>
    public ConfigurationException()
    {
    }

    /// <summary>A complaint in full.</summary>
    public ConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>A complaint in full, with its cause.</summary>
    public ConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A complaint about a value.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">JSON path of the value.</param>
    /// <param name="found">What is there.</param>
    /// <param name="expected">What should be.</param>
    /// <param name="nearest">The nearest valid name, if one is near.</param>
    public static ConfigurationException At(string file, string path, string found, string expected, string? nearest = null)
    {
        return At(file, path, found, expected, nearest is null ? [] : [nearest]);
    }

    /// <summary>A complaint about a value.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">JSON path of the value.</param>
    /// <param name="found">What is there.</param>
    /// <param name="expected">What should be.</param>
    /// <param name="nearest">The nearest valid names, if some are near.</param>
    internal static ConfigurationException At(string file, string path, string found, string expected, ReadOnlySpan<string> nearest) =>
        new($"{file}: {path}: found {found}; expected {expected}{Suggestion(nearest)}");

    /// <summary>A question after the nearest valid names; nothing where none is near.</summary>
    internal static string Suggestion(ReadOnlySpan<string> nearest) =>
        nearest.Length == 0 ? "" : $"; did you mean \"{string.Join("\" or \"", nearest!)}\"?";
}

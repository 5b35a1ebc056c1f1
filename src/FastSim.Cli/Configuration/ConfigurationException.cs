namespace FastSim.Cli.Configuration;

/// <summary>Input that cannot be used. The message is all a user needs: file, JSON path, what was found, what was expected.</summary>
public sealed class ConfigurationException : Exception
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
        string suggestion = nearest is null ? "" : $"; did you mean \"{nearest}\"?";
        return new ConfigurationException($"{file}: {path}: found {found}; expected {expected}{suggestion}");
    }
}

namespace FastSim.Cli.Commands;

/// <summary>
/// Whether the streams that a process is started with are there. Where a shell closed one at the start, its number goes to a pipe that the
/// runtime keeps for itself: what is written there does not reach anyone, or upsets the runtime.
/// </summary>
internal static class StandardStreams
{
    /// <summary>Number of the stream of results.</summary>
    public const int Output = 1;

    /// <summary>Number of the stream of warnings and errors.</summary>
    public const int Error = 2;

    private const string Descriptors = "/proc/self/fd";

    /// <summary>Whether a stream is open for writing, and no pipe whose other end is this process too.</summary>
    public static bool IsOpen(int number)
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists(Descriptors))
        {
            return true;
        }

        string? target = TargetOf($"{Descriptors}/{number}");
        if (target is null || IsReadOnly(number))
        {
            return false;
        }

        return !target.StartsWith("pipe:", StringComparison.Ordinal)
            || !Directory.GetFiles(Descriptors).Any(other => TargetOf(other) == target && int.TryParse(Path.GetFileName(other), out int its) && IsReadOnly(its));
    }

    private static string? TargetOf(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The last digit of the flags, which are octal, is how a descriptor was opened: 0 for reading alone.</summary>
    private static bool IsReadOnly(int number)
    {
        try
        {
            string? flags = File.ReadLines($"/proc/self/fdinfo/{number}").FirstOrDefault(line => line.StartsWith("flags:", StringComparison.Ordinal));
            return flags is not null && (flags[^1] - '0') % 4 == 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

namespace FastSim.Cli.Commands;

/// <summary>Which streams take colour.</summary>
/// <param name="Output">Whether results do.</param>
/// <param name="Error">Whether warnings and errors do.</param>
public sealed record StreamColours(bool Output, bool Error)
{
    private const string Red = "\u001b[31m";
    private const string Yellow = "\u001b[33m";
    private const string Plain = "\u001b[0m";

    /// <summary>Neither.</summary>
    public static StreamColours None { get; } = new(false, false);

    /// <summary>The program's own: those that are terminals, unless the environment says otherwise.</summary>
    public static StreamColours OfProcess()
    {
        bool isWelcome = AreWelcome(Environment.GetEnvironmentVariable("NO_COLOR"), Environment.GetEnvironmentVariable("TERM"));
        return new StreamColours(isWelcome && !Console.IsOutputRedirected, isWelcome && !Console.IsErrorRedirected);
    }

    /// <summary>Whether a terminal is to show colour.</summary>
    /// <param name="noColor">The variable NO_COLOR: whatever stands in it, no colour.</param>
    /// <param name="terminal">The variable TERM: a terminal called dumb shows none.</param>
    public static bool AreWelcome(string? noColor, string? terminal) => string.IsNullOrEmpty(noColor) && terminal != "dumb";

    internal string Warning(string text) => Error ? $"{Yellow}{text}{Plain}" : text;

    internal string Failure(string text) => Error ? $"{Red}{text}{Plain}" : text;
}

using System.CommandLine;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Manual;

/// <summary>What shells offer for an option whose value need not be one of some words: names of chips beside files, for one.</summary>
internal static class Offered
{
    /// <summary>Name of a value that is a list of words.</summary>
    public const string List = "clock,…";

    /// <summary>Offers words.</summary>
    /// <param name="option">The option.</param>
    /// <param name="words">The words.</param>
    /// <returns>The option.</returns>
    public static Option<T> Offers<T>(this Option<T> option, IEnumerable<string> words)
    {
        string[] all = [.. words];
        option.CompletionSources.Add(_ => all.Select(word => new System.CommandLine.Completions.CompletionItem(word)));
        return option;
    }

    /// <summary>Names of the chips that come with the program.</summary>
    public static IEnumerable<string> Chips => JsonFiles.In(Path.Combine(AppContext.BaseDirectory, "data", "systems"))
        .Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal);
}

using System.Text.RegularExpressions;

namespace FastSim.Cli.Configuration;

/// <summary>
/// Guesses which model a misspelt name stands for. Numbers in a model's name are its generation and size, so a name with other numbers is
/// another model: Qwen2.5-32B is no misspelt Qwen3-32B.
/// </summary>
internal static partial class NearestModel
{
    /// <summary>The nearest candidates: those that hold the name, else those the fewest edits away whose numbers are the same.</summary>
    /// <param name="name">The name.</param>
    /// <param name="candidates">Names of models, or their files.</param>
    /// <param name="most">Most to name.</param>
    public static string[] Several(string name, IEnumerable<string> candidates, int most)
    {
        string[] all = [.. candidates];
        string own = WithoutOwner(name);
        string[] holding = [.. all.Where(candidate => own.Length > 2 && IsWithin(own, WithoutOwner(candidate))).Take(most)];
        return holding.Length > 0 ? holding : NearestName.Several(name, all.Where(candidate => Numbers(candidate).SequenceEqual(Numbers(name))), most);
    }

    /// <summary>Whether a name is a whole part of another: what follows is no further digit of a number.</summary>
    private static bool IsWithin(string name, string candidate)
    {
        int at = candidate.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        return at >= 0
            && (at == 0 || !char.IsAsciiLetterOrDigit(candidate[at - 1]))
            && (at + name.Length == candidate.Length || !(char.IsAsciiDigit(candidate[at + name.Length]) || candidate[at + name.Length] == '.'));
    }

    private static string WithoutOwner(string name)
    {
        string file = name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? name[..^".json".Length] : name;
        return file.Split('/')[^1].Split("--")[^1];
    }

    private static IEnumerable<string> Numbers(string name) => Number().Matches(WithoutOwner(name)).Select(match => match.Value);

    [GeneratedRegex(@"[0-9]+(\.[0-9]+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}

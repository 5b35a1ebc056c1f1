using Quickenshtein;

namespace FastSim.Cli.Configuration;

/// <summary>Guesses which name a misspelt one stands for.</summary>
internal static class NearestName
{
    /// <summary>The candidate with the fewest edits, or null when none is near; the first of equals.</summary>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        string? nearest = null;
        int fewest = (name.Length / 3) + 2;
        foreach (string candidate in candidates)
        {
            int edits = Levenshtein.GetDistance(name.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (edits < fewest)
            {
                fewest = edits;
                nearest = candidate;
            }
        }

        return nearest;
    }
}

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

    /// <summary>
    /// The nearest candidates, at most <paramref name="most"/>: those that hold the name or begin as it does, then those a few edits away.
    /// </summary>
    public static string[] Several(string name, IEnumerable<string> candidates, int most)
    {
        string stem = Path.GetFileNameWithoutExtension(name).ToUpperInvariant();
        return
        [
            .. candidates
                .Select(candidate => (Candidate: candidate, Edits: Distance(stem, Path.GetFileNameWithoutExtension(candidate).ToUpperInvariant())))
                .Where(near => near.Edits < (stem.Length / 3) + 2)
                .OrderBy(near => near.Edits)
                .ThenBy(near => near.Candidate, StringComparer.Ordinal)
                .Take(most)
                .Select(near => near.Candidate),
        ];
    }

    /// <summary>Edits between two names; none but the difference's share where one holds the other.</summary>
    private static double Distance(string name, string candidate) =>
        name.Length > 1 && candidate.Contains(name, StringComparison.Ordinal)
            ? 1 - ((double)name.Length / candidate.Length)
            : Levenshtein.GetDistance(name, candidate);
}

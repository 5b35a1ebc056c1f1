using Quickenshtein;

namespace FastSim.Cli.Configuration;

/// <summary>Guesses which name a misspelt one stands for.</summary>
internal static class NearestName
{
    /// <summary>Edits are counted letter by letter: what is longer than any name is none that was misspelt.</summary>
    private const int LongestName = 256;

    /// <summary>The candidate with the fewest edits, or null when none is near; the first of equals.</summary>
    /// <param name="name">The name.</param>
    /// <param name="candidates">What it may stand for.</param>
    /// <param name="most">Most edits that are near; by the name's length without it.</param>
    public static string? Of(string name, IEnumerable<string> candidates, int? most = null)
    {
        if (name.Length > LongestName)
        {
            return null;
        }

        string? nearest = null;
        int fewest = most + 1 ?? (name.Length / 3) + 2;
        foreach (string candidate in candidates.Where(candidate => candidate.Length <= LongestName))
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

    /// <summary>The nearest candidates, at most <paramref name="most"/>: those that hold the name, else those the fewest edits away.</summary>
    public static string[] Several(string name, IEnumerable<string> candidates, int most)
    {
        if (name.Length > LongestName)
        {
            return [];
        }

        string stem = Stem(name);
        (string Candidate, double Edits)[] near =
        [
            .. candidates
                .Where(candidate => candidate.Length <= LongestName)
                .Select(candidate => (Candidate: candidate, Edits: Distance(stem, Stem(candidate))))
                .Where(candidate => candidate.Edits < (stem.Length / 3) + 2)
                .OrderBy(candidate => candidate.Edits)
                .ThenBy(candidate => candidate.Candidate, StringComparer.Ordinal),
        ];
        return near.Length == 0
            ? []
            : [.. near.Where(candidate => Math.Floor(candidate.Edits) == Math.Floor(near[0].Edits)).Take(most).Select(candidate => candidate.Candidate)];
    }

    private static string Stem(string name) => Path.GetFileNameWithoutExtension(name).ToUpperInvariant();

    /// <summary>Edits to a name, or to the part before its first separator; less than one where the candidate holds the name.</summary>
    private static double Distance(string name, string candidate)
    {
        if (name.Length > 1 && candidate.Contains(name, StringComparison.Ordinal))
        {
            return 1 - ((double)name.Length / candidate.Length);
        }

        int separator = candidate.AsSpan().IndexOfAny('_', '-');
        int whole = Levenshtein.GetDistance(name, candidate);
        return separator > 0 ? Math.Min(whole, Levenshtein.GetDistance(name, candidate[..separator])) : whole;
    }
}

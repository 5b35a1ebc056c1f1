namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>Shell patterns as Python's <c>fnmatch</c> has them: <c>*</c>, <c>?</c> and <c>[…]</c>, on the whole text, points included.</summary>
internal static class Glob
{
    private const string Wildcards = "*?[";

    /// <summary>Whether a text is more than a name.</summary>
    public static bool IsOne(string text) => text.AsSpan().ContainsAny(Wildcards);

    /// <summary>Whether a text matches, in time of at most their lengths' product.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int at = 0;
        int place = 0;
        int star = -1;
        int afterStar = 0;
        while (place < text.Length)
        {
            int width = at < pattern.Length && pattern[at] != '*' ? Single(pattern[at..], text[place]) : 0;
            if (width > 0)
            {
                at += width;
                place++;
            }
            else if (at < pattern.Length && pattern[at] == '*')
            {
                star = at++;
                afterStar = place;
            }
            else if (star >= 0)
            {
                at = star + 1;
                place = ++afterStar;
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].TrimStart('*').IsEmpty;
    }

    /// <summary>Characters of the pattern that stand for one character of the text; 0 where they do not.</summary>
    private static int Single(ReadOnlySpan<char> pattern, char character)
    {
        if (pattern[0] == '?')
        {
            return 1;
        }

        // A bracket right after the opening one, or after its negation, is one of the set.
        int negation = pattern.Length > 1 && pattern[0] == '[' && pattern[1] == '!' ? 1 : 0;
        int close = pattern[0] == '[' && pattern.Length > negation + 2 ? pattern[(negation + 2)..].IndexOf(']') : -1;
        if (close < 0)
        {
            return pattern[0] == character ? 1 : 0;
        }

        ReadOnlySpan<char> set = pattern[(negation + 1)..(negation + 2 + close)];
        return Holds(set, character) == (negation == 0) ? negation + close + 3 : 0;
    }

    private static bool Holds(ReadOnlySpan<char> set, char character)
    {
        for (int index = 0; index < set.Length; index++)
        {
            bool isRange = index + 2 < set.Length && set[index + 1] == '-';
            if (isRange ? set[index] <= character && character <= set[index + 2] : set[index] == character)
            {
                return true;
            }

            index += isRange ? 2 : 0;
        }

        return false;
    }
}

using FastSim.Cli.Configuration;

namespace FastSim.Cli.Sweeps;

/// <summary>
/// How large an expression may be. The library that evaluates it calls itself once a term and once a parenthesis; a stack that overflows
/// ends the process, so both are counted before it is parsed.
/// </summary>
internal static class FormulaLimits
{
    private const int MostTerms = 1000;
    private const int MostDepth = 64;
    private const int MostLetters = 20_000;
    private const int LongestQuote = 60;

    /// <summary>Refuses an expression that is too large.</summary>
    /// <param name="source">The file.</param>
    /// <param name="key">The key it stands under.</param>
    /// <param name="text">The expression.</param>
    /// <exception cref="ConfigurationException">It is.</exception>
    public static void Check(string source, string key, string text)
    {
        (int terms, int depth) = Measure(text);
        string? found = text.Length > MostLetters ? $"{text.Length} letters" : null;
        found ??= terms > MostTerms ? $"{terms} names, numbers and operators" : null;
        found ??= depth > MostDepth ? $"parentheses {depth} deep" : null;
        if (found is not null)
        {
            string quote = text.Length <= LongestQuote ? text : $"{text[..LongestQuote]}…";
            throw new ConfigurationException(
                $"{source}: {key}: found {found} in {quote}; expected an expression of at most {MostTerms} names, numbers and operators, {MostDepth} parentheses deep and {MostLetters} letters");
        }
    }

    /// <summary>Words and signs, and the deepest nesting of brackets of any kind.</summary>
    private static (int Terms, int Depth) Measure(string text)
    {
        int terms = 0;
        int depth = 0;
        int deepest = 0;
        bool inWord = false;
        foreach (char letter in text)
        {
            bool isWord = char.IsLetterOrDigit(letter) || letter is '_' or '.';
            if (!char.IsWhiteSpace(letter) && !(isWord && inWord))
            {
                terms++;
            }

            inWord = isWord;
            depth += letter is '(' or '[' or '{' ? 1 : letter is ')' or ']' or '}' ? -1 : 0;
            deepest = Math.Max(deepest, depth);
        }

        return (terms, deepest);
    }
}

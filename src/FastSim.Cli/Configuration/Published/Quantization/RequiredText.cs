using System.Text;

namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>The longest text that whatever matches a pattern is sure to hold; empty where nothing is sure.</summary>
internal static class RequiredText
{
    /// <summary>Of a shell pattern: the longest run without wildcards.</summary>
    public static string OfShellPattern(string pattern)
    {
        string longest = "";
        foreach (string run in pattern.Split('*', '?'))
        {
            // What may be a set of characters is left out, and all after it.
            int set = run.IndexOf('[', StringComparison.Ordinal);
            string sure = set < 0 ? run : run[..set];
            longest = sure.Length > longest.Length ? sure : longest;
            if (set >= 0)
            {
                break;
            }
        }

        return longest;
    }

    /// <summary>Of a regular expression: the longest run outside of groups and sets that no quantifier makes optional.</summary>
    public static string OfExpression(string expression)
    {
        string longest = "";
        StringBuilder run = new();
        for (int index = 0; index < expression.Length; index++)
        {
            char character = expression[index];
            switch (character)
            {
                case '|':
                    return "";
                case '(' when expression.AsSpan(index).StartsWith("(?") && !expression.AsSpan(index).StartsWith("(?:"):
                    // Options, looks ahead and behind: nothing outside is sure to mean itself.
                    return "";
                case '(' or '[':
                    longest = Longer(longest, run);
                    index = End(expression, index);
                    break;
                case '*' or '?' or '{':
                    run.Length = Math.Max(run.Length - 1, 0);
                    longest = Longer(longest, run);
                    index = character == '{' ? Math.Max(expression.IndexOf('}', index), index) : index;
                    break;
                case '\\' when index + 1 < expression.Length && !char.IsAsciiLetterOrDigit(expression[index + 1]):
                    run.Append(expression[++index]);
                    break;
                case '\\' when index + 1 < expression.Length && "xuUN0123456789".Contains(expression[index + 1], StringComparison.Ordinal):
                    // A character by number or name, or a group again.
                    return "";
                case '\\':
                    longest = Longer(longest, run);
                    index++;
                    break;
                case '.' or '^' or '$' or '+' or ')' or ']':
                    longest = Longer(longest, run);
                    break;
                default:
                    run.Append(character);
                    break;
            }
        }

        return Longer(longest, run);
    }

    private static string Longer(string longest, StringBuilder run)
    {
        string found = run.Length > longest.Length ? run.ToString() : longest;
        run.Clear();
        return found;
    }

    /// <summary>Where a group or set ends.</summary>
    private static int End(string expression, int start)
    {
        int depth = 0;
        bool inSet = false;
        for (int index = start; index < expression.Length; index++)
        {
            switch (expression[index])
            {
                case '\\':
                    index++;
                    break;
                case '[' when !inSet:
                    inSet = true;

                    // A bracket right after the opening one, or after its negation, is one of the set.
                    index += index + 1 < expression.Length && expression[index + 1] == '^' ? 1 : 0;
                    index += index + 1 < expression.Length && expression[index + 1] == ']' ? 1 : 0;
                    break;
                case ']' when inSet:
                    inSet = false;
                    break;
                case '(' when !inSet:
                    depth++;
                    break;
                case ')' when !inSet:
                    depth--;
                    break;
                default:
                    break;
            }

            if (depth == 0 && !inSet)
            {
                return index;
            }
        }

        return expression.Length;
    }
}

using System.Text;

namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>
/// Regular expressions that say no more than a shell pattern can: text, escaped points, any character, any run. Quantizers list hundreds
/// of them, and a shell pattern costs nothing to build.
/// </summary>
internal static class PlainExpression
{
    /// <summary>What means something in an expression, or would in a shell pattern; backslash, point and closing dollar are read here.</summary>
    private const string Special = "*+?[](){}|^$#";

    /// <summary>The shell pattern of the whole name that matches the same names; null where the expression is more.</summary>
    /// <param name="expression">The expression, of names without line breaks.</param>
    /// <param name="fromStart">Whether it matches from the start, or anywhere.</param>
    public static string? AsShellPattern(string expression, bool fromStart)
    {
        int index = expression.StartsWith('^') ? 1 : 0;
        StringBuilder pattern = new(fromStart || index > 0 ? "" : "*");
        for (; index < expression.Length; index++)
        {
            char character = expression[index];
            if (character == '$' && index == expression.Length - 1)
            {
                return pattern.ToString();
            }

            char next = index + 1 < expression.Length ? expression[index + 1] : '\0';
            switch (character)
            {
                case '.' when next is '*' or '+':
                    pattern.Append(next == '+' ? "?*" : "*");
                    index++;
                    break;
                case '.':
                    pattern.Append('?');
                    break;
                case '\\' when next is '.' or '-' or '/':
                    pattern.Append(next);
                    index++;
                    break;
                case '\\':
                    return null;
                default:
                    if (Special.Contains(character, StringComparison.Ordinal) || char.IsWhiteSpace(character))
                    {
                        return null;
                    }

                    pattern.Append(character);
                    continue;
            }
        }

        return pattern.Append('*').ToString();
    }
}

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace FastSim.Cli.Configuration;

/// <summary>Text that stays on its line, whatever a user's file or a library put into it.</summary>
internal static partial class OneLine
{
    private const int Longest = 2000;

    /// <summary>
    /// A message: line ends and blanks are one blank each, other control characters and halves of characters are escaped, the names of
    /// parameters that .NET adds go, and what is too long to read is cut.
    /// </summary>
    public static string Of(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        string plain = ParameterName().Replace(message, "");
        StringBuilder line = new(Math.Min(plain.Length, Longest + 1));
        bool isBlank = false;
        foreach (Rune rune in plain.EnumerateRunes())
        {
            if (line.Length >= Longest)
            {
                return line.Append('…').ToString();
            }

            bool breaks = rune.Value is '\n' or '\r' or '\t' or '\v' or '\f' or 0x85 or 0x2028 or 0x2029;
            if (breaks)
            {
                // Two line ends, or one after a blank, are no more than one.
                isBlank = line.Length > 0;
                continue;
            }

            if (isBlank && rune.Value != ' ' && line[^1] != ' ')
            {
                line.Append(' ');
            }

            isBlank = false;
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format && rune.Value != 0x200D)
            {
                line.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
            else
            {
                line.Append(rune.ToString());
            }
        }

        return line.ToString();
    }

    [GeneratedRegex(@"\s*\(Parameter '[^']*'\)", RegexOptions.CultureInvariant)]
    private static partial Regex ParameterName();
}

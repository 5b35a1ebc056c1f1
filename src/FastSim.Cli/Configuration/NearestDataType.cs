using System.Globalization;
using System.Text.RegularExpressions;

namespace FastSim.Cli.Configuration;

/// <summary>Guesses which data type a word from elsewhere stands for: bf16, half, e4m3 or i8 are spelt otherwise here.</summary>
internal static partial class NearestDataType
{
    private static readonly Dictionary<string, (bool IsFloat, int Bits)> Nicknames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["half"] = (true, 16),
        ["single"] = (true, 32),
        ["double"] = (true, 64),
        ["e4m3"] = (true, 8),
        ["e5m2"] = (true, 8),
        ["e2m1"] = (true, 4),
        ["w8a8"] = (false, 8),
    };

    /// <summary>The candidate of the same kind of number and width; where none is, the one with the fewest edits whose digits are the same; null where there is none either.</summary>
    public static string? Of(string word, IEnumerable<string> candidates)
    {
        string[] all = [.. candidates];
        string[] same = Several(word, all);
        return same.Length > 0 ? same[0] : NearestName.Of(word, all.Where(candidate => Digits(candidate) == Digits(word)));
    }

    /// <summary>The candidates of the same kind of number and width, the same name first.</summary>
    public static string[] Several(string word, IEnumerable<string> candidates) => Kind(word) is not { } wanted
        ? []
        :
        [
            .. candidates.Where(candidate => Kind(candidate) == wanted)
                .OrderBy(candidate => IsBrain(candidate) == IsBrain(word) ? 0 : 1)
                .ThenBy(candidate => candidate.Length)
                .Take(2),
        ];

    private static (bool IsFloat, int Bits)? Kind(string word)
    {
        if (Nicknames.TryGetValue(word.Split('_', '-')[0], out (bool, int) known))
        {
            return known;
        }

        Match match = Parts().Match(word);
        return match.Success && int.TryParse(match.Groups["bits"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int bits)
            ? (!match.Groups["integer"].Success, bits)
            : null;
    }

    private static bool IsBrain(string word) => word.StartsWith('b') || word.StartsWith('B');

    private static string Digits(string word) => string.Concat(word.Where(char.IsAsciiDigit));

    [GeneratedRegex("^(?:b?float|bf|fp|f|tf|nvfp|mxfp|hf|(?<integer>u?int|[iu]))[_-]?(?<bits>[0-9]{1,3})(?![0-9])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Parts();
}

using System.Globalization;
using System.Text.Json;

namespace FastSim.Cli.Configuration;

/// <summary>A JSON value that knows where it stands, so that every complaint names file and path.</summary>
internal readonly record struct JsonValue(string File, string Path, JsonElement Element)
{
    /// <summary>What JSON text has before a word that stood there without quotes: an escaped NUL character.</summary>
    public const string WordMark = "\\u0000";

    private const int LongestQuote = 60;
    private const int MostItems = 1_000_000;
    private const double SmallestNumber = 1e-30;
    private const double LargestNumber = 1e30;

    public bool IsNull => Element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>Whether a number is of a size that products of a few stay in the range of a double.</summary>
    public static bool IsWithinRange(double number) => number == 0 || Math.Abs(number) is >= SmallestNumber and <= LargestNumber;

    public ConfigurationException Complaint(string expected, string? nearest = null) =>
        ConfigurationException.At(File, Path.Length == 0 ? "$" : Path, Found(), expected, nearest);

    public ConfigurationException Complaint(string expected, ReadOnlySpan<string> nearest) =>
        ConfigurationException.At(File, Path.Length == 0 ? "$" : Path, Found(), expected, nearest);

    public string Text(string expected)
    {
        // A NUL character is in no name or path that anything could have; it also marks words that were no text (JsonText).
        string? text = Element.ValueKind == JsonValueKind.String ? Element.GetString() : null;
        return string.IsNullOrWhiteSpace(text) || text.Contains('\0', StringComparison.Ordinal) ? throw Complaint(expected) : text;
    }

    /// <summary>One of several words.</summary>
    public T Word<T>(string what, IReadOnlyDictionary<string, T> words)
    {
        string expected = $"{what}: {string.Join(", ", words.Keys)}";
        string word = Text(expected);
        return words.TryGetValue(word, out T? meaning) ? meaning : throw Complaint(expected, NearestName.Of(word, words.Keys));
    }

    public bool Boolean() => Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Complaint("true or false"),
    };

    public double Number(NumberRule rule)
    {
        if (Element.ValueKind != JsonValueKind.Number
            || !Element.TryGetDouble(out double number)
            || !double.IsFinite(number)
            || !rule.Accepts(number))
        {
            throw Complaint(rule.Expected);
        }

        // Far beyond anything physical, and small enough that no product of a few of them leaves the range of a double.
        return IsWithinRange(number)
            ? number
            : throw Complaint("a number of a size from 1e-30 to 1e30");
    }

    /// <summary>A whole number of at least, and at most.</summary>
    public int Integer(int least, int most = int.MaxValue)
    {
        bool isWhole = Element.ValueKind == JsonValueKind.Number && Element.TryGetDouble(out double number) && Math.Floor(number) == number;
        if (isWhole && Element.GetDouble() > most)
        {
            throw Complaint(string.Create(CultureInfo.InvariantCulture, $"an integer from {least} to {most}"));
        }

        return isWhole && Element.GetDouble() >= least
            ? (int)Element.GetDouble()
            : throw Complaint(string.Create(CultureInfo.InvariantCulture, $"an integer of at least {least}"));
    }

    /// <summary>The items of a list.</summary>
    public JsonValue[] List(string expected, int most = MostItems)
    {
        if (Element.ValueKind != JsonValueKind.Array)
        {
            throw Complaint(expected);
        }

        if (Element.GetArrayLength() > most)
        {
            throw ConfigurationException.At(
                File,
                Path.Length == 0 ? "$" : Path,
                string.Create(CultureInfo.InvariantCulture, $"a list of {Element.GetArrayLength()} items"),
                string.Create(CultureInfo.InvariantCulture, $"at most {most}"));
        }

        JsonValue self = this;
        return Element.EnumerateArray().Select((item, index) => self with { Path = $"{self.Path}[{index}]", Element = item }).ToArray();
    }

    /// <summary>The items of a list that has some.</summary>
    public JsonValue[] Items(string expected, int most = MostItems)
    {
        JsonValue[] items = List(expected, most);
        return items.Length == 0 ? throw Complaint(expected) : items;
    }

    /// <summary>The items of a list of a fixed length.</summary>
    public JsonValue[] Tuple(int length, string expected)
    {
        JsonValue[] items = List(expected);
        return items.Length == length ? items : throw Complaint(expected);
    }

    private string Found() => Element.ValueKind switch
    {
        JsonValueKind.Undefined => "nothing",
        JsonValueKind.Object => "an object",
        JsonValueKind.String when Element.GetString() is ['\0', 'N' or 'I' or '-', ..] word => word[1..],
        _ => Shorten(string.Join(' ', Element.GetRawText().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))),
    };

    private static string Shorten(string text) => text.Length <= LongestQuote ? text : text[..LongestQuote] + "…";
}

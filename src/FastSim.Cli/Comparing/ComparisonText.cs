using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;

namespace FastSim.Cli.Comparing;

/// <summary>What differs between two tables, for people and for programs.</summary>
internal static class ComparisonText
{
    /// <summary>Lines for people.</summary>
    /// <param name="comparison">What differs.</param>
    /// <param name="first">Name of the first table.</param>
    /// <param name="second">Name of the second table.</param>
    /// <param name="most">Lines of each kind at most.</param>
    public static IEnumerable<string> Lines(TableComparison comparison, string first, string second, int most)
    {
        foreach (CellChange throughout in comparison.Throughout)
        {
            yield return $"{throughout.Name}: {Text(throughout.First)} → {Text(throughout.Second)}, in all rows";
        }

        yield return Count(comparison);
        foreach (string line in Some([.. comparison.Moved.Select(Line)], most, "moved"))
        {
            yield return line;
        }

        foreach (string line in Some([.. comparison.Changed.Select(Line)], most, "changed"))
        {
            yield return line;
        }

        foreach (string line in Some([.. comparison.OnlyFirst.Select(name => $"{name}: in {first} alone")], most, "in the first alone"))
        {
            yield return line;
        }

        foreach (string line in Some([.. comparison.OnlySecond.Select(name => $"{name}: in {second} alone")], most, "in the second alone"))
        {
            yield return line;
        }
    }

    /// <summary>An object for programs.</summary>
    /// <param name="comparison">What differs.</param>
    /// <param name="first">File of the first table.</param>
    /// <param name="second">File of the second table.</param>
    public static string Json(TableComparison comparison, string first, string second) => IndentedJson.Object(json =>
    {
        json.WriteString("first", first);
        json.WriteString("second", second);
        json.WriteNumber("tolerance", comparison.Tolerance);
        json.WriteBoolean("withinTolerance", !comparison.IsBeyond);
        json.WriteNumber("compared", comparison.Compared);
        json.WriteNumber("movedWithinTolerance", comparison.Within);
        json.WriteObjects("inAllRows", comparison.Throughout, change =>
        {
            json.WriteString("of", change.Name);
            json.WriteString("first", change.First);
            json.WriteString("second", change.Second);
        });
        json.WriteObjects("moved", comparison.Moved, change =>
        {
            json.WriteString("of", change.Name);
            json.WriteNumber("first", change.Numbers!.Value.First);
            json.WriteNumber("second", change.Numbers.Value.Second);
            if (double.IsFinite(change.Change))
            {
                json.WriteNumber("change", change.Change);
            }
        });
        json.WriteObjects("changed", comparison.Changed, change =>
        {
            json.WriteString("of", change.Name);
            json.WriteString("first", change.First);
            json.WriteString("second", change.Second);
        });
        json.WriteTexts("onlyInFirst", comparison.OnlyFirst);
        json.WriteTexts("onlyInSecond", comparison.OnlySecond);
        json.WriteTexts("warnings", []);
    });

    private static string Count(TableComparison comparison)
    {
        List<string> parts = [];
        void Add(long count, string one, string several)
        {
            if (count > 0)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : several)}"));
            }
        }

        string tolerance = Percent(comparison.Tolerance);
        Add(comparison.Moved.Count, $"moved by more than {tolerance}", $"moved by more than {tolerance}");
        Add(comparison.Within, "moved by less", "moved by less");
        Add(comparison.Changed.Count, "text changed", "texts changed");
        Add(comparison.OnlyFirst.Count, "is in the first alone", "are in the first alone");
        Add(comparison.OnlySecond.Count, "is in the second alone", "are in the second alone");
        string what = parts.Count == 0 ? "none differs" : string.Join(", ", parts);
        return string.Create(CultureInfo.InvariantCulture, $"{comparison.Compared:N0} figures compared: {what}");
    }

    private static IEnumerable<string> Some(IReadOnlyList<string> lines, int most, string what)
    {
        foreach (string line in lines.Take(most))
        {
            yield return line;
        }

        if (lines.Count > most)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"… and {lines.Count - most:N0} more {what}");
        }
    }

    private static string Line(CellChange change)
    {
        if (change.Numbers is not { } numbers)
        {
            return $"{change.Name}: {Text(change.First)} → {Text(change.Second)}";
        }

        string by = double.IsFinite(change.Change) ? $"{(change.Change > 0 ? "+" : "")}{Percent(change.Change)}" : "from nothing";
        (string first, string second) = Apart(numbers.First, numbers.Second);
        return $"{change.Name}: {first} → {second}, {by}";
    }

    /// <summary>Two numbers with as many digits as people read, or as tell them apart.</summary>
    private static (string First, string Second) Apart(double first, double second)
    {
        const string Read = "G6";
        (string one, string two) = (first.ToString(Read, CultureInfo.InvariantCulture), second.ToString(Read, CultureInfo.InvariantCulture));
        return one == two ? (first.ToString("R", CultureInfo.InvariantCulture), second.ToString("R", CultureInfo.InvariantCulture)) : (one, two);
    }

    private static string Percent(double share)
    {
        double percent = 100 * share;
        string format = Math.Abs(percent) is >= 0.1 or 0 ? "0.#" : "G2";
        return $"{percent.ToString(format, CultureInfo.InvariantCulture)} %";
    }

    private static string Text(string text) => text.Length == 0 ? "nothing" : OneLine.Of(text);
}

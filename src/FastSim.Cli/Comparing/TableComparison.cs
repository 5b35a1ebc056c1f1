using System.Globalization;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Comparing;

/// <summary>A cell that two tables have, and differ in.</summary>
/// <param name="Name">What it is of, in words.</param>
/// <param name="First">As the first has it.</param>
/// <param name="Second">As the second has it.</param>
/// <param name="Numbers">Both as numbers; null where one is text or there is none.</param>
internal sealed record CellChange(string Name, string First, string Second, (double First, double Second)? Numbers)
{
    /// <summary>By how much the number moved, of the first; infinite where that is 0.</summary>
    public double Change => Numbers is { } numbers ? (numbers.Second - numbers.First) / Math.Abs(numbers.First) : double.NaN;
}

/// <summary>What differs between two tables of results.</summary>
internal sealed class TableComparison
{
    private readonly List<CellChange> moved = [];
    private readonly List<CellChange> changed = [];

    private TableComparison(double tolerance) => Tolerance = tolerance;

    /// <summary>Share of a number that it may move.</summary>
    public double Tolerance { get; }

    /// <summary>Numbers that moved by more, the furthest first.</summary>
    public IReadOnlyList<CellChange> Moved => moved;

    /// <summary>Texts that changed, and figures that one table lacks.</summary>
    public IReadOnlyList<CellChange> Changed => changed;

    /// <summary>Rows and columns that the first alone has.</summary>
    public IReadOnlyList<string> OnlyFirst { get; private set; } = [];

    /// <summary>Rows and columns that the second alone has.</summary>
    public IReadOnlyList<string> OnlySecond { get; private set; } = [];

    /// <summary>What every row of the one table is of and every row of the other is not: two chips, say.</summary>
    public IReadOnlyList<CellChange> Throughout { get; private set; } = [];

    /// <summary>Figures that were held against each other.</summary>
    public long Compared { get; private set; }

    /// <summary>Numbers that moved within the tolerance.</summary>
    public long Within { get; private set; }

    /// <summary>Whether anything differs by more than it may.</summary>
    public bool IsBeyond => moved.Count + changed.Count + OnlyFirst.Count + OnlySecond.Count > 0;

    /// <summary>Compares two tables, row by row of what they are of.</summary>
    /// <param name="first">The first.</param>
    /// <param name="second">The second.</param>
    /// <param name="tolerance">Share of a number that it may move.</param>
    /// <exception cref="ConfigurationException">They are not of one form.</exception>
    public static TableComparison Of(ComparedTable first, ComparedTable second, double tolerance)
    {
        if (first.Form != second.Form)
        {
            throw new ConfigurationException($"{second.File}: found a table of {second.Form}; expected one of {first.Form}, as {first.File} is");
        }

        if (!first.Keys.Order(StringComparer.Ordinal).SequenceEqual(second.Keys.Order(StringComparer.Ordinal)))
        {
            throw new ConfigurationException(
                $"{second.File}: found rows of {string.Join(", ", second.Keys)}; expected rows of {string.Join(", ", first.Keys)}, as {first.File} has");
        }

        TableComparison comparison = new(tolerance);
        comparison.Fill(first, second);
        return comparison;
    }

    private void Fill(ComparedTable first, ComparedTable second)
    {
        int[] places = Array.ConvertAll(first.Keys, key => Array.IndexOf(second.Keys, key));
        RowNames names = new(first, second, places);
        Throughout = names.Throughout;
        Dictionary<string, (ComparedRow Row, string Name)> others = new(StringComparer.Ordinal);
        foreach ((string key, ComparedRow row, string name) in names.Of(second, places))
        {
            others.Add(key, (row, name));
        }

        List<string> onlyFirst = [.. first.Figures.Except(second.Figures).Select(column => $"column {OneLine.Of(column)}")];
        List<string> onlySecond = [.. second.Figures.Except(first.Figures).Select(column => $"column {OneLine.Of(column)}")];
        (string Column, int First, int Second)[] columns =
        [
            .. first.Figures.Select((column, place) => (column, place, Array.IndexOf(second.Figures, column))).Where(column => column.Item3 >= 0),
        ];
        bool isRun = first.Form == "run";
        foreach ((string key, ComparedRow row, string name) in names.Of(first, [.. Enumerable.Range(0, places.Length)]))
        {
            if (!others.Remove(key, out (ComparedRow Row, string Name) other))
            {
                onlyFirst.Add($"row {name}");
                continue;
            }

            foreach ((string column, int at, int otherAt) in columns)
            {
                // A run's rows are figures, its columns runs; elsewhere it is the other way round.
                Compare(isRun || name.Length == 0 ? $"{name} {column}".Trim() : $"{column} of {name}", row.Figures[at], other.Row.Figures[otherAt]);
            }
        }

        onlySecond.AddRange(others.Values.Select(other => $"row {other.Name}"));
        OnlyFirst = onlyFirst;
        OnlySecond = onlySecond;
        moved.Sort((one, two) => Math.Abs(two.Change).CompareTo(Math.Abs(one.Change)) is not 0 and int order ? order : string.CompareOrdinal(one.Name, two.Name));
    }

    private void Compare(string name, string first, string second)
    {
        Compared++;
        if (first == second)
        {
            return;
        }

        if (Number(first) is not { } from || Number(second) is not { } to)
        {
            changed.Add(new CellChange(OneLine.Of(name), first, second, null));
            return;
        }

        if (from == to)
        {
            return;
        }

        if (Math.Abs(to - from) > Tolerance * Math.Abs(from))
        {
            moved.Add(new CellChange(OneLine.Of(name), first, second, (from, to)));
        }
        else
        {
            Within++;
        }
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}

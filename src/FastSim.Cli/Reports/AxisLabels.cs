using System.Globalization;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Reports;

/// <summary>What a page calls an axis and its steps. An axis whose steps are several values tied together shows all of them, such as <c>1000 / 50</c>.</summary>
internal static class AxisLabels
{
    private const int MostColumns = 3;

    /// <summary>Columns that a step is told by: all of a few; of many those that vary.</summary>
    public static IReadOnlyList<AxisColumn> Shown(SweepAxis axis) => axis.Columns.Count <= MostColumns
        ? axis.Columns
        : [.. axis.Columns.Where(column => column.Values.Distinct().Count() > 1)];

    /// <summary>Name of an axis.</summary>
    public static string NameOf(SweepAxis axis) => Shown(axis) is { Count: > 0 and <= MostColumns } columns
        ? string.Join(" / ", columns.Select((column, place) => place == 0 ? column.Name : column.Name[Shared(columns[0].Name, column.Name)..]))
        : $"variant of {axis.Label}";

    /// <summary>Name of an axis, and what its values are measured in.</summary>
    public static string WithUnit(SweepAxis axis) =>
        AxisUnits.Of(axis) is { Length: > 0 } unit && !NameOf(axis).EndsWith(unit, StringComparison.Ordinal) ? $"{NameOf(axis)}, {unit}" : NameOf(axis);

    /// <summary>Name of a step: its values, or its number where they are too many to read.</summary>
    public static string Of(SweepAxis axis, int step) => Shown(axis) is { Count: > 0 and <= MostColumns } columns
        ? string.Join(" / ", columns.Select(column => Labels.Of(column.Values[step])))
        : step.ToString(CultureInfo.InvariantCulture);

    /// <summary>How much of a path two names share, in whole keys and indices.</summary>
    private static int Shared(string one, string other)
    {
        int same = one.AsSpan().CommonPrefixLength(other);
        while (same > 0 && !(same < other.Length && other[same] is '[' or '.'))
        {
            same--;
        }

        return same;
    }
}

using System.Globalization;

namespace FastSim.Cli.Reports;

/// <summary>A cell of a page's table.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Value">The number behind it; null where it is none.</param>
internal readonly record struct PageCell(string Text, double? Value = null)
{
    /// <summary>A number.</summary>
    /// <param name="value">The number; NaN where there is none.</param>
    /// <param name="format">How it is written; as charts write it without one.</param>
    public static PageCell Of(double value, string? format = null) => double.IsFinite(value)
        ? new PageCell(format is null ? Labels.Of(value) : value.ToString(format, CultureInfo.InvariantCulture), value)
        : new PageCell("–");

    /// <summary>A text.</summary>
    public static implicit operator PageCell(string text) => new(text);
}

/// <summary>A table of a page.</summary>
/// <param name="Caption">What it holds.</param>
/// <param name="Header">Its columns.</param>
/// <param name="Rows">Its rows.</param>
internal sealed record PageTable(string Caption, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<PageCell>> Rows)
{
    /// <summary>The row that stands out; -1 for none.</summary>
    public int Best { get; init; } = -1;

    /// <summary>Whether, where there is little room, its columns from the sixth on stand below the first.</summary>
    public bool IsStacked { get; init; }
}

/// <summary>A picture of a page, and the table behind it.</summary>
/// <param name="Name">Its name in links and files.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Note">What a reader has to know; empty for nothing.</param>
/// <param name="Svg">The picture.</param>
/// <param name="Table">The same as a table.</param>
internal sealed record Plot(string Name, string Title, string Note, string Svg, PageTable Table);

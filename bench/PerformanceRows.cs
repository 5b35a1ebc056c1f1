using System.Globalization;
using System.Text;

namespace FastSim.Bench;

/// <summary>Rows of a table of docs/performance.md: what was measured, its ratio, the figures.</summary>
internal sealed class PerformanceRows
{
    private readonly StringBuilder text = new();

    /// <summary>A row.</summary>
    /// <param name="what">What is put in a ratio.</param>
    /// <param name="ratio">The ratio.</param>
    /// <param name="measured">Figures, with their units.</param>
    public void Add(string what, double ratio, string measured) =>
        text.Append(CultureInfo.InvariantCulture, $"| {what} | {Digits(ratio)} | {measured} |\n");

    /// <summary>Three digits, none of them beyond the point from a hundred on.</summary>
    public static string Digits(double value) => value.ToString(value >= 100 ? "N0" : value >= 10 ? "0.0" : value >= 1 ? "0.00" : "0.000", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override string ToString() => text.ToString();
}

namespace FastSim.Cli.Configuration;

/// <summary>Values that a sweep reports, one a step of their axis.</summary>
/// <param name="Name">Name in tables and expressions.</param>
/// <param name="Values">The values; null where the axis writes null.</param>
internal sealed record AxisColumn(string Name, double?[] Values);

/// <summary>A place that an axis drives.</summary>
/// <param name="Path">The place.</param>
/// <param name="Column">Which of the axis's columns.</param>
/// <param name="Factor">What its values are multiplied by.</param>
internal readonly record struct AxisTarget(SweepPath Path, int Column, double Factor);

/// <summary>One direction of a sweep: columns that move together, and the places they drive.</summary>
/// <param name="Label">How messages name it.</param>
/// <param name="Columns">Its columns; of one length.</param>
/// <param name="Targets">The places.</param>
internal sealed record SweepAxis(string Label, IReadOnlyList<AxisColumn> Columns, IReadOnlyList<AxisTarget> Targets)
{
    /// <summary>The table it was read from; null where it was not.</summary>
    public string? Table { get; init; }

    /// <summary>Steps of the axis.</summary>
    public int Count => Columns[0].Values.Length;

    /// <summary>What a target gets at a step.</summary>
    public double? ValueOf(AxisTarget target, int step) => Columns[target.Column].Values[step] * target.Factor;

    /// <summary>What the axis says at a step, for messages.</summary>
    public string Describe(int step) => string.Join(
        ", ",
        Columns.Select(column => string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"{column.Name} = {(column.Values[step] is { } value ? value.ToString("R", System.Globalization.CultureInfo.InvariantCulture) : "null")}")));
}

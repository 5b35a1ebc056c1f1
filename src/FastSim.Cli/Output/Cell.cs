using System.Globalization;

namespace FastSim.Cli.Output;

/// <summary>How a table prints a value: shortest round-trip numbers, invariant culture, <c>TRUE</c>/<c>FALSE</c>, nothing for a missing one.</summary>
internal static class Cell
{
    public const string Empty = "";

    public static string Of(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    public static string Of(int number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Of(double? number) => number is { } value ? Of(value) : Empty;

    public static string Of(bool flag) => flag ? "TRUE" : "FALSE";
}

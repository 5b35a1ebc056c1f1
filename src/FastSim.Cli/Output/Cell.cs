using System.Globalization;
using System.Runtime.CompilerServices;
using FastSim.Cli.Configuration;
using nietras.SeparatedValues;

namespace FastSim.Cli.Output;

/// <summary>
/// How a table prints a value: shortest round-trip numbers, invariant culture, <c>TRUE</c>/<c>FALSE</c>, nothing for a missing one. A number
/// that is none is refused; text that a spreadsheet would take for a formula has an apostrophe before it.
/// </summary>
internal static class Cell
{
    public const string Empty = "";

    public static string Of(double number, [CallerArgumentExpression(nameof(number))] string what = "") =>
        Finite(number, what).ToString("R", CultureInfo.InvariantCulture);

    public static string Of(int number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Of(double? number, [CallerArgumentExpression(nameof(number))] string what = "") => number is { } value ? Of(value, what) : Empty;

    /// <summary>A number; nothing where it is missing.</summary>
    /// <param name="number">The number; NaN where it is missing.</param>
    /// <param name="what">What it is, for the message.</param>
    /// <exception cref="ConfigurationException">It is infinite.</exception>
    public static string OrEmpty(double number, string what) => double.IsNaN(number) ? Empty : Of(number, what);

    public static string Of(bool flag) => flag ? "TRUE" : "FALSE";

    /// <summary>A number, if it is one.</summary>
    /// <param name="number">The number.</param>
    /// <param name="what">What it is, for the message.</param>
    /// <exception cref="ConfigurationException">It is infinite, or none.</exception>
    public static double Finite(double number, string what) => double.IsFinite(number)
        ? number
        : throw new ConfigurationException(
            $"{what}: found {(double.IsNaN(number) ? "no number" : "an infinite one")} among the results; expected input whose figures stay in the range of a double");

    /// <summary>
    /// Text of a cell. Spreadsheets run what starts with <c>=</c>, <c>+</c>, <c>-</c>, <c>@</c>, a tab or a return as a formula; an apostrophe makes
    /// it text to them. Numbers stay numbers.
    /// </summary>
    public static string Text(string text)
    {
        bool isSuspect = text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..];
        return isSuspect && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? $"'{text}" : text;
    }

    /// <summary>Sets a cell to a number; to nothing where it is missing.</summary>
    /// <param name="row">The row.</param>
    /// <param name="cell">Which cell.</param>
    /// <param name="value">The number; NaN where it is missing.</param>
    /// <param name="column">Name of the column, for the message.</param>
    /// <exception cref="ConfigurationException">It is infinite.</exception>
    public static void Set(SepWriter.Row row, int cell, double value, string column)
    {
        if (double.IsNaN(value))
        {
            row[cell].Set(Empty);
        }
        else
        {
            row[cell].Format(Finite(value, column));
        }
    }
}

using System.Globalization;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Calibration;

/// <summary>A column of measured times.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Microseconds">Microseconds of its unit.</param>
/// <param name="Failures">Where it is said how many rows of 0, which failed, are left out; null where 0 is an error.</param>
internal readonly record struct MeasuredTime(string Column, double Microseconds, Findings? Failures);

/// <summary>Rows of measured operators, grouped into kinds.</summary>
internal static class MeasuredRows
{
    /// <summary>Microseconds in a second.</summary>
    public const double MicrosecondsPerSecond = 1e6;

    private const double MicrosecondsPerMillisecond = 1e3;

    /// <summary>Column of the latency.</summary>
    public const string Latency = "latency";

    /// <summary>Milliseconds in that column, of which a 0 is a failed row.</summary>
    /// <param name="findings">Where warnings go.</param>
    public static MeasuredTime LatencyOrFailure(Findings findings) => new(Latency, MicrosecondsPerMillisecond, findings);

    /// <summary>Groups a table's rows by kind.</summary>
    /// <param name="table">The table.</param>
    /// <param name="kind">Kind of a row; null leaves it out.</param>
    /// <param name="number">Case of a row.</param>
    /// <param name="time">Where its time stands; null for <see cref="Latency"/> in milliseconds, each above 0.</param>
    /// <returns>Kinds in the order of their names, with cases and their microseconds.</returns>
    public static IEnumerable<(string Kind, List<(T Case, double Microseconds)> Cases)> ByKind<T>(
        MeasuredTable table, Func<int, string?> kind, Func<int, T> number, MeasuredTime? time = null)
    {
        MeasuredTime read = time ?? new MeasuredTime(Latency, MicrosecondsPerMillisecond, Failures: null);
        double[] latency = table.Numbers(read.Column);
        int failed = 0;
        SortedDictionary<string, List<(T, double)>> kinds = new(StringComparer.Ordinal);
        for (int row = 0; row < table.Rows; row++)
        {
            if (latency[row] == 0 && read.Failures is not null)
            {
                failed++;
                continue;
            }

            if (latency[row] <= 0)
            {
                throw ConfigurationException.At(
                    table.File,
                    string.Create(CultureInfo.InvariantCulture, $"row {row + 1}: {read.Column}"),
                    latency[row].ToString(CultureInfo.InvariantCulture),
                    read.Microseconds == 1 ? "microseconds above 0" : "milliseconds above 0");
            }

            if (kind(row) is { } name)
            {
                if (!kinds.TryGetValue(name, out List<(T, double)>? cases))
                {
                    kinds[name] = cases = [];
                }

                cases.Add((number(row), latency[row] * read.Microseconds));
            }
        }

        if (failed > 0)
        {
            read.Failures!.Warn(string.Create(CultureInfo.InvariantCulture, $"{table.File}: {read.Column}: {failed} rows of 0 left out, they failed"));
        }

        return kinds.Select(pair => (pair.Key, pair.Value));
    }

    /// <summary>Cases that were measured several times become one, of the median time.</summary>
    public static List<(T Case, double Microseconds)> Medians<T>(IEnumerable<(T Case, double Microseconds)> cases)
        where T : notnull =>
        [
            .. cases.GroupBy(pair => pair.Case).Select(group =>
            {
                double[] times = [.. group.Select(pair => pair.Microseconds).Order()];
                return (group.Key, (times[(times.Length - 1) / 2] + times[times.Length / 2]) / 2);
            }),
        ];

    /// <summary>Warns of rows that belong to no kind.</summary>
    /// <param name="table">The table.</param>
    /// <param name="column">Column that decides.</param>
    /// <param name="isKnown">Whether a value of it belongs to one.</param>
    /// <param name="findings">Where warnings go.</param>
    public static void WarnOfUnknown(MeasuredTable table, string column, Func<string, bool> isKnown, Findings findings)
    {
        foreach (IGrouping<string, string> group in table.Texts(column).Where(value => !isKnown(value)).GroupBy(value => value)
            .OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            findings.Warn(string.Create(
                CultureInfo.InvariantCulture, $"{table.File}: {column} {group.Key}: {group.Count()} rows left out, there is no timing of it"));
        }
    }
}

using System.Globalization;

namespace FastSim.Cli.Output;

/// <summary>Durations as people say them: the two units that matter.</summary>
public static class DurationText
{
    private const double SecondsPerMinute = 60;
    private const double SecondsPerHour = 60 * SecondsPerMinute;
    private const double SecondsPerDay = 24 * SecondsPerHour;
    private const double LongestDays = 10_000;

    /// <summary>A duration, such as <c>8 s</c>, <c>2 min 5 s</c>, <c>3 h 12 min</c> or <c>4 d 6 h</c>.</summary>
    /// <param name="seconds">The duration.</param>
    public static string Of(double seconds)
    {
        if (!(seconds < LongestDays * SecondsPerDay))
        {
            return "years";
        }

        // Whole seconds first, so that no part rounds up to a full unit.
        double whole = Math.Max(0, Math.Round(seconds));
        return whole switch
        {
            < SecondsPerMinute => Words(whole, 1, "s", 1, ""),
            < SecondsPerHour => Words(whole, SecondsPerMinute, "min", 1, "s"),
            < SecondsPerDay => Words(whole, SecondsPerHour, "h", SecondsPerMinute, "min"),
            _ => Words(whole, SecondsPerDay, "d", SecondsPerHour, "h"),
        };
    }

    private static string Words(double seconds, double large, string largeUnit, double small, string smallUnit)
    {
        double rest = Math.Floor(seconds % large / small);
        string first = string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / large):0} {largeUnit}");
        return rest > 0 && smallUnit.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $"{first} {rest:0} {smallUnit}") : first;
    }
}

using System.Globalization;

namespace FastSim.Cli.Reports;

/// <summary>Numbers as a chart writes them: four digits, no more.</summary>
internal static class Labels
{
    private const double LargestPlain = 1e6;
    private const double SmallestPlain = 1e-3;

    private static readonly int[] Digits = [1, 2, 5];

    /// <summary>A number.</summary>
    public static string Of(double? value)
    {
        if (value is not { } number || double.IsNaN(number))
        {
            return "none";
        }

        double size = Math.Abs(number);
        if (number != 0 && (size >= LargestPlain || size < SmallestPlain))
        {
            return number.ToString("0.###e0", CultureInfo.InvariantCulture);
        }

        return number.ToString(size >= 1000 ? "0" : size >= 100 ? "0.#" : size >= 10 ? "0.##" : "0.####", CultureInfo.InvariantCulture);
    }

    /// <summary>Round numbers that divide a range.</summary>
    public static IReadOnlyList<double> Ticks(double least, double most, int about = 5)
    {
        if (!(most > least) || !double.IsFinite(most - least))
        {
            return [least];
        }

        double raw = (most - least) / about;
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * ((raw / power) switch
        {
            < 1.5 => 1,
            < 3.5 => 2,
            < 7.5 => 5,
            _ => 10,
        });
        List<double> ticks = [];

        // Where numbers are so near that a step between them changes neither, there is no more than one to write.
        for (double tick = Math.Ceiling(least / step) * step; tick <= most + (step * 1e-9) && ticks.Count <= 2 * about; tick += step)
        {
            ticks.Add(Math.Abs(tick) < step * 1e-9 ? 0 : tick);
            if (tick + step == tick)
            {
                break;
            }
        }

        return ticks;
    }

    /// <summary>Round numbers of a range that spans powers of ten: 1, 2 and 5 of each, or 1 alone where there are many.</summary>
    public static IReadOnlyList<double> LogarithmicTicks(double least, double most)
    {
        double[] all =
        [
            .. Enumerable.Range((int)Math.Floor(Math.Log10(least)), (int)Math.Ceiling(Powers(least, most)) + 2)
                .SelectMany(power => Digits.Select(digit => digit * Math.Pow(10, power)))
                .Where(tick => tick >= least * (1 - 1e-9) && tick <= most * (1 + 1e-9)),
        ];
        const int Many = 9;
        const int Few = 3;
        if (all.Length < Few)
        {
            // Within less than a power of ten round numbers that are evenly apart say more.
            return [.. Ticks(least, most, Few + 1).Where(tick => tick > 0)];
        }

        return all.Length <= Many ? all : [.. all.Where(tick => Math.Abs(Math.Log10(tick) - Math.Round(Math.Log10(tick))) < 1e-6)];
    }

    /// <summary>Logarithm of a ratio of positive numbers, also where the ratio itself leaves the range of a double.</summary>
    public static double LogarithmOfRatio(double upper, double lower) =>
        double.IsInfinity(upper / lower) ? Math.Log(upper) - Math.Log(lower) : Math.Log(upper / lower);

    /// <summary>Powers of ten between two positive numbers.</summary>
    private static double Powers(double least, double most) =>
        double.IsInfinity(most / least) ? Math.Log10(most) - Math.Log10(least) : Math.Log10(most / least);

    /// <summary>Which of many steps to write a label at: at most some, evenly, the first always.</summary>
    public static IEnumerable<int> Spread(int steps, int most)
    {
        int every = Math.Max(1, (steps + most - 1) / most);
        for (int step = 0; step < steps; step += every)
        {
            yield return step;
        }
    }
}

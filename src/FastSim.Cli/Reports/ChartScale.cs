namespace FastSim.Cli.Reports;

/// <summary>From numbers to pixels along an axis.</summary>
/// <param name="Least">The number at the start.</param>
/// <param name="Most">The number at the end.</param>
/// <param name="From">Pixel of the start.</param>
/// <param name="To">Pixel of the end.</param>
/// <param name="IsLogarithmic">Whether equal ratios are equally far apart.</param>
internal sealed record ChartScale(double Least, double Most, double From, double To, bool IsLogarithmic)
{
    private const double LogarithmFrom = 20;

    /// <summary>Round numbers along it.</summary>
    public IReadOnlyList<double> Ticks => IsLogarithmic ? Labels.LogarithmicTicks(Least, Most) : Labels.Ticks(Least, Most);

    /// <summary>What a reader has to know of it.</summary>
    public string Note => IsLogarithmic ? " (logarithmic)" : "";

    /// <summary>A scale of numbers; logarithmic where they span much, or where that is asked for.</summary>
    public static ChartScale Of(double[] values, double from, double to, bool asksLogarithm = false)
    {
        double least = values.Min();
        double most = values.Max();
        bool isLogarithmic = least > 0 && (asksLogarithm || most / least > LogarithmFrom);
        if (least == most)
        {
            (least, most) = least == 0 ? (-1, 1) : (least - (Math.Abs(least) / 10), most + (Math.Abs(most) / 10));
        }
        else if (!isLogarithmic)
        {
            least = least >= 0 && least < most / 2 ? 0 : least - ((most - least) / 20);
            most += (most - least) / 20;
        }

        return new ChartScale(least, most, from, to, isLogarithmic);
    }

    /// <summary>A scale of places that have names: side by side, with half a place to spare on both ends.</summary>
    public static ChartScale OfNames(double[] places, double from, double to)
    {
        const double Margin = 0.5;
        return new ChartScale(places.Min() - Margin, places.Max() + Margin, from, to, false);
    }

    /// <summary>Pixel of a number.</summary>
    public double At(double value)
    {
        double share = IsLogarithmic
            ? Labels.LogarithmOfRatio(value, Least) / Labels.LogarithmOfRatio(Most, Least)
            : (value - Least) / (Most - Least);
        return double.IsFinite(share) ? From + (share * (To - From)) : From;
    }
}

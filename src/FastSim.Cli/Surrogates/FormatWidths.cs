using FastSim.Kernels.Chips;

namespace FastSim.Cli.Surrogates;

/// <summary>
/// How far off models are on chips that they do not know, by family and number format: on each chip four of five operators are no further off than a width, and of several
/// chips' widths the geometric mean counts. So few chips say little of a family by itself: its mean is drawn towards that of all families, of 16 bits and of narrower formats
/// apart, as far as chips of one family differ more than families do (the variance between families by moments, as in one-way analysis of variance).
/// </summary>
internal sealed class FormatWidths
{
    private const double Within = 0.8;

    /// <summary>Below this a width says nothing.</summary>
    private const double LeastWidth = 0.02;

    private readonly SortedDictionary<(OperatorFamily Family, int Format), List<double>> logarithms = [];
    private readonly Dictionary<(OperatorFamily Family, int Format), double> leasts = [];

    /// <summary>Says what widths of a family and format are at least: a chip that nobody measured is no easier than shapes that nobody measured, of chips that were.</summary>
    /// <param name="family">The family.</param>
    /// <param name="format">The number format; 0 is 16 bits.</param>
    /// <param name="excesses">The same as of <see cref="Add"/>, of shapes held out of all chips together; sorted here.</param>
    public void AddLeast(OperatorFamily family, int format, double[] excesses) => leasts[(family, format)] = Math.Max(LeastWidth, WidthOf(excesses));

    /// <summary>Forgets the chips, not what widths are at least.</summary>
    public void Clear() => logarithms.Clear();

    /// <summary>Takes in a chip.</summary>
    /// <param name="family">The family.</param>
    /// <param name="format">The number format; 0 is 16 bits.</param>
    /// <param name="excesses">By how much logarithms of time are off beyond what members differ, an operator each; sorted here.</param>
    public void Add(OperatorFamily family, int format, double[] excesses)
    {
        double width = WidthOf(excesses);
        if (!logarithms.TryGetValue((family, format), out List<double>? own))
        {
            logarithms[(family, format)] = own = [];
        }

        own.Add(Math.Log(Math.Max(leasts.GetValueOrDefault((family, format), LeastWidth), width)));
    }

    /// <summary>The width of a family and format; of a format that no chip tells of that of its kind in all families.</summary>
    /// <param name="family">The family.</param>
    /// <param name="format">The number format.</param>
    public double Of(OperatorFamily family, int format)
    {
        List<double>[] alike = [.. logarithms.Where(each => each.Key.Format == 0 == (format == 0)).Select(each => each.Value)];
        alike = alike.Length > 0 ? alike : [.. logarithms.Values];
        if (alike.Length == 0)
        {
            return LeastWidth;
        }

        double all = alike.SelectMany(widths => widths).Average();
        if (!logarithms.TryGetValue((family, format), out List<double>? own))
        {
            return Math.Exp(all);
        }

        (double within, double between) = Variances(alike, all);
        double noise = within / own.Count;
        double share = between + noise > 0 ? between / (between + noise) : 1;
        return Math.Exp((share * own.Average()) + ((1 - share) * all));
    }

    private static double WidthOf(double[] excesses)
    {
        Array.Sort(excesses);
        return excesses[Math.Max(0, (int)Math.Ceiling(Within * excesses.Length) - 1)];
    }

    /// <summary>Variance of chips within a family, and of families.</summary>
    private static (double Within, double Between) Variances(List<double>[] families, double mean)
    {
        int count = families.Sum(widths => widths.Count);
        if (count == families.Length || families.Length == 1)
        {
            return (0, 0);
        }

        double within = families.Sum(widths => SquaresAbout(widths.Average(), widths)) / (count - families.Length);
        double ofMeans = families.Sum(widths => widths.Count * Math.Pow(widths.Average() - mean, 2)) / (families.Length - 1);
        double usual = (count - (families.Sum(widths => (double)widths.Count * widths.Count) / count)) / (families.Length - 1);
        return (within, Math.Max(0, (ofMeans - within) / usual));
    }

    private static double SquaresAbout(double mean, List<double> widths) => widths.Sum(width => (width - mean) * (width - mean));
}

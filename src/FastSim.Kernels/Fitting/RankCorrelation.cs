namespace FastSim.Kernels.Fitting;

/// <summary>Spearman's rank correlation: how alike two orders of the same things are (C. Spearman, Am. J. Psychol. 15, 1904).</summary>
public static class RankCorrelation
{
    /// <summary>The correlation of ranks, equal numbers sharing the mean of theirs: 1 for the same order, -1 for the reverse; not a number where one order has no two different numbers.</summary>
    /// <param name="first">Numbers.</param>
    /// <param name="second">As many others.</param>
    /// <exception cref="ArgumentException">They are not as many.</exception>
    public static double Of(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Count != second.Count)
        {
            throw new ArgumentException($"{second.Count} numbers beside {first.Count}", nameof(second));
        }

        double[] ranks = Ranks(first);
        double[] others = Ranks(second);
        double middle = (first.Count - 1) / 2d;
        double both = 0;
        double own = 0;
        double other = 0;
        for (int index = 0; index < ranks.Length; index++)
        {
            double deviation = ranks[index] - middle;
            double otherDeviation = others[index] - middle;
            both += deviation * otherDeviation;
            own += deviation * deviation;
            other += otherDeviation * otherDeviation;
        }

        return own > 0 && other > 0 ? both / Math.Sqrt(own * other) : double.NaN;
    }

    private static double[] Ranks(IReadOnlyList<double> numbers)
    {
        int[] order = [.. Enumerable.Range(0, numbers.Count).OrderBy(index => numbers[index])];
        double[] ranks = new double[order.Length];
        for (int start = 0, end; start < order.Length; start = end)
        {
            end = start + 1;
            while (end < order.Length && numbers[order[end]] == numbers[order[start]])
            {
                end++;
            }

            for (int place = start; place < end; place++)
            {
                ranks[order[place]] = (start + end - 1) / 2d;
            }
        }

        return ranks;
    }
}

namespace FastSim.Kernels.Fitting;

/// <summary>The yardstick of a fit: the roofline at one constant efficiency, the best one there is for the cases.</summary>
public static class FlatRoofline
{
    /// <summary>The factor on roofline times that leaves the least median error.</summary>
    /// <param name="ratios">Roofline time over measured time of each case; above 0.</param>
    public static double Factor(IReadOnlyCollection<double> ratios)
    {
        ArgumentNullException.ThrowIfNull(ratios);
        if (ratios.Count == 0)
        {
            return 1;
        }

        // Of the runs of half the cases in order, a factor c puts the ends of one at c·low = 1 - e and c·high = 1 + e: the run whose
        // ends lie closest to each other has the least e, and half of the cases are no further off.
        double[] sorted = [.. ratios.Order()];
        int half = sorted.Length / 2;
        double least = double.PositiveInfinity;
        double factor = 1;
        for (int low = 0; low + half < sorted.Length; low++)
        {
            double sum = sorted[low] + sorted[low + half];
            double error = (sorted[low + half] - sorted[low]) / sum;
            if (error < least)
            {
                (least, factor) = (error, 2 / sum);
            }
        }

        return factor;
    }
}

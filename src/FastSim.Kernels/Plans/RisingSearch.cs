using System.Numerics;

namespace FastSim.Kernels.Plans;

/// <summary>A number that rises with another by at least as much, but for rounding.</summary>
public interface IRising
{
    /// <summary>The number.</summary>
    /// <param name="at">The other, at least 0.</param>
    double At(double at);
}

/// <summary>
/// Finds by halving where a rising number reaches what is wanted: to the bit what halving alone finds. Since it rises by one at least, what it misses or exceeds the wanted by
/// says how far one is off at most; what lies further away is not asked.
/// </summary>
public static class RisingSearch
{
    private const int MostSteps = 12;

    /// <summary>Rounding of the number, over the wanted: a hundred times what a few dozen operations without cancellation leave.</summary>
    private const double Rounding = 2e-13;

    /// <summary>The least number at which the rising one is not below the wanted, of those that halving from 0 to the wanted comes to.</summary>
    /// <typeparam name="T">What says the rising number.</typeparam>
    /// <param name="rising">The rising number, 0 at 0.</param>
    /// <param name="wanted">What it is to reach, above 0.</param>
    public static double Reach<T>(in T rising, double wanted)
        where T : struct, IRising
    {
        (double below, double above) = Around(rising, wanted);
        (double few, double many) = Halved(wanted, below, above);
        while (true)
        {
            double middle = few + ((many - few) / 2);
            if (!(middle > few && middle < many))
            {
                return many;
            }

            bool isFew = middle <= below || (!(middle >= above) && rising.At(middle) < wanted);
            (few, many) = isFew ? (middle, many) : (few, middle);
        }
    }

    /// <summary>
    /// Where halving from 0 to the wanted comes to before it meets a number between two: at a part of a power of two of the wanted, as long as these are exact, which holds the numbers
    /// between.
    /// </summary>
    private static (double Few, double Many) Halved(double wanted, double below, double above)
    {
        const int MostHalvings = 40;
        double ratio = wanted / (above - below);
        if (!(ratio > 1))
        {
            return (0, wanted);
        }

        // Of a number whose last bits are none all parts up to that power are exact, and so are their ends.
        int halvings = Math.Min(Math.Min(MostHalvings, BitOperations.TrailingZeroCount(BitConverter.DoubleToInt64Bits(wanted))), Math.ILogB(ratio));
        for (; halvings > 0; halvings--)
        {
            double part = Math.ScaleB(wanted, -halvings);
            double few = Math.Floor(below / part) * part;
            if (few <= below && few + part > below && few + part >= above)
            {
                return (few, few + part);
            }
        }

        return (0, wanted);
    }

    /// <summary>Two numbers at the first of which the rising one is below the wanted, and at the second not; 0 and infinity where it is no number.</summary>
    private static (double Below, double Above) Around<T>(in T rising, double wanted)
        where T : struct, IRising
    {
        double margin = Rounding * wanted;
        (double low, double missing) = (0, -wanted);
        (double high, double beyond) = (wanted, rising.At(wanted) - wanted);
        (double below, double above) = (0, double.PositiveInfinity);
        int last = 0;
        for (int step = 0; step < MostSteps && beyond > 0; step++)
        {
            double middle = ((low * beyond) - (high * missing)) / (beyond - missing);
            double off = rising.At(middle) - wanted;
            if (!double.IsFinite(off))
            {
                return (0, double.PositiveInfinity);
            }

            below = Math.Max(below, middle - Math.Max(off, 0) - margin);
            above = Math.Min(above, middle - Math.Min(off, 0) + margin);
            if (above - below <= 3 * margin)
            {
                break;
            }

            // An end that stays twice counts half of what it is off by, so that it comes near, too (the Illinois rule).
            if (off < 0)
            {
                (low, missing, beyond) = (middle, off, last < 0 ? beyond / 2 : beyond);
            }
            else
            {
                (high, beyond, missing) = (middle, off, last > 0 ? missing / 2 : missing);
            }

            last = off < 0 ? -1 : 1;
        }

        return (below, above);
    }
}

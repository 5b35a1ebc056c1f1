namespace FastSim.Kernels.Plans;

/// <summary>
/// A time over the batch, tabulated at powers of two and linear between. As tabulated it never falls with the batch, and never rises faster
/// than the batch does, for an engine may work off a batch in parts. Filled as far as it is asked for; serves one thread.
/// </summary>
/// <param name="seconds">The time at a batch.</param>
internal sealed class BatchCurve(Func<double, double> seconds)
{
    private const int MostPoints = 50;
    private const int UsualPoints = 12;
    private const int ExponentBias = 1023;
    private const int MantissaBits = 52;
    private double[] times = [];
    private int filled;

    /// <summary>The time at a batch, at least 0; below 1 that of 1.</summary>
    public double At(double batch)
    {
        if (!(batch > 1))
        {
            return Time(0);
        }

        int below = PointBelow(batch);
        double start = Batch(below);
        double low = Time(below);
        return batch == start ? low : low + ((Time(below + 1) - low) * ((batch - start) / (Batch(below + 1) - start)));
    }

    /// <summary>Batch of a point: powers of two.</summary>
    internal static double Batch(int point) => BitConverter.Int64BitsToDouble((long)(point + ExponentBias) << MantissaBits);

    /// <summary>The exponent of a batch above 1, however large.</summary>
    internal static int PointBelow(double batch) =>
        Math.Min(MostPoints - 2, (int)(BitConverter.DoubleToInt64Bits(batch) >> MantissaBits) - ExponentBias);

    /// <summary>Forgets what it was filled with: it is asked for another time over the batch.</summary>
    public void Restart() => filled = 0;

    private double Time(int point)
    {
        if (point >= times.Length)
        {
            Array.Resize(ref times, Math.Min(MostPoints, Math.Max(UsualPoints, 2 * (point + 1))));
        }

        for (; filled <= point; filled++)
        {
            double batch = Batch(filled);
            double time = seconds(batch);
            if (filled > 0)
            {
                double before = times[filled - 1];
                time = Math.Min(Math.Max(time, before), before * (batch / Batch(filled - 1)));
            }

            times[filled] = time;
        }

        return times[point];
    }
}

namespace FastSim.Kernels.Plans;

/// <summary>
/// What a <see cref="BatchCurve"/> never falls below, from few of its points: the curve itself has to know all points below one, since it never rises faster than
/// the batch does. So a point is no less than the time there, unless that is twice what the point below is at least. Serves one thread.
/// </summary>
/// <param name="seconds">The time at a batch, as the curve asks it.</param>
/// <param name="below">A lower bound of the curve at a batch, in fewer operations.</param>
internal sealed class CurveFloor(Func<double, double> seconds, Func<double, double> below)
{
    private double[] points = [];

    /// <summary>A lower bound of the curve at a point.</summary>
    /// <param name="point">The batch's power of two.</param>
    public double Point(int point)
    {
        if (point >= points.Length)
        {
            int known = points.Length;
            Array.Resize(ref points, point + 2);
            points.AsSpan(known).Fill(double.NaN);
        }

        if (double.IsNaN(points[point]))
        {
            double batch = BatchCurve.Batch(point);
            double time = seconds(batch);
            points[point] = point == 0 ? time : Math.Min(time, 2 * below(batch / 2));
        }

        return points[point];
    }

    /// <summary>A lower bound of the curve at a batch, a power of two.</summary>
    /// <param name="batch">The batch, at least 1.</param>
    public double AtPower(double batch) => Point(BatchCurve.PointBelow(batch));

    /// <summary>
    /// The highest ratio of a batch to its time that no batch from 1 up to one exceeds within a limit, and the largest batch that may be within it: the ratio never
    /// falls with the batch. Null where the limit leaves no batch from 1 on.
    /// </summary>
    /// <param name="most">The largest batch; above 1.</param>
    /// <param name="limit">The longest time.</param>
    /// <param name="wanted">A ratio below which a bound need not be any closer.</param>
    public (double Ratio, double Batch)? MostWithin(double most, double limit, double wanted = 0)
    {
        for (int point = BatchCurve.PointBelow(most); point >= 0; point--)
        {
            double start = BatchCurve.Batch(point);
            double low = Point(point);
            if (low <= limit)
            {
                (double Ratio, double Batch) far = most > start && wanted > 0 ? Between(low, below(2 * start), start) : (double.PositiveInfinity, most);
                return far.Ratio < wanted ? far : Between(low, most > start ? Point(point + 1) : low, start);
            }

            most = start;
        }

        return null;

        (double Ratio, double Batch) Between(double low, double high, double start)
        {
            double rise = most > start ? Math.Max(0, high - low) : 0;
            double time = low + (rise * ((most - start) / start));
            double batch = time <= limit ? most : start * (1 + ((limit - low) / rise));
            return (batch / Math.Min(time, limit), batch);
        }
    }
}

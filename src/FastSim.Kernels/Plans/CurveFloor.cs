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
    /// The highest ratio of a batch to its time that no batch from 1 up to one exceeds within a limit: the ratio never falls with the batch. Null where the limit
    /// leaves no batch from 1 on.
    /// </summary>
    /// <param name="most">The largest batch; above 1.</param>
    /// <param name="limit">The longest time.</param>
    public double? MostWithin(double most, double limit)
    {
        for (int point = BatchCurve.PointBelow(most); point >= 0; point--)
        {
            double start = BatchCurve.Batch(point);
            double low = Point(point);
            double rise = most > start ? Point(point + 1) - low : 0;
            double time = low + (rise * ((most - start) / start));
            if (time <= limit)
            {
                return most / time;
            }

            if (low <= limit)
            {
                return start * (1 + ((limit - low) / rise)) / limit;
            }

            most = start;
        }

        return null;
    }
}

using FastSim.Cli.Sweeps;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>The axes' and derived numbers by which chips serve more or less.</summary>
internal sealed class ChipDrivers
{
    private ChipDrivers(IEnumerable<(int Source, int Direction)> directions) => Directions = [.. directions];

    /// <summary>No such numbers.</summary>
    public static ChipDrivers None { get; } = new([]);

    /// <summary>Place of each among the sweep's numbers, and 1 where more of it never serves less, -1 where less does not; twice of one that drives some of either.</summary>
    public (int Source, int Direction)[] Directions { get; }

    /// <summary>Those of some jobs of a group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="jobs">Places of the jobs.</param>
    public static ChipDrivers Of(SweepGroup group, IEnumerable<int> jobs)
    {
        SortedSet<(int, int)> directions = [];
        foreach (int job in jobs)
        {
            foreach (LaneWrite write in group.Writes[job].Writes)
            {
                foreach (int tiers in (ReadOnlySpan<int>)[group.Jobs[job].Job.PrefillChip.Networks.Count, group.Jobs[job].Job.DecodeChip.Networks.Count])
                {
                    int direction = ChipLaws.DirectionOf(write.Place, tiers) * Math.Sign(write.Factor);
                    if (direction != 0)
                    {
                        directions.Add((write.Source, direction));
                    }
                }
            }
        }

        return new ChipDrivers(directions);
    }

    /// <summary>The best end of each over a box.</summary>
    /// <param name="values">Bounds of the box's numbers.</param>
    public double[] BestEnds(BoundTable values) =>
        Array.ConvertAll(Directions, driver => driver.Direction > 0 ? values.Bounds[driver.Source].High : values.Bounds[driver.Source].Low);

    /// <summary>How far they are apart over a box, each by what it is worth.</summary>
    /// <param name="values">Bounds of the box's numbers.</param>
    /// <param name="slopes">What each is worth; 1 of each where there are none.</param>
    /// <param name="widthOf">Width of one.</param>
    public double Width(BoundTable values, double[] slopes, Func<Interval, double> widthOf)
    {
        double width = 0;
        for (int driver = 0; driver < Directions.Length; driver++)
        {
            width += (slopes.Length > 0 ? slopes[driver] : 1) * widthOf(values.Bounds[Directions[driver].Source]);
        }

        return width;
    }
}

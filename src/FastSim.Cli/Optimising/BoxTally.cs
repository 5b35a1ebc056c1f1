namespace FastSim.Cli.Optimising;

/// <summary>What became of a search's boxes and variants; each variant is counted once for each search: of a job, of a suite, of a front.</summary>
internal sealed class BoxTally
{
    private readonly long[] boxes = new long[Enum.GetValues<BoxFate>().Length];
    private readonly long[] variants = new long[Enum.GetValues<BoxFate>().Length];

    /// <summary>Boxes that were bounded.</summary>
    public long Bounded { get; private set; }

    /// <summary>Variants that were answered to decide, those that the search began with among them.</summary>
    public long Answered { get; set; }

    /// <summary>Boxes that wait to be cut.</summary>
    public int Waiting { get; set; }

    /// <summary>Seconds at which it was told last how far it is.</summary>
    public double Told { get; set; }

    /// <summary>Boxes that came to an end.</summary>
    public long Boxes(BoxFate fate) => boxes[(int)fate];

    /// <summary>Variants that came to an end with their box; those of open ones were gone through one by one.</summary>
    public long Variants(BoxFate fate) => variants[(int)fate];

    /// <summary>All counts, to be kept and put back.</summary>
    public long[] Counts
    {
        get => [Bounded, Answered, .. boxes, .. variants];
        set
        {
            (Bounded, Answered) = (value[0], value[1]);
            value.AsSpan(2, boxes.Length).CopyTo(boxes);
            value.AsSpan(2 + boxes.Length, variants.Length).CopyTo(variants);
        }
    }

    /// <summary>Counts a box that was bounded.</summary>
    public void CountBounded() => Bounded++;

    /// <summary>Counts the end of a box.</summary>
    public void CountEnd(BoxFate fate, long count)
    {
        boxes[(int)fate]++;
        variants[(int)fate] += count;
    }
}

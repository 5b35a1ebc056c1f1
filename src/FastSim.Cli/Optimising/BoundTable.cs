namespace FastSim.Cli.Optimising;

/// <summary>Whether a number is there at the variants of a box.</summary>
internal enum Presence
{
    /// <summary>At none.</summary>
    Never,

    /// <summary>At some.</summary>
    Maybe,

    /// <summary>At all.</summary>
    Always,
}

/// <summary>Bounds of named numbers over a box, by place. Serves one thread.</summary>
/// <param name="names">The names.</param>
internal sealed class BoundTable(IReadOnlyList<string> names)
{
    private readonly Interval[] bounds = new Interval[names.Count];
    private readonly Presence[] presences = new Presence[names.Count];

    /// <summary>Bounds by place.</summary>
    public Interval[] Bounds => bounds;

    /// <summary>Whether each number is there.</summary>
    public Presence[] Presences => presences;

    /// <summary>Place of a name; -1 where there is none.</summary>
    public int PlaceOf(string name)
    {
        for (int place = 0; place < names.Count; place++)
        {
            if (names[place] == name)
            {
                return place;
            }
        }

        return -1;
    }

    /// <summary>Sets a number, of which it is known that it is finite: a sweep's numbers are, where they are there.</summary>
    public void Set(int place, Interval bound, Presence presence)
    {
        bounds[place] = bound;
        presences[place] = presence;
    }
}

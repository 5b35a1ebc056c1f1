namespace FastSim.Cli.Optimising;

/// <summary>Moves of named numbers, by place. Serves one thread.</summary>
/// <param name="names">The names.</param>
internal sealed class MoveTable(IReadOnlyList<string> names)
{
    private readonly Interval[] added = new Interval[names.Count];
    private readonly bool[] areStill = new bool[names.Count];

    /// <summary>Bounds over the box.</summary>
    public BoundTable From { get; } = new(names);

    /// <summary>Bounds beside it.</summary>
    public BoundTable To { get; } = new(names);

    /// <summary>A number's move.</summary>
    public Move Of(int place) => new(From.Bounds[place], To.Bounds[place], added[place], areStill[place]);

    /// <summary>Whether a number does not move.</summary>
    public bool IsStill(int place) => areStill[place] || Of(place).IsStill;

    /// <summary>Sets a number that is there at every variant.</summary>
    public void Set(int place, Move move)
    {
        From.Set(place, move.From.AsFinite(), Presence.Always);
        To.Set(place, move.To.AsFinite(), Presence.Always);
        added[place] = move.By;
        areStill[place] = move.IsStill;
    }

    /// <summary>Takes numbers as they are over a box: none of them moves.</summary>
    /// <param name="bounds">The numbers.</param>
    public void Begin(BoundTable bounds)
    {
        for (int place = 0; place < added.Length; place++)
        {
            From.Set(place, bounds.Bounds[place], bounds.Presences[place]);
            To.Set(place, bounds.Bounds[place], bounds.Presences[place]);
            added[place] = Interval.Of(0);
            areStill[place] = true;
        }
    }

    /// <summary>Takes back what moved.</summary>
    /// <param name="places">Where.</param>
    public void Still(ReadOnlySpan<int> places)
    {
        foreach (int place in places)
        {
            To.Set(place, From.Bounds[place], From.Presences[place]);
            added[place] = Interval.Of(0);
            areStill[place] = true;
        }
    }
}

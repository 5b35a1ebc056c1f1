namespace FastSim.Example.Tests.Networks;

/// <summary>A link's use by a message.</summary>
/// <param name="Link">The link.</param>
/// <param name="Share">Share of the message that takes it.</param>
internal readonly record struct LinkUse(string Link, double Share);

/// <summary>Links between cards, for a simulator of steps that knows no packets: what a message loads, and how far it goes.</summary>
internal abstract class StepNetwork
{
    private readonly Dictionary<string, double> capacities = [];

    /// <summary>Cards.</summary>
    public abstract int Cards { get; }

    /// <summary>The links a message takes.</summary>
    public abstract IEnumerable<LinkUse> Route(int from, int to);

    /// <summary>Hops of a message.</summary>
    public abstract int Hops(int from, int to);

    /// <summary>Bandwidth of a link, of a card's.</summary>
    public double Capacity(string link) => capacities[link];

    /// <summary>States a link.</summary>
    protected void Link(string link, double capacity) => capacities[link] = capacity;
}

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

/// <summary>A torus or mesh: cards by place, two links a dimension and card, one where a dimension has two cards. A card's bandwidth is all of its ports'.</summary>
internal sealed class GridNetwork : StepNetwork
{
    private readonly int[] sides;
    private readonly bool[] wraps;

    public GridNetwork(int[] sides, bool[] wraps, int ports)
    {
        this.sides = sides;
        this.wraps = wraps;
        Cards = sides.Aggregate(1, (cards, side) => cards * side);
        for (int card = 0; card < Cards; card++)
        {
            for (int d = 0; d < sides.Length; d++)
            {
                Link(Name(card, d, 1), 1d / ports);
                Link(Name(card, d, -1), 1d / ports);
            }
        }
    }

    public override int Cards { get; }

    public int Dimensions => sides.Length;

    public int Side(int d) => sides[d];

    public bool Wraps(int d) => wraps[d];

    public int Place(int card, int d)
    {
        for (int inner = 0; inner < d; inner++)
        {
            card /= sides[inner];
        }

        return card % sides[d];
    }

    public int Moved(int card, int d, int place)
    {
        int stride = 1;
        for (int inner = 0; inner < d; inner++)
        {
            stride *= sides[inner];
        }

        return card + ((place - Place(card, d)) * stride);
    }

    /// <summary>Dimension after dimension, the shorter way around; two ways that are as short share the message.</summary>
    public override IEnumerable<LinkUse> Route(int from, int to)
    {
        int at = from;
        for (int d = 0; d < sides.Length; d++)
        {
            int target = Place(to, d);
            int up = (target - Place(at, d) + sides[d]) % sides[d];
            int down = sides[d] - up;
            bool isDown = wraps[d] ? down < up : target < Place(at, d);
            double share = wraps[d] && up == down ? 0.5 : 1;
            foreach (LinkUse use in Along(at, d, target, isDown ? -1 : 1, share))
            {
                yield return use;
            }

            if (share < 1)
            {
                foreach (LinkUse use in Along(at, d, target, -1, share))
                {
                    yield return use;
                }
            }

            at = Moved(at, d, target);
        }
    }

    /// <summary>Links along a dimension one way.</summary>
    public IEnumerable<LinkUse> Along(int from, int d, int target, int way, double share)
    {
        for (int at = from; Place(at, d) != target; at = Moved(at, d, (Place(at, d) + way + sides[d]) % sides[d]))
        {
            yield return new LinkUse(Name(at, d, way), share);
        }
    }

    public override int Hops(int from, int to)
    {
        int hops = 0;
        for (int d = 0; d < sides.Length; d++)
        {
            int apart = Math.Abs(Place(from, d) - Place(to, d));
            hops += wraps[d] ? Math.Min(apart, sides[d] - apart) : apart;
        }

        return hops;
    }

    private static string Name(int card, int d, int way) => $"{card}/{d}/{way}";
}

/// <summary>Switches in levels; links upwards have the bandwidth of the cards below, over the oversubscription. One switch is a tree of one level.</summary>
internal sealed class TreeNetwork : StepNetwork
{
    private readonly int[] below;
    private readonly int rails;

    /// <param name="cards">Cards.</param>
    /// <param name="dims">Cards a switch, then switches a switch.</param>
    /// <param name="oversubscription">Of each level below the highest.</param>
    /// <param name="rails">Where above 0, cards of the same place in as many are under one switch.</param>
    public TreeNetwork(int cards, int[] dims, double[] oversubscription, int rails = 0)
    {
        Cards = cards;
        this.rails = rails;
        below = new int[dims.Length - 1];
        int count = 1;
        double over = 1;
        for (int card = 0; card < cards; card++)
        {
            Link($"up {card}", 1);
            Link($"down {card}", 1);
        }

        for (int level = 0; level < below.Length; level++)
        {
            below[level] = count *= dims[level];
            over *= oversubscription[level];
            foreach (IGrouping<int, int> under in Enumerable.Range(0, cards).GroupBy(card => Switch(card, level)))
            {
                Link($"up {level}/{under.Key}", under.Count() / over);
                Link($"down {level}/{under.Key}", under.Count() / over);
            }
        }
    }

    public override int Cards { get; }

    public override IEnumerable<LinkUse> Route(int from, int to)
    {
        yield return new LinkUse($"up {from}", 1);
        yield return new LinkUse($"down {to}", 1);
        for (int level = 0; level < Crossed(from, to); level++)
        {
            yield return new LinkUse($"up {level}/{Switch(from, level)}", 1);
            yield return new LinkUse($"down {level}/{Switch(to, level)}", 1);
        }
    }

    public override int Hops(int from, int to) => 1 + (2 * Crossed(from, to));

    private int Switch(int card, int level) => rails > 0 ? card % rails : card / below[level];

    private int Crossed(int from, int to)
    {
        int crossed = 0;
        while (crossed < below.Length && Switch(from, crossed) != Switch(to, crossed))
        {
            crossed++;
        }

        return crossed;
    }
}

/// <summary>A full mesh: a link from each card to each.</summary>
internal sealed class MeshOfAllNetwork : StepNetwork
{
    public MeshOfAllNetwork(int cards, int inTier)
    {
        Cards = cards;
        for (int from = 0; from < cards; from++)
        {
            for (int to = 0; to < cards; to++)
            {
                Link($"{from} {to}", 1d / (inTier - 1));
            }
        }
    }

    public override int Cards { get; }

    public override IEnumerable<LinkUse> Route(int from, int to) => [new LinkUse($"{from} {to}", 1)];

    public override int Hops(int from, int to) => 1;
}

/// <summary>A dragonfly whose global links are spread evenly: of what goes from a group to another each router passes its part.</summary>
internal sealed class DragonflyNetwork : StepNetwork
{
    private readonly int atRouter;
    private readonly int routers;

    public DragonflyNetwork(int cards, int atRouter, int routers, int groups, int globalLinks)
    {
        Cards = cards;
        this.atRouter = atRouter;
        this.routers = routers;
        for (int card = 0; card < cards; card++)
        {
            Link($"up {card}", 1);
            Link($"down {card}", 1);
        }

        for (int group = 0; group < groups; group++)
        {
            for (int from = 0; from < routers; from++)
            {
                for (int to = 0; to < routers; to++)
                {
                    Link($"local {group} {from} {to}", 1);
                }
            }

            for (int other = 0; other < groups; other++)
            {
                Link($"global {group} {other}", (double)routers * globalLinks / (groups - 1));
            }
        }
    }

    public override int Cards { get; }

    public override IEnumerable<LinkUse> Route(int from, int to)
    {
        yield return new LinkUse($"up {from}", 1);
        yield return new LinkUse($"down {to}", 1);
        if (Group(from) == Group(to))
        {
            if (Router(from) != Router(to))
            {
                yield return new LinkUse($"local {Group(from)} {Router(from)} {Router(to)}", 1);
            }

            yield break;
        }

        yield return new LinkUse($"global {Group(from)} {Group(to)}", 1);
        for (int gateway = 0; gateway < routers; gateway++)
        {
            if (gateway != Router(from))
            {
                yield return new LinkUse($"local {Group(from)} {Router(from)} {gateway}", 1d / routers);
            }

            if (gateway != Router(to))
            {
                yield return new LinkUse($"local {Group(to)} {gateway} {Router(to)}", 1d / routers);
            }
        }
    }

    public override int Hops(int from, int to) =>
        Group(from) != Group(to) ? 4 : Router(from) != Router(to) ? 2 : 1;

    private int Group(int card) => card / (atRouter * routers);

    private int Router(int card) => card / atRouter % routers;
}

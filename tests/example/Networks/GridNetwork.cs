namespace FastSim.Example.Tests.Networks;

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

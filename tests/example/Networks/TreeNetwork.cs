namespace FastSim.Example.Tests.Networks;

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

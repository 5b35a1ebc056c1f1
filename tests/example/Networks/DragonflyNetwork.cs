namespace FastSim.Example.Tests.Networks;

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

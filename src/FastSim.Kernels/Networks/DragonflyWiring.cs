using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Networks;

/// <summary>
/// A group in a dragonfly: routers of a group each joined to each by a link as fast as a card's, groups by as many global links as routers have, spread evenly over pairs of groups.
/// Messages go the shortest way. A hop is a router. Source: Kim, Dally, Scott, Abts, "Technology-Driven, Highly-Scalable Dragonfly Topology", ISCA 2008.
/// </summary>
internal sealed class DragonflyWiring : Wiring
{
    private const int SameRouter = 1;
    private const int SameGroup = 2;
    private const int OtherGroup = 4;

    private readonly double atRouter;
    private readonly double routers;
    private readonly double groups;
    private readonly double linksPerPair;
    private readonly double stride;

    /// <summary>Places a group.</summary>
    /// <param name="tier">A dragonfly.</param>
    /// <param name="members">Cards of the group.</param>
    /// <param name="span">Cards from its first to its last.</param>
    /// <param name="stride">Cards from one member to the next.</param>
    public DragonflyWiring(NetworkTier tier, int members, int span, int stride)
    {
        Members = members;
        this.stride = stride;
        int cardsAtRouter = tier.Dimensions[0];
        int routersInGroup = tier.Dimensions[1];
        int cardsInGroup = cardsAtRouter * routersInGroup;
        atRouter = Math.Min(cardsAtRouter, span);
        routers = Math.Min(routersInGroup, (span + cardsAtRouter - 1) / cardsAtRouter);
        groups = (span + cardsInGroup - 1) / cardsInGroup;
        linksPerPair = tier.Dimensions[2] > 1 ? (double)routersInGroup * tier.GlobalLinks / (tier.Dimensions[2] - 1) : 1;
    }

    /// <inheritdoc/>
    public override int Members { get; }

    private int FarthestHops => groups > 1 ? OtherGroup : routers > 1 ? SameGroup : SameRouter;

    /// <inheritdoc/>
    public override Pass Spread(int inside)
    {
        // Of a pair of routers: what is theirs, and what leaves and enters the group through one of them.
        double outside = Members - inside;
        double aPair = atRouter * atRouter / stride;
        double local = routers > 1 ? aPair * ((2 * groups) - 1) : 0;
        double global = groups > 1 ? aPair * routers * routers / linksPerPair : 0;
        return new Pass(FarthestHops, 1, Math.Max(outside, Math.Max(local, global)) / outside);
    }

    /// <inheritdoc/>
    public override Pass[] Rings() => [new Pass((Members - 1) * FarthestHops, Members - 1, (Members - 1d) / Members)];

    /// <inheritdoc/>
    public override Pass? Halving()
    {
        if (!IsPowerOfTwo(Members) || stride > 1 || !IsPowerOfTwo((int)atRouter) || !IsPowerOfTwo((int)routers))
        {
            return null;
        }

        Pass sum = default;
        double held = 1d / Members;
        for (int apart = Members / 2; apart > 0; apart /= 2)
        {
            (double hops, double load) = Apart(apart) switch
            {
                OtherGroup => (OtherGroup, Math.Max(atRouter * routers / linksPerPair, routers > 1 ? 2 * atRouter / routers : 1)),
                SameGroup => (SameGroup, atRouter),
                _ => (SameRouter, 1d),
            };
            sum = new Pass(sum.Hops + hops, sum.Steps + 1, sum.Load + (held * Math.Max(1, load)));
            held *= 2;
        }

        return sum;
    }

    /// <inheritdoc/>
    public override Pass Tree()
    {
        Pass sum = default;
        for (int cards = Members; cards > 1; cards -= cards / 2)
        {
            bool isAligned = IsPowerOfTwo(Members) && IsPowerOfTwo((int)atRouter) && IsPowerOfTwo((int)routers);
            sum = new Pass(sum.Hops + (isAligned ? Apart(cards / 2) : FarthestHops), sum.Steps + 1, sum.Load + 1);
        }

        return sum;
    }

    /// <inheritdoc/>
    public override Pass Send() => new(FarthestHops, 1, groups > 1 ? Math.Max(1, atRouter * routers / linksPerPair) : Math.Max(1, routers > 1 ? atRouter : 1));

    /// <summary>Hops between members some members apart.</summary>
    private int Apart(int members) =>
        members * stride >= atRouter * routers ? OtherGroup : members * stride >= atRouter ? SameGroup : SameRouter;
}

namespace FastSim.Example.Tests.Networks;

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

namespace FastSim.Kernels.Networks;

/// <summary>A group in a full mesh: a link between each two cards, of a card's bandwidth as many parts as it has others.</summary>
/// <param name="cards">Cards of the tier.</param>
/// <param name="members">Cards of the group.</param>
internal sealed class MeshOfAllWiring(int cards, int members) : Wiring
{
    private readonly double links = Math.Max(1, cards - 1);

    /// <inheritdoc/>
    public override int Members => members;

    /// <inheritdoc/>
    public override Pass Spread(int inside) => new(1, 1, links / (members - inside));

    /// <inheritdoc/>
    public override Pass[] Rings() => [new Pass(members - 1, members - 1, (members - 1d) / members * links)];

    /// <inheritdoc/>
    public override Pass? Halving() =>
        IsPowerOfTwo(members) ? new Pass(Doublings(members), Doublings(members), (members - 1d) / members * links) : null;

    /// <inheritdoc/>
    public override Pass Tree() => new(Doublings(members), Doublings(members), Doublings(members) * links);

    /// <inheritdoc/>
    public override Pass Send() => new(1, 1, links);
}

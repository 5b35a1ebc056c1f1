using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Networks;

/// <summary>
/// A group under switches: one, a fat tree's levels, or rails and the layer that joins them. A hop is a switch. Links upwards are shared evenly by the cards below: a card has its bandwidth
/// over the product of the oversubscriptions up to there. Of members that a switch's cards do not divide, those left over send the most outside. Source of the tree: Leiserson 1985.
/// </summary>
internal sealed class SwitchWiring : Wiring
{
    private readonly List<Level> levels = [];
    private readonly bool isRails;

    /// <summary>Places a group.</summary>
    /// <param name="tier">A switch, fat tree or rails.</param>
    /// <param name="members">Cards of the group.</param>
    /// <param name="span">Cards from its first to its last.</param>
    /// <param name="stride">Cards from one member to the next.</param>
    public SwitchWiring(NetworkTier tier, int members, int span, int stride)
    {
        Members = members;
        if (tier.Topology == Topology.Rails)
        {
            isRails = true;
            int rails = tier.Dimensions[0];
            int used = Math.Min(members, rails / CommonDivisor(rails, stride));
            AddLevel(Math.Max(1, members / used), used > 1, tier.Oversubscription.Count > 0 ? tier.Oversubscription[0] : 1);
            return;
        }

        long below = 1;
        double oversubscription = 1;
        for (int level = 0; level < tier.Dimensions.Count - 1; level++)
        {
            below *= tier.Dimensions[level];
            oversubscription *= level < tier.Oversubscription.Count ? tier.Oversubscription[level] : 1;
            int together = (int)Math.Clamp(below / stride, 1, members);
            int left = members % together;
            AddLevel(left == 0 ? together : left, span > below, oversubscription);
        }
    }

    /// <inheritdoc/>
    public override int Members { get; }

    private int FarthestHops => levels.Count == 0 ? 1 : levels[^1].Hops;

    /// <inheritdoc/>
    public override Pass Spread(int inside)
    {
        double outside = Members - inside;
        double busiest = outside;
        foreach (Level level in levels)
        {
            double crossing = isRails ? Math.Max(0, outside - (level.Together - 1)) : Members - Math.Max(level.Together, inside);
            busiest = Math.Max(busiest, crossing * level.Oversubscription);
        }

        return new Pass(FarthestHops, 1, busiest / outside);
    }

    /// <inheritdoc/>
    public override Pass[] Rings() =>
        [new Pass((Members - 1) * FarthestHops, Members - 1, (Members - 1d) / Members * OneOut(levels.Count))];

    /// <inheritdoc/>
    public override Pass? Halving()
    {
        if (!IsPowerOfTwo(Members) || !levels.TrueForAll(level => IsPowerOfTwo(level.Together)))
        {
            return null;
        }

        Pass sum = default;
        double held = 1d / Members;
        for (int apart = Members / 2; apart > 0; apart /= 2)
        {
            double share = 1;
            double hops = 1;
            foreach (Level level in levels)
            {
                if (Crosses(level, apart))
                {
                    (share, hops) = (Math.Max(share, level.Oversubscription), level.Hops);
                }
            }

            sum = new Pass(sum.Hops + hops, sum.Steps + 1, sum.Load + (held * share));
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
            int crossed = 0;
            while (crossed < levels.Count && Crosses(levels[crossed], cards / 2))
            {
                crossed++;
            }

            // All cards of a rail are at the same place of the tree, so that they leave it together.
            double load = isRails && crossed > 0 ? Math.Max(1, levels[0].Oversubscription) : OneOut(crossed);
            sum = new Pass(sum.Hops + (crossed == 0 ? 1 : levels[crossed - 1].Hops), sum.Steps + 1, sum.Load + load);
        }

        return sum;
    }

    /// <inheritdoc/>
    public override Pass? InNetwork() => new Pass(FarthestHops, 1, OneOut(levels.Count));

    /// <inheritdoc/>
    public override Pass Send() => isRails || levels.Count == 0 ? new Pass(1, 1, 1) : new Pass(FarthestHops, 1, Math.Max(1, levels[^1].Oversubscription));

    private static int CommonDivisor(int first, int second)
    {
        while (second != 0)
        {
            (first, second) = (second, first % second);
        }

        return first;
    }

    private void AddLevel(int together, bool isCrossed, double oversubscription)
    {
        if (isCrossed)
        {
            levels.Add(new Level(together, oversubscription, (2 * levels.Count) + 3));
        }
    }

    /// <summary>Whether partners some members apart are under two switches of a level.</summary>
    private bool Crosses(Level level, int apart)
    {
        int onRails = Members / level.Together;
        return isRails ? apart % onRails != 0 : apart >= level.Together || level.Together % (2 * apart) != 0;
    }

    /// <summary>Load of one stream at full rate out of each switch, up to a level: it has the links of all members below.</summary>
    private double OneOut(int crossed)
    {
        double busiest = 1;
        for (int level = 0; level < crossed; level++)
        {
            busiest = Math.Max(busiest, levels[level].Oversubscription / levels[level].Together);
        }

        return busiest;
    }

    /// <summary>A level of switches that the group is under several of.</summary>
    /// <param name="Together">Members under one switch, of that with the fewest.</param>
    /// <param name="Oversubscription">A card's bandwidth over its share of the links upwards.</param>
    /// <param name="Hops">Switches on the way across.</param>
    private readonly record struct Level(int Together, double Oversubscription, int Hops);
}

using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Networks;

/// <summary>
/// A group in a torus, mesh or ring: the smallest box that holds it. A card's bandwidth is that of its ports, two a dimension, one where the dimension has two cards. Where the
/// cards between two members fill a box that fits a whole number of times into that of all, members stand apart by its sides, along lines that as many groups share. Other groups that lie in turns
/// share the box: an even spread counts as one among all of its cards, what goes from neighbour to neighbour takes as many times as long as there are groups.
/// Source: bucket algorithms on tori and meshes, Chan, Heimlich, Purkayastha, van de Geijn 2007.
/// </summary>
internal sealed class GridWiring : Wiring
{
    private readonly int[] sides;
    private readonly int[] apart;
    private readonly bool[] wraps;
    private readonly int ports;
    private readonly int sharing;

    /// <summary>Places a group.</summary>
    /// <param name="tier">A torus, mesh or ring.</param>
    /// <param name="span">Cards from the group's first to its last.</param>
    /// <param name="stride">Cards from one member to the next.</param>
    public GridWiring(NetworkTier tier, int span, int stride)
    {
        int[] extents = tier.Topology == Topology.Ring ? [tier.Size] : [.. tier.Dimensions];
        int[] box = new int[extents.Length];
        Place(extents, span, box);
        bool closes = tier.Topology != Topology.Mesh;
        foreach (int extent in extents)
        {
            ports += Math.Min(2, extent - 1);
        }

        int[] between = Between(extents, box, span, stride);

        // What passes lines first and rings last sends the large blocks where they go both ways.
        int[] order = [.. Enumerable.Range(0, box.Length).Where(d => box[d] > between[d]).OrderBy(d => closes && Closes(tier, box[d], extents[d]))];
        sides = Array.ConvertAll(order, d => box[d] / between[d]);
        apart = Array.ConvertAll(order, d => between[d]);
        wraps = Array.ConvertAll(order, d => closes && Closes(tier, box[d], extents[d]));
        Members = sides.Aggregate(1, (cards, side) => cards * side);
        sharing = between.Aggregate(1, (cards, side) => cards * side) == stride ? 1 : stride;
    }

    /// <inheritdoc/>
    public override int Members { get; }

    /// <inheritdoc/>
    public override Pass Spread(int inside)
    {
        double busiest = 0;
        double hops = 0;
        for (int d = 0; d < sides.Length; d++)
        {
            // Pairs of places whose way along the dimension takes one of its links: of a ring an eighth of all, of a line those on its two sides.
            double side = sides[d];
            double crossing = wraps[d] ? ((side * side) - (side % 2)) / 8 : Math.Floor(side / 2) * Math.Ceiling(side / 2);
            busiest = Math.Max(busiest, crossing * Members / (side * (Members - 1)) * apart[d]);
            hops += Hops(d);
        }

        return new Pass(hops, 1, busiest * ports);
    }

    /// <inheritdoc/>
    public override Pass[] Rings() => sides.Length > 1 ? [OneByOne(), AllAtOnce()] : [OneByOne()];

    /// <inheritdoc/>
    public override Pass? Halving()
    {
        if (!Array.TrueForAll(sides, IsPowerOfTwo))
        {
            return null;
        }

        Pass sum = default;
        double held = 1d / Members;
        foreach (int d in Enumerable.Range(0, sides.Length).OrderByDescending(d => sides[d]))
        {
            int side = sides[d];

            // Partners half a side apart, then a quarter: of blocks that double as ways halve, each step puts as much on the middle link. Long sides go first, with few blocks.
            int doublings = Doublings(side);
            sum = new Pass(sum.Hops + ((side - 1) * apart[d]), sum.Steps + doublings, sum.Load + (held * side / 2 * doublings * apart[d]));
            held *= side;
        }

        return sum with { Load = sum.Load * ports * sharing };
    }

    /// <inheritdoc/>
    public override Pass Tree()
    {
        double hops = 0;
        double steps = 0;
        double load = 0;
        for (int d = 0; d < sides.Length; d++)
        {
            hops += (sides[d] - 1) * apart[d];
            steps += Doublings(sides[d]);
            load += Doublings(sides[d]) * apart[d];
        }

        return new Pass(hops, steps, load * ports * sharing);
    }

    /// <inheritdoc/>
    /// <remarks>The neighbour in the group: the farthest decides, and as many groups send along its line.</remarks>
    public override Pass Send()
    {
        int farthest = sharing;
        foreach (int distance in apart)
        {
            farthest = Math.Max(farthest, distance);
        }

        return new Pass(farthest, 1, (double)ports * farthest);
    }

    private static bool Closes(NetworkTier tier, int side, int extent) =>
        side > 2 && (side == extent || (tier.WrapMultiple > 0 && side % tier.WrapMultiple == 0));

    /// <summary>Sides of the box that the cards between two members fill, where it fits a whole number of times into that of all; else 1 each.</summary>
    private static int[] Between(int[] extents, int[] box, int span, int stride)
    {
        int[] between = new int[extents.Length];
        Place(extents, stride, between);
        bool fits = between.Aggregate(1, (cards, side) => cards * side) == stride && box.Aggregate(1, (cards, side) => cards * side) == span;
        for (int d = 0; d < between.Length; d++)
        {
            fits &= box[d] % between[d] == 0;
        }

        if (!fits)
        {
            Array.Fill(between, 1);
        }

        return between;
    }

    /// <summary>The sides of the box of fewest steps that holds some cards.</summary>
    private static int Place(ReadOnlySpan<int> extents, int cards, Span<int> sides)
    {
        int last = extents.Length - 1;
        if (last == 0)
        {
            sides[0] = Math.Min(cards, extents[0]);
            return cards <= extents[0] ? cards - 1 : int.MaxValue / 2;
        }

        int fewest = int.MaxValue;
        Span<int> within = stackalloc int[last];
        for (int side = 1; side <= Math.Min(extents[last], cards) && side - 1 < fewest; side++)
        {
            int steps = side - 1 + Place(extents[..last], (cards + side - 1) / side, within);
            if (steps < fewest)
            {
                fewest = steps;
                within.CopyTo(sides);
                sides[last] = side;
            }
        }

        return fewest;
    }

    /// <summary>Hops to the farthest card of a dimension: around a ring both ways, along a line its whole length.</summary>
    private double Hops(int d) => (wraps[d] ? sides[d] / 2 : sides[d] - 1) * apart[d];

    /// <summary>Bytes that pass the busiest link of a dimension while all of its cards gather blocks of one byte: both ways around a ring half each.</summary>
    private double Gathered(int d) => (wraps[d] ? (sides[d] - 1) / 2d : sides[d] - 1) * apart[d];

    /// <summary>All blocks along one dimension, then along the next.</summary>
    private Pass OneByOne()
    {
        double hops = 0;
        double load = 0;
        double held = 1d / Members;
        for (int d = 0; d < sides.Length; d++)
        {
            hops += Hops(d);
            load += held * Gathered(d);
            held *= sides[d];
        }

        return new Pass(hops, hops, load * ports * sharing);
    }

    /// <summary>As many parts as there are dimensions, each along another dimension at a time: all ports send, the slowest part of a stage decides.</summary>
    private Pass AllAtOnce()
    {
        int count = sides.Length;
        double hops = 0;
        double load = 0;
        Span<double> held = stackalloc double[count];
        held.Fill(1d / Members / count);
        for (int stage = 0; stage < count; stage++)
        {
            double longest = 0;
            double busiest = 0;
            for (int part = 0; part < count; part++)
            {
                int d = (part + stage) % count;
                longest = Math.Max(longest, Hops(d));
                busiest = Math.Max(busiest, held[part] * Gathered(d));
                held[part] *= sides[d];
            }

            hops += longest;
            load += busiest;
        }

        return new Pass(hops, hops, load * ports * sharing);
    }
}

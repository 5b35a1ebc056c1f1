namespace FastSim.Kernels.Networks;

/// <summary>
/// Where a group of cards lies on a network and what patterns of messages take there. The closed forms are those of docs/cost-model.md, "Collectives by algorithm"; a step
/// simulator in the tests holds them.
/// </summary>
internal abstract class Wiring
{
    /// <summary>Cards that take part, those that lie between them included where a group does not fill its place.</summary>
    public abstract int Members { get; }

    /// <summary>Each card sends one byte, spread evenly over the cards of the group outside an inner tier.</summary>
    /// <param name="inside">Members that inner tiers reach, the card itself included; at least 1.</param>
    public abstract Pass Spread(int inside);

    /// <summary>All-gathers of one byte in all by neighbours; the faster counts.</summary>
    public abstract Pass[] Rings();

    /// <summary>An all-gather of one byte in all by recursive doubling, the farthest partner first; null where the group's size does not allow it.</summary>
    public abstract Pass? Halving();

    /// <summary>A broadcast of one byte along a binomial tree.</summary>
    public abstract Pass Tree();

    /// <summary>An all-reduce of one byte by the switches; null where there are none.</summary>
    public virtual Pass? InNetwork() => null;

    /// <summary>One byte from each card to a neighbour.</summary>
    public abstract Pass Send();

    /// <summary>Whether a number is a power of two.</summary>
    protected static bool IsPowerOfTwo(int number) => (number & (number - 1)) == 0;

    /// <summary>Steps in which one card reaches as many, each that has been reached going on: <c>⌈log2 cards⌉</c>.</summary>
    protected static int Doublings(int cards)
    {
        int doublings = 0;
        for (long reached = 1; reached < cards; reached *= 2)
        {
            doublings++;
        }

        return doublings;
    }
}

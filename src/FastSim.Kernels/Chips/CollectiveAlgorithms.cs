namespace FastSim.Kernels.Chips;

/// <summary>Algorithms that collectives of a tier may run (docs/cost-model.md, "Collectives by algorithm").</summary>
[Flags]
public enum CollectiveAlgorithms
{
    /// <summary>None is stated.</summary>
    None = 0,

    /// <summary><c>ring</c>: blocks pass from neighbour to neighbour, one dimension after another.</summary>
    Ring = 1,

    /// <summary><c>halving</c>: recursive halving and doubling.</summary>
    Halving = 2,

    /// <summary><c>tree</c>: a binomial tree to one card and back, of an all-reduce.</summary>
    Tree = 4,

    /// <summary><c>direct</c>: each card sends to each other; of an all-reduce also in one step.</summary>
    Direct = 8,

    /// <summary><c>in_network</c>: switches add up, of an all-reduce.</summary>
    InNetwork = 16,

    /// <summary><c>two_level</c>: inside what inner tiers or switches have together, and across between cards of the same place; each phase by the other algorithms.</summary>
    TwoLevel = 32,

    /// <summary>All that cards run by themselves.</summary>
    OfCards = Ring | Halving | Tree | Direct | TwoLevel,
}

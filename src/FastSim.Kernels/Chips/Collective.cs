namespace FastSim.Kernels.Chips;

/// <summary>What a group of cards exchanges, in the order of the <c>ops</c> of a network tier.</summary>
public enum Collective
{
    /// <summary><c>p2p</c>: one card to another.</summary>
    PointToPoint,

    /// <summary><c>reduce_scatter</c>.</summary>
    ReduceScatter,

    /// <summary><c>all_gather</c>.</summary>
    AllGather,

    /// <summary><c>all_reduce</c>.</summary>
    AllReduce,

    /// <summary><c>all2all</c>.</summary>
    AllToAll,
}

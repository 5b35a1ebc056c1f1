namespace FastSim.Kernels.Chips;

/// <summary>How the cards of a tier are wired; decides the hops of a collective (docs/cost-model.md, "Communication").</summary>
public enum Topology
{
    /// <summary><c>2dfm</c>: a full mesh in each of two dimensions; any card is at most two hops away.</summary>
    TwoDimensionalFullMesh,

    /// <summary><c>fullmesh</c>: a link between each two cards.</summary>
    FullMesh,

    /// <summary><c>switch</c>: every card on one switch, whose latency is the tier's.</summary>
    Switch,

    /// <summary><c>ring</c>: neighbours only; a collective passes around.</summary>
    Ring,

    /// <summary><c>torus</c>: a ring in each of several dimensions; a collective passes around one dimension after another.</summary>
    Torus,
}

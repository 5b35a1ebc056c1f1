namespace FastSim.Kernels.Chips;

/// <summary>How the cards of a tier are wired (docs/cost-model.md, "Communication" and "Collectives by algorithm").</summary>
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

    /// <summary><c>mesh</c>: a line in each of several dimensions.</summary>
    Mesh,

    /// <summary><c>fat_tree</c>: switches in levels; the links of a level upwards may be fewer than those below.</summary>
    FatTree,

    /// <summary><c>rails</c>: cards of the same place in their servers on one switch, a rail; a layer of switches joins the rails.</summary>
    Rails,

    /// <summary><c>dragonfly</c>: cards on routers, routers of a group each joined to each, groups joined to each other. Source: Kim, Dally, Scott, Abts, ISCA 2008.</summary>
    Dragonfly,
}

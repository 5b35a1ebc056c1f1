namespace FastSim.Kernels.Clocks;

/// <summary>Which of a clock's ways to a time a launch takes: what can be told from its operator alone, once for all batches and lengths.</summary>
internal enum LaunchWay
{
    /// <summary>Any: what its operator is must be looked at.</summary>
    Any,

    /// <summary>A pass over activations by a small kernel.</summary>
    Pass,

    /// <summary>A product that measured families know by its rows, columns and depth.</summary>
    Product,

    /// <summary>An exchange between cards.</summary>
    Exchange,
}

namespace FastSim.Search.Jobs;

/// <summary>What a phase of a split that the other holds back is chosen by (docs/cost-model.md, "Objective and order").</summary>
public enum SplitAim
{
    /// <summary>Its own throughput, though the other phase cannot use it: the seed's way.</summary>
    Throughput,

    /// <summary>The least latency, of the plans and batches on its cards that keep the deployment's rate.</summary>
    Balanced,
}

namespace FastSim.Kernels.Stages;

/// <summary>How the cards that share a prompt's tokens come by each other's keys and values (docs/cost-model.md, "Context parallelism").</summary>
public enum ContextExchange
{
    /// <summary>All of them are gathered before attention (Llama 3, arXiv 2407.21783, section 3.3.2).</summary>
    AllGather,

    /// <summary>A card's share goes round, from neighbour to neighbour (Ring Attention, Liu et al., arXiv 2310.01889).</summary>
    Ring,
}

namespace FastSim.Kernels.Models;

/// <summary>A weight matrix of a model, by what it computes: quantizers store each as they choose.</summary>
public enum Projection
{
    /// <summary>Queries from the hidden state; in latent attention, where queries are projected directly.</summary>
    Query,

    /// <summary>Keys.</summary>
    Key,

    /// <summary>Values.</summary>
    Value,

    /// <summary>Latent attention: hidden state to the compressed query.</summary>
    QueryDown,

    /// <summary>Latent attention: compressed query to queries.</summary>
    QueryUp,

    /// <summary>Latent attention: hidden state to the cached latent and the rotary key.</summary>
    KeyValueDown,

    /// <summary>Latent attention: latent to keys and values; absorbed or not, the same weights.</summary>
    KeyValueUp,

    /// <summary>Gate of the attention's output.</summary>
    AttentionGate,

    /// <summary>The attention's output to the hidden state.</summary>
    AttentionOutput,

    /// <summary>Indexer's queries.</summary>
    IndexQuery,

    /// <summary>Indexer's keys.</summary>
    IndexKey,

    /// <summary>Indexer's weights of its heads.</summary>
    IndexWeights,

    /// <summary>Compressed attention: the output of a group of heads to a rank.</summary>
    OutputDown,

    /// <summary>Compressed attention: hidden state to what an entry is made of, and its weights.</summary>
    Compressor,

    /// <summary>The same of index keys.</summary>
    IndexCompressor,

    /// <summary>Blocks with a state: hidden state to queries, keys and values, and what else one matrix yields.</summary>
    StateInput,

    /// <summary>Blocks with a state: hidden state to a few numbers a head.</summary>
    StateScalars,

    /// <summary>Delta attention with a decay a channel: hidden state to a head's width.</summary>
    DecayDown,

    /// <summary>From there to a decay a channel.</summary>
    DecayUp,

    /// <summary>A gate of the output by way of a head's width: into it.</summary>
    GateDown,

    /// <summary>Out of it.</summary>
    GateUp,

    /// <summary>Gate of the dense feed-forward.</summary>
    DenseGate,

    /// <summary>Up-projection of the dense feed-forward.</summary>
    DenseUp,

    /// <summary>Down-projection of the dense feed-forward.</summary>
    DenseDown,

    /// <summary>Gates of the routed experts.</summary>
    RoutedGate,

    /// <summary>Up-projections of the routed experts.</summary>
    RoutedUp,

    /// <summary>Down-projections of the routed experts.</summary>
    RoutedDown,

    /// <summary>Gates of the shared experts.</summary>
    SharedGate,

    /// <summary>Up-projections of the shared experts.</summary>
    SharedUp,

    /// <summary>Down-projections of the shared experts.</summary>
    SharedDown,

    /// <summary>Hidden state to the experts' scores.</summary>
    Router,

    /// <summary>Hidden state to the width that routed experts work in.</summary>
    RoutedInput,

    /// <summary>From there back to the hidden state.</summary>
    RoutedOutput,

    /// <summary>Hidden state to the vocabulary.</summary>
    Logits,

    /// <summary>The embedding table.</summary>
    Embedding,
}

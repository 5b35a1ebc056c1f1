namespace FastSim.Kernels.Models;

/// <summary>How queries and keys are normalised.</summary>
public enum QueryKeyNorm
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Each head by itself, one scale of the head's size for all heads.</summary>
    PerHead,

    /// <summary>All heads together, a scale an element.</summary>
    AllHeads,

    /// <summary>Each head by itself, without a scale.</summary>
    WithoutScale,

    /// <summary>Each head by itself, one scale of the head's size for all heads; values besides, without one.</summary>
    PerHeadAndValue,
}

/// <summary>Small weights that some models' blocks have.</summary>
[Flags]
public enum BlockExtras
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>Biases of the query, key and value projections; of their down-projections in latent attention.</summary>
    QueryKeyValueBias = 1,

    /// <summary>Bias of the attention's output projection.</summary>
    OutputBias = 2,

    /// <summary>Biases of the dense feed-forward.</summary>
    FeedForwardBias = 4,

    /// <summary>Biases of every expert.</summary>
    ExpertBias = 8,

    /// <summary>A number an expert that shifts the router's choice.</summary>
    RouterBias = 16,

    /// <summary>A number a head that takes part in the softmax without a value.</summary>
    AttentionSinks = 32,

    /// <summary>A norm before the router with a scale an element, and a number an expert that its output is multiplied with.</summary>
    RouterScale = 128,

    /// <summary>A gate of the shared experts' output: a projection of the hidden state to one number.</summary>
    SharedExpertGate = 64,

    /// <summary>A shift an element besides each norm's scale.</summary>
    NormBias = 256,

    /// <summary>Norms that have no weights at all.</summary>
    NormsWithoutScale = 512,
}

namespace FastSim.Kernels.Chips;

/// <summary>Kernels that learned efficiencies tell apart; the value is the family's number in a model's input.</summary>
public enum OperatorFamily
{
    /// <summary>A matrix product.</summary>
    Product,

    /// <summary>Attention of sequences that get their next token.</summary>
    DecodeAttention,

    /// <summary>The same over a latent cache.</summary>
    DecodeLatentAttention,

    /// <summary>Attention of prompts.</summary>
    PrefillAttention,

    /// <summary>The same of latent models, projected up.</summary>
    PrefillLatentAttention,

    /// <summary>The per-head products that lead into the latent space and out of it.</summary>
    LatentProduct,

    /// <summary>A mixture-of-experts layer's products, permuting included.</summary>
    Experts,
}

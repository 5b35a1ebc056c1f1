namespace FastSim.Kernels.Launches;

/// <summary>What kind of kernel an operator is, or is part of: what clocks price it by. Its name is for readers alone.</summary>
public enum LaunchKind
{
    /// <summary>A product with weights.</summary>
    Product,

    /// <summary>A product that engines leave in 16 bits whatever the checkpoint is stored in: router and logits.</summary>
    PlainProduct,

    /// <summary>A product with weights of each head: into the latent space, or out of it.</summary>
    HeadProduct,

    /// <summary>The products into an expert's width; begins the kernel of a grouped expert layer.</summary>
    ExpertGateUp,

    /// <summary>The product out of an expert's width, of the same kernel.</summary>
    ExpertDown,

    /// <summary>Score and value in one; begins an attention kernel.</summary>
    ScoreAndValue,

    /// <summary>Scores of queries and cached keys; begins an attention kernel.</summary>
    Score,

    /// <summary>Values weighed by scores, of the same kernel.</summary>
    Value,

    /// <summary>Softmax of scores; a fused kernel runs it for nothing.</summary>
    Softmax,

    /// <summary>Scores by which sparse attention selects tokens.</summary>
    IndexScore,

    /// <summary>Choosing the tokens of sparse attention by their scores.</summary>
    Selection,

    /// <summary>Keys and values of a prompt put together for its attention.</summary>
    PromptCopy,

    /// <summary>A convolution over the last few tokens, channel by channel.</summary>
    ShortConvolution,

    /// <summary>A state carried over tokens: chunk by chunk of a prompt, token by token in decode.</summary>
    Recurrence,

    /// <summary>The decays and gates that a prompt's recurrence takes.</summary>
    DecayGate,

    /// <summary>A product of shared experts, where they are lowered apart from routed ones.</summary>
    SharedProduct,

    /// <summary>Attention of an encoder, whose rows all see each other.</summary>
    EncoderAttention,

    /// <summary>Norms, activations, sums, copies.</summary>
    Elementwise,

    /// <summary>Tokens on their way to their experts.</summary>
    ExpertDispatch,

    /// <summary>Their results on the way back.</summary>
    ExpertCombine,

    /// <summary>An exchange between cards.</summary>
    Exchange,

    /// <summary>An exchange of attention's own, between cards that share the tokens of a sequence.</summary>
    ContextExchange,

    /// <summary>Adding up the parts of an output that such cards have.</summary>
    ContextCombine,
}

namespace FastSim.Kernels.Launches;

/// <summary>What the time of a step goes to.</summary>
public enum StepPart
{
    /// <summary>Norms, rotary embedding, activations.</summary>
    Elementwise,

    /// <summary>Projections of attention.</summary>
    AttentionProducts,

    /// <summary>Products in and out of the latent space.</summary>
    LatentProducts,

    /// <summary>Attention of generated tokens.</summary>
    DecodeAttention,

    /// <summary>Attention of prompts.</summary>
    PrefillAttention,

    /// <summary>Dense feed-forward.</summary>
    FeedForward,

    /// <summary>Router.</summary>
    Router,

    /// <summary>Shared experts.</summary>
    SharedExperts,

    /// <summary>Routed experts.</summary>
    Experts,

    /// <summary>Sums over the cards of a rank.</summary>
    AllReduce,

    /// <summary>Tokens to experts and back.</summary>
    AllToAll,

    /// <summary>Projection to the vocabulary, and sampling.</summary>
    Logits,

    /// <summary>The host.</summary>
    Host,
}

/// <summary>Microseconds of a step by part.</summary>
[System.Runtime.CompilerServices.InlineArray(Count)]
public struct StepParts
{
    /// <summary>Parts.</summary>
    public const int Count = (int)StepPart.Host + 1;

    private double first;

    /// <summary>Microseconds in all.</summary>
    public readonly double Total
    {
        get
        {
            double sum = 0;
            foreach (double part in this)
            {
                sum += part;
            }

            return sum;
        }
    }

    /// <summary>Adds time to a part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="microseconds">The time.</param>
    public void Add(StepPart part, double microseconds) => this[(int)part] += microseconds;
}

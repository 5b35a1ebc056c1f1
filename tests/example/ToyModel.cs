using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>
/// Models and loads small enough to follow by hand. Every test uses w = 0.5, a = 2, c = 4 and u = 3 bytes an element, four
/// different factors, so that no two can be mistaken for one another; a request has 6 prompt and 4 generated tokens, so that
/// S = 6 + 4/2 + 1 = 9.
/// </summary>
internal static class ToyModel
{
    public static readonly Precision Precision = new(WeightBytes: 0.5, ActivationBytes: 2, CacheBytes: 4, CommunicationBytes: 3);

    public static readonly SequenceLengths Lengths = new(Input: 6, Output: 4);

    /// <summary>h = 8, I = 16, L = 4, H = 4, Kv = 2, d = 2.</summary>
    public static readonly TransformerModel Dense = new(
        "toy-dense",
        Hidden: 8,
        FeedForward: 16,
        Blocks: 4,
        AttentionKind.GroupQuery,
        Heads: 4,
        KeyValueHeads: 2,
        HeadSize: 2,
        Latent: null,
        FlashAttention: true,
        AttentionGate: false,
        CachedTokens: 0,
        Vocabulary: 0,
        Experts: null);

    /// <summary>Ie = 12, E = 8, k = 2, ns = 1; two redundant experts and two shared replicas make twelve to place.</summary>
    public static readonly MixtureOfExperts Experts = new(
        Intermediate: 12,
        Experts: 8,
        ActiveExperts: 2,
        SharedExpertsPerToken: 1,
        RedundantExperts: 2,
        SharedReplicas: 2,
        CapacityFactor: 1,
        DenseBlocksBetween: 0);

    /// <summary>The dense model's attention with experts behind it.</summary>
    public static readonly TransformerModel GroupQueryExperts = Dense with { Name = "toy-gqa-moe", Experts = Experts };

    /// <summary>Latent attention, qr = 5, kr = 4, rd = 2, nd = 3, vd = 5, with experts behind it.</summary>
    public static readonly TransformerModel LatentExperts = Dense with
    {
        Name = "toy-mla-moe",
        Attention = AttentionKind.LatentAbsorbed,
        KeyValueHeads = 4,
        Latent = new LatentDimensions(QueryRank: 5, KeyValueRank: 4, RotaryHeadSize: 2, PlainHeadSize: 3, ValueHeadSize: 5),
        Experts = Experts,
    };

    /// <summary>Cards of a dense model.</summary>
    public static ParallelLayout Cards(int dp = 1, int pp = 1, int tp = 1) => new(dp, pp, tp, 1, 1, 0, 0, 0);

    /// <summary>Cards of a mixture of experts.</summary>
    public static ParallelLayout Cards(AttentionCards attention, int ep, int mtp, int mdp, int redundant = 2, int shared = 2) =>
        new(attention.Dp, attention.Pp, attention.Tp, ep, mtp, mdp, redundant, shared);

    /// <summary>A phase in seed accounting, without drafts, with as many micro-batches as stages.</summary>
    public static DeploymentShape Shape(TransformerModel model, Phase phase, ParallelLayout layout) => new(
        model,
        Lengths,
        Precision,
        Accounting.Seed,
        MultiTokenPrediction.Off,
        phase,
        layout,
        layout.PipelineParallel);

    public static DeploymentShape Decode(TransformerModel model, ParallelLayout layout) => Shape(model, Phase.Decode, layout);

    public static DeploymentShape Prefill(TransformerModel model, ParallelLayout layout) => Shape(model, Phase.Prefill, layout);

    /// <summary>DP, PP and TP of the attention.</summary>
    internal readonly record struct AttentionCards(int Dp, int Pp, int Tp);
}

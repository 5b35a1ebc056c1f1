using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>Everything but the batch and the chip that decides a phase's operators: what lowering reads.</summary>
/// <param name="Model">The model.</param>
/// <param name="Lengths">The load of one request.</param>
/// <param name="Precision">Bytes per element.</param>
/// <param name="Accounting">Seed or physical accounting.</param>
/// <param name="Prediction">Multi-token prediction; applies to decode.</param>
/// <param name="Phase">The phase.</param>
/// <param name="Layout">How the cards share the work.</param>
/// <param name="MicroBatches"><c>num_bs</c>: micro-batches in flight per attention rank, at least 1; <c>PP</c> in the steady state.</param>
public sealed record DeploymentShape(
    TransformerModel Model,
    SequenceLengths Lengths,
    Precision Precision,
    Accounting Accounting,
    MultiTokenPrediction Prediction,
    Phase Phase,
    ParallelLayout Layout,
    int MicroBatches)
{
    private FoundStage found;

    /// <summary>The engine whose kernels run it; null for the operators of the cost model, each by itself.</summary>
    public ServingEngine? Engine { get; init; }

    /// <summary>How the cards that share a prompt's tokens come by each other's keys and values.</summary>
    public ContextExchange ContextExchange { get; init; }

    /// <summary>Whether the cards that decode prefill, too, and so keep what prompts need of products that decode shares out over more cards.</summary>
    public bool KeepsPromptWeights { get; init; }

    /// <summary>How requests come.</summary>
    public ArrivalPattern Arrivals { get; init; } = ArrivalPattern.Usual;

    /// <summary>Microseconds of an engine's host that every step waits for.</summary>
    public double HostMicroseconds => Engine is null ? 0 : Engine.HostMicroseconds + (Engine.BlockMicroseconds * Model.Blocks);

    /// <summary>Share of the others of a wave whose answers end in the step in which one's does.</summary>
    public double EndTogether => Arrivals.EndTogether(Lengths.Output / Prediction.TokensPerStep);

    /// <summary>Where the cached prefixes of prompts are kept.</summary>
    public PrefixStore Prefix { get; init; }

    /// <summary>
    /// Classes of prompts that find unlike parts of themselves cached; null where all find what the model says (<see cref="TransformerModel.CachedTokens"/>), which is otherwise the fewest.
    /// </summary>
    public PrefixClasses? Prefixes { get; init; }

    /// <summary>Number formats of products; null where stored weights and data types say them.</summary>
    public ProductKinds? Kinds { get; init; }

    /// <summary>Blocks of the whole model, with the extra block of each draft token in decode (cost model B6).</summary>
    public int Blocks => Model.Blocks + (Phase == Phase.Decode ? Prediction.Blocks : 0);

    /// <summary>
    /// The stage of a draft model in its first pass of a decode step, over the rows that the model verified; null where none drafts. It is all on one pipeline
    /// stage, and each attention rank drafts for its own sequences.
    /// </summary>
    public DeploymentShape? Draft => Phase == Phase.Decode && Prediction is { DraftTokens: > 0, Draft.Model: { } draft }
        ? this with { Model = draft, Layout = Layout with { PipelineParallel = 1, AttentionDataParallel = 1, FeedForward = default } }
        : null;

    /// <summary>What encodes the images of prompts; null where there are none.</summary>
    public VisionTower? Vision => Lengths.Images.Images > 0 ? Model.Vision : null;

    /// <summary>Blocks on the fullest stage.</summary>
    public int StageBlocks => Model.Structure is null
        ? Layout.StageBlocks(Blocks)
        : Math.Min(Layout.StageBlocks(Blocks), Blocks - FirstStageBlock);

    /// <summary>First block of the fullest stage; 0 where all blocks are alike.</summary>
    public int FirstStageBlock
    {
        get
        {
            if (Model.Structure is not { } structure || Layout.PipelineParallel == 1)
            {
                return 0;
            }

            if (!ReferenceEquals(found.Stage?.Shape, this))
            {
                found = new FoundStage(new StageOfShape(this, FullestStage.FirstBlock(this, structure.Pattern)));
            }

            return found.Stage!.FirstBlock;
        }
    }

    /// <summary>Expert blocks on the fullest stage; 0 for a dense model.</summary>
    public int StageExpertBlocks => (Model.Structure, Model.Experts) switch
    {
        (_, null) => 0,
        (null, { } experts) => FullestStage.ExpertBlocks(this, experts),
        ({ } structure, _) => structure.Pattern.ExpertBlocks(FirstStageBlock, StageBlocks),
    };

    /// <summary>Dense feed-forward blocks on the fullest stage.</summary>
    public int StageDenseBlocks => Model.Structure is { } structure
        ? structure.Pattern.DenseBlocks(FirstStageBlock, StageBlocks)
        : StageBlocks - StageExpertBlocks;

    /// <summary>Of them, those that have one of the widths that are not the model's.</summary>
    /// <param name="width">Index of the width in the model's pattern.</param>
    public int StageWidthBlocks(int width) => Model.Structure?.Pattern.WidthBlocks(width, FirstStageBlock, StageBlocks) ?? 0;

    /// <summary>Token rows a sequence brings to one pass: the new prompt tokens, or one token and its drafts.</summary>
    public int TokensPerSequence => Phase == Phase.Prefill ? Lengths.Input - Model.CachedTokens : 1 + Prediction.DraftTokens;

    /// <summary>The same, on average over prompts that find unlike parts of themselves cached.</summary>
    public double MeanTokensPerSequence => Phase == Phase.Prefill && Prefixes is { } prefixes ? Lengths.Input - prefixes.Mean(cached => cached) : TokensPerSequence;

    /// <summary>What is to do with a prompt's cached tokens, on average over prompts; nothing where none are.</summary>
    /// <param name="ofTokens">What is to do with so many, at least 1.</param>
    internal double OverPrefixes(Func<int, double> ofTokens) => Prefixes is { } prefixes
        ? prefixes.Mean(cached => cached == 0 ? 0 : ofTokens(cached))
        : Model.CachedTokens == 0 ? 0 : ofTokens(Model.CachedTokens);

    /// <summary>Rows that a sequence brings to a card: a prompt's are shared out over <c>CP</c> cards, a token's are on each of them.</summary>
    public double RowsPerSequence => Phase == Phase.Prefill ? (double)TokensPerSequence / Layout.ContextParallel : TokensPerSequence;

    /// <summary>
    /// Cards that share a product of all rows of a rank out, behind attention: <c>TP</c> of a prompt, <c>CP·TP</c> in decode, where every card has all rows
    /// (Helix parallelism, arXiv 2507.07120; docs/cost-model.md, "Context parallelism").
    /// </summary>
    public int ProductRanks => Phase == Phase.Decode ? Layout.RankCards : Layout.TensorParallel;

    /// <summary>Cards that share a dense feed-forward out: those of a product of each of the attention ranks that have it in common.</summary>
    public int FeedForwardRanks => ProductRanks * Layout.AttentionDataParallel;

    /// <summary>
    /// Attention ranks that share the projection to the vocabulary out: those that share feed-forwards out; one where an engine has a projection a rank, or a draft reads its own rank's again.
    /// </summary>
    public int LogitsShares => Engine is null && Prediction.Draft is null ? Layout.AttentionDataParallel : 1;

    /// <summary>What the cards of a dense feed-forward exchange in this phase: weights are gathered for prompts alone.</summary>
    public FeedForwardForm FeedForward =>
        Phase == Phase.Decode && Layout.FeedForward.Exchange == FeedForwardExchange.WeightGathered ? default : Layout.FeedForward;

    /// <summary>Whether a dense feed-forward is over a rank's own rows and sums them as attention does.</summary>
    public bool SumsFeedForwardAlike => Layout.AttentionDataParallel == 1 && FeedForward.IsOfRows;

    /// <summary>
    /// Cards that have a rank's rows in turn between products (Korthikanti et al., arXiv 2205.05198): what they sum is scattered and gathered again in place
    /// of an all-reduce.
    /// </summary>
    public int RowRanks => Layout.SequenceParallel ? ProductRanks : 1;

    /// <summary>Cards that share out the weights of such a product.</summary>
    public int WeightRanks => KeepsPromptWeights ? Layout.TensorParallel : ProductRanks;

    /// <summary>Cards that share out the weights of a dense feed-forward.</summary>
    public int FeedForwardWeightRanks => WeightRanks * Layout.AttentionDataParallel;

    /// <summary>Cards that share out what a pass over attention's context reads of the cache: <c>CP</c> in decode, 1 of a prompt, whose rows see all of it.</summary>
    public int ContextRanks => Phase == Phase.Decode ? Layout.ContextParallel : 1;

    /// <summary>
    /// Tokens of a sequence that the cache has room for: prompt and answer; under an engine that may evict a sequence as much of it as there is on
    /// average.
    /// </summary>
    public double HeldTokens => (Phase, Engine) switch
    {
        (Phase.Prefill, _) => Lengths.Input,
        (_, { ReservesAnswers: false }) => Lengths.Input + (Lengths.Output / 2d),
        _ => (double)Lengths.Input + Lengths.Output,
    };

    /// <summary>
    /// Whether latent attention works on the latent itself: in decode, and in prefill where rows select tokens, once the prompt is longer
    /// than the selection (docs/cost-model.md, "Blocks that differ").
    /// </summary>
    public bool AbsorbsLatent =>
        Phase == Phase.Decode || (Model.Structure?.Indexer is { } indexer && Lengths.Input > indexer.SelectedTokens);

    /// <summary>
    /// Whether attention runs on all micro-batches in flight at once: what seed accounting does when a mixture-of-experts
    /// model decodes (<c>b·TP·PP</c> rows, cost model A3); physical accounting corrects it (B1.1).
    /// </summary>
    public bool AttendsToAllMicroBatches => Model.Experts is not null && Accounting == Accounting.Seed && Phase == Phase.Decode;

    /// <summary>Sequences of the attention micro-batch per sequence of the rank's micro-batch.</summary>
    public int AttentionBatches => AttendsToAllMicroBatches ? MicroBatches : 1;

    /// <summary>Bytes per element of the embedding table: an engine that quantises a 16-bit checkpoint itself leaves it, the logits and routers as they are.</summary>
    public double EmbeddingBytes => Engine is null || (Kinds is null && Model.Structure is { Storage.IsQuantized: true })
        ? Model.EmbeddingBytes(Precision.WeightBytes)
        : StageBuilder.FusedBytes;

    /// <summary>Bytes of an element that cards of a rank exchange.</summary>
    public double CommunicationBytes => Engine is null ? Precision.CommunicationBytes : StageBuilder.FusedBytes;

    /// <summary>Whether another says the same but for the lengths of requests.</summary>
    /// <param name="other">The other.</param>
    public bool IsAlike(DeploymentShape other) => other is not null
        && (Phase, MicroBatches, Accounting, ContextExchange, KeepsPromptWeights, Precision, Prefix, Prediction, Arrivals)
            == (other.Phase, other.MicroBatches, other.Accounting, other.ContextExchange, other.KeepsPromptWeights, other.Precision, other.Prefix, other.Prediction, other.Arrivals)
        && Layout == other.Layout && Engine == other.Engine && Kinds == other.Kinds && Equals(Prefixes, other.Prefixes) && Model == other.Model;

    /// <summary>Pipeline slots a token waits for: a pipeline that has fewer micro-batches than stages idles.</summary>
    public int PipelineSlots => Math.Max(MicroBatches, Layout.PipelineParallel);

    /// <summary>Sequences in flight over the whole instance per sequence of a rank's micro-batch.</summary>
    public double InFlightPerSequence => (double)MicroBatches * Layout.DataParallel;
}

using System.Globalization;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Search.Plans;

/// <summary>
/// Which layouts a serving engine can run. An instance, one start of the engine, is the <c>EP·MoE-TP</c> cards that hold each expert of a block once,
/// times the pipeline stages; of a dense model it is one attention rank, <c>TP·PP</c> cards, since data parallel is copies then. An instance of
/// experts has <c>EP·MoE-TP/TP</c> attention ranks. Each rule names its source; those with a version are of the releases of
/// <c>data/engines</c>. An engine that is not known here refuses nothing.
/// </summary>
public sealed class EngineLayouts
{
    private const string Vllm = "vllm";
    private const string Sglang = "sglang";
    private const string TensorRt = "trtllm";

    /// <summary>
    /// First words of names of chips for which TensorRT-LLM's guide to wide expert parallelism claims redundant experts
    /// (TensorRT-LLM, examples/wide_ep/README.md, "Prerequisites").
    /// </summary>
    private static readonly string[] ChipsWithCopies = ["GB200", "H20"];

    private readonly TransformerModel model;
    private readonly string chip;
    private readonly int reach;
    private readonly int serverCards;
    private readonly int draftTokens;
    private readonly bool placesCopies;

    /// <summary>The layouts of an engine.</summary>
    /// <param name="engine">Name of the engine; a name with more behind a separator (<c>vllm-8k</c>) is the same engine's.</param>
    /// <param name="model">The model.</param>
    /// <param name="chip">The chip: the innermost of several network tiers is a server, or a rack; a single one says nothing of servers.</param>
    /// <param name="draftTokens">Draft tokens of a decode step; the same for both pools of a split, since both load the drafting blocks.</param>
    public EngineLayouts(string engine, TransformerModel model, Chip chip, int draftTokens)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(chip);
        Engine = Named(engine) ?? "";
        this.model = model;
        this.chip = chip.Name;
        this.draftTokens = draftTokens;
        reach = chip.Networks.Count > 1 ? chip.Networks[0].Size : 0;
        serverCards = ServerCardsOf(chip);
        placesCopies = Engine != TensorRt || Array.Exists(ChipsWithCopies, known => IsFirstWord(known, chip.Name));
    }

    /// <summary>Engines whose limits are known.</summary>
    public static IReadOnlyList<string> Known { get; } = [Vllm, Sglang, TensorRt];

    /// <summary>Whether the limits of an engine of some name are known.</summary>
    public static bool Knows(string engine) => Named(engine) is not null;

    /// <summary>The engine; empty where its limits are not known.</summary>
    public string Engine { get; }

    /// <summary>
    /// Cards of a server, which starts processes: those of the innermost network tier; of one that is larger than any server, a rack of trays, a tray's
    /// (NVIDIA GB200 NVL72 data sheet: 18 trays of 4).
    /// </summary>
    public static int ServerCardsOf(Chip chip)
    {
        ArgumentNullException.ThrowIfNull(chip);
        const int MostServerCards = 16;
        const int TrayCards = 4;
        return chip.Networks[0].Size <= MostServerCards ? chip.Networks[0].Size : TrayCards;
    }

    /// <summary>Cards of a pipeline stage of one instance.</summary>
    public static int StageCards(TransformerModel model, in ParallelLayout layout)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Experts is null ? layout.RankCards : layout.ExpertParallel * layout.ExpertTensorParallel;
    }

    /// <summary>Why the engine cannot run a layout; cheap, for each layout of a search.</summary>
    /// <param name="layout">The layout.</param>
    public LayoutRefusal Refusal(in ParallelLayout layout)
    {
        if (Engine.Length == 0)
        {
            return LayoutRefusal.None;
        }

        if (layout.ContextParallel > 1)
        {
            return LayoutRefusal.ContextShared;
        }

        if (layout.AttentionDataParallel > 1 || !layout.FeedForward.IsOfRows)
        {
            return LayoutRefusal.FeedForwardShared;
        }

        if (layout.SequenceParallel && layout.TensorParallel > 1)
        {
            return LayoutRefusal.RowsShared;
        }

        int tensorParallel = layout.TensorParallel;
        int stage = StageCards(model, layout);
        if (model.Heads % tensorParallel != 0 || PadsHeads(tensorParallel))
        {
            return LayoutRefusal.HeadsUneven;
        }

        if (stage % tensorParallel != 0)
        {
            return LayoutRefusal.ExpertsInsideAttention;
        }

        LayoutRefusal placed = model.Experts is { } experts ? OfExperts(experts, layout, stage) : LayoutRefusal.None;
        if (placed != LayoutRefusal.None)
        {
            return placed;
        }

        LayoutRefusal filled = draftTokens > 0 && layout.PipelineParallel > 1 ? LayoutRefusal.DraftsInPipeline : OfServers(layout, stage);

        // No release of data/engines has a setting that keeps a stated share of weights or caches elsewhere and streams it block by block.
        return filled == LayoutRefusal.None && !layout.Second.IsNone ? LayoutRefusal.SecondMemory : filled;
    }

    /// <summary>Why the engine cannot pass caches between the pools of a split, both of which it can run.</summary>
    /// <param name="prefill">Layout of the prefill pool.</param>
    /// <param name="decode">Layout of the decode pool.</param>
    public LayoutRefusal Refusal(in ParallelLayout prefill, in ParallelLayout decode)
    {
        // SGLang compares tp-size, which holds the attention ranks of an instance, too: the larger must be a multiple of the smaller
        // (python/sglang/srt/server_args.py, about 0.5.8: the check of prefill and decode sizes).
        int first = StageCards(model, prefill);
        int second = StageCards(model, decode);
        return Engine == Sglang && Math.Max(first, second) % Math.Min(first, second) != 0 ? LayoutRefusal.PoolsUnlike : LayoutRefusal.None;
    }

    /// <summary>
    /// A refusal in words: what stands in the way, and the nearest layout without it.
    /// </summary>
    /// <param name="refusal">The refusal; not <see cref="LayoutRefusal.None"/>.</param>
    /// <param name="layout">The layout.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="refusal"/> is none.</exception>
    public string Words(LayoutRefusal refusal, in ParallelLayout layout)
    {
        int stage = StageCards(model, layout);
        (int tp, int pp, int ep, int slices) = (layout.TensorParallel, layout.PipelineParallel, layout.ExpertParallel, layout.ExpertTensorParallel);
        FormattableString words = refusal switch
        {
            LayoutRefusal.HeadsUneven when model.Heads % tp == 0 => $"tensor parallel {tp} pads heads of keys and values, or of some blocks alone, which {Engine} does not; nearest: pad_heads false",
            LayoutRefusal.HeadsUneven => $"tensor parallel {tp} does not divide the {model.Heads} attention heads; nearest: TP {Divisors.Of(model.Heads).Where(divisor => divisor <= tp).Max()}",
            LayoutRefusal.AttentionAcrossServers => $"tensor parallel {tp} reaches across servers of {reach} cards; nearest: a TP that divides {reach}",
            LayoutRefusal.SlicesAcrossServers => $"MoE tensor parallel {slices} reaches across servers of {reach} cards; nearest: MoE-TP 1 with EP {ep * slices}",
            LayoutRefusal.ServersUnfilled =>
                $"an instance of {stage * pp} cards ({stage} a pipeline stage, {tp * pp} an attention rank) neither fills servers of {serverCards} cards nor divides one; nearest: instances of {Nearest(stage * pp)} cards",
            LayoutRefusal.ExpertsInsideAttention =>
                $"a set of experts lies on {stage} cards (EP {ep} x MoE-TP {slices}), an attention rank on {tp}: attention ranks must fill a set's cards; nearest: EP x MoE-TP a multiple of {tp}",
            LayoutRefusal.SpreadAndSliced =>
                $"EP {ep} x MoE-TP {slices} both spreads and slices experts, {Engine} does the one or the other over all cards of an instance; nearest: EP {stage} x MoE-TP 1, or EP 1 x MoE-TP {stage}",
            LayoutRefusal.SlicedAndRepeated =>
                $"an instance's {stage / tp} attention ranks of TP {tp} both slice and repeat attention, {Engine} does the one or the other; nearest: TP 1 with {stage} ranks, or TP {stage}",
            LayoutRefusal.ExpertsUneven =>
                $"EP {ep} does not divide the {model.Experts!.Experts + layout.RedundantExperts} experts that are placed; nearest: {(ep - (model.Experts!.Experts % ep)) % ep} redundant experts",
            LayoutRefusal.CopiesUnspread => $"{layout.RedundantExperts} redundant experts without expert parallelism; nearest: none, or an EP above 1",
            LayoutRefusal.CopiesOnChip =>
                $"{layout.RedundantExperts} redundant experts on {chip}, {Engine} claims them for {string.Join(" and ", ChipsWithCopies)} alone; nearest: none",
            LayoutRefusal.DraftsInPipeline => $"draft tokens with pipeline parallel {pp}; nearest: PP 1, or no draft tokens",
            LayoutRefusal.ContextShared => $"context parallel {layout.ContextParallel}: {ContextWords()}; nearest: CP 1",
            LayoutRefusal.FeedForwardShared when layout.AttentionDataParallel == 1 => $"a dense feed-forward whose cards exchange other than rows, for which launch files have no option of {Engine}; nearest: feed_forward_exchange rows",
            LayoutRefusal.FeedForwardShared => $"{layout.AttentionDataParallel} attention ranks that share a dense feed-forward out, for which launch files have no option of {Engine}; nearest: attention_data_parallel 1",
            LayoutRefusal.RowsShared => $"sequence parallel of norms, which launch files have no option of {Engine} for; nearest: sequence_parallel false",
            LayoutRefusal.PoolsUnlike => $"{stage} cards of a stage of this pool and those of the other, neither a multiple of the other, so that {Engine} passes no cache between them; nearest: as many cards in both",
            LayoutRefusal.SecondMemory =>
                $"{layout.Second.Weights * 100:0.##} % of weights and {layout.Second.Cache * 100:0.##} % of caches stream from a second memory, for which {Engine} has no setting; nearest: none of both",
            _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "expected a refusal"),
        };
        return words.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// What the engine has instead. vLLM's and SGLang's decode context parallel shares the cache out over cards that share the heads out, too
    /// (vLLM docs/serving/context_parallel_deployment.md; SGLang docs/advanced_features/dcp.md, dcp-size inside tp-size), SGLang's of prompts keeps all keys and
    /// values on each card (docs/advanced_features/prefill_cp.md). TensorRT-LLM decodes so, as Helix (docs/source/features/helix.md), by options that the
    /// release of data/engines does not have.
    /// </summary>
    private string ContextWords() => Engine switch
    {
        Vllm => "vllm shares a cache out over the cards of TP (--decode-context-parallel-size), which share the heads out, too, not over ranks besides",
        Sglang => "sglang shares a cache out over the cards of TP (--dcp-size), which share the heads out, too, and prompts with all keys and values on each card, not over ranks besides",
        _ => "trtllm has it as Helix, in decoding alone and in releases after the one that launch files are written for",
    };

    /// <summary>
    /// Whether some block's heads would be padded, which no engine does on the chips here: vLLM asserts that TP divides the heads, and that it divides the key-value
    /// heads or they it (vllm/config/model.py, verify_with_parallel_config; vllm/model_executor/models/llama.py, LlamaAttention), SGLang the same
    /// (python/sglang/srt/models/llama.py; it pads for CPUs alone, python/sglang/srt/configs/update_config.py), TensorRT-LLM that TP divides the heads
    /// (tensorrt_llm/_torch/modules/attention.py).
    /// </summary>
    private bool PadsHeads(int tensorParallel) => model.PadsHeads
        && (model.Structure?.Pattern.Forms ?? [null]).Any(form => form is not { State: not null } && !HeadShares.AreWhole(model.Seen(form), tensorParallel));

    private static string? Named(string engine) => Array.Find([Vllm, Sglang, TensorRt], known => IsFirstWord(known, engine));

    private LayoutRefusal OfExperts(MixtureOfExperts experts, in ParallelLayout layout, int stage)
    {
        bool isSpread = layout.ExpertParallel > 1;

        // vLLM: with --enable-expert-parallel EP is TP x DP and an expert is whole; without, it is sliced over all TP x DP
        // (docs/serving/expert_parallel_deployment.md, data_parallel_deployment.md, 0.13 to 0.15).
        if (Engine == Vllm && isSpread && layout.ExpertTensorParallel > 1)
        {
            return LayoutRefusal.SpreadAndSliced;
        }

        // TensorRT-LLM: attention data parallel is as wide as tensor_parallel_size or not there (tensorrt_llm/mapping.py, 1.2).
        if (Engine == TensorRt && layout.TensorParallel > 1 && stage > layout.TensorParallel)
        {
            return LayoutRefusal.SlicedAndRepeated;
        }

        // Balancers of redundant experts need expert parallelism: vLLM config/parallel.py (0.13), SGLang server_args.py (about 0.5.8);
        // TensorRT-LLM's slots are a number for each expert-parallel rank (tensorrt_llm/llmapi/llm_args.py, 1.2).
        if (layout.RedundantExperts > 0 && !isSpread)
        {
            return LayoutRefusal.CopiesUnspread;
        }

        if (layout.RedundantExperts > 0 && !placesCopies)
        {
            return LayoutRefusal.CopiesOnChip;
        }

        // vLLM places uneven experts where it does not balance them (model_executor/layers/fused_moe/layer.py); the others never do
        // (SGLang eplb/expert_location.py; TensorRT-LLM fused_moe/interface.py, slots by rank).
        bool mayBeUneven = Engine == Vllm && layout.RedundantExperts == 0;
        return !mayBeUneven && (experts.Experts + layout.RedundantExperts) % layout.ExpertParallel != 0 ? LayoutRefusal.ExpertsUneven : LayoutRefusal.None;
    }

    /// <summary>
    /// Ranks of a group are numbered one after another, so that a group stays inside servers exactly where its size divides theirs. That slices stay
    /// inside a server is our rule, engines start such plans, but sums across servers in every block are what none is deployed with
    /// (vLLM docs/serving/parallelism_scaling.md: tensor parallel inside a node, pipeline parallel across). Nodes of one start must be
    /// whole and alike: SGLang <c>(tp·pp) % nnodes = 0</c>, vLLM <c>TP·PP·DP</c> likewise, MPI tasks a node.
    /// </summary>
    private LayoutRefusal OfServers(in ParallelLayout layout, int stage)
    {
        if (reach == 0)
        {
            return LayoutRefusal.None;
        }

        int instance = stage * layout.PipelineParallel;
        if (Leaves(layout.TensorParallel, instance))
        {
            return LayoutRefusal.AttentionAcrossServers;
        }

        if (model.Experts is not null && Leaves(layout.ExpertTensorParallel, instance))
        {
            return LayoutRefusal.SlicesAcrossServers;
        }

        // A data-parallel rank of vLLM, TP x PP, is what one node starts some of, or several start one of (vllm/engine/arg_utils.py, about 0.14).
        bool isWhole = Fills(instance) && Fills(stage) && (Engine != Vllm || instance <= serverCards || Fills(layout.TensorParallel * layout.PipelineParallel));
        return isWhole ? LayoutRefusal.None : LayoutRefusal.ServersUnfilled;
    }

    private bool Leaves(int group, int instance) => group > reach || (instance > reach && reach % group != 0);

    private bool Fills(int cards) => cards % serverCards == 0 || serverCards % cards == 0;

    private int Nearest(int cards)
    {
        if (cards > serverCards)
        {
            return (cards + serverCards - 1) / serverCards * serverCards;
        }

        return Divisors.Of(serverCards).Where(divisor => divisor >= cards).Min();
    }

    /// <summary>Whether a name is a word, or that with more behind a separator.</summary>
    private static bool IsFirstWord(string word, string name) =>
        name.StartsWith(word, StringComparison.OrdinalIgnoreCase) && (name.Length == word.Length || !char.IsLetterOrDigit(name[word.Length]));
}

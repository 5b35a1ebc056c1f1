namespace FastSim.Cli.Configuration.Published;

/// <summary>Names of a feed-forward's products.</summary>
/// <param name="Gate">The gate's; of one matrix with <paramref name="Up"/> where they are the same.</param>
/// <param name="Up">What the gate is multiplied with.</param>
/// <param name="Down">Back to the hidden state.</param>
internal readonly record struct FeedForwardNames(string Gate, string Up, string Down);

/// <summary>Where the modules of an architecture stand in its checkpoints, and what they are called. Source: the publishers' and transformers' classes.</summary>
internal sealed record ModuleLayout
{
    private static readonly FeedForwardNames Numbered = new("w1", "w3", "w2");
    private static readonly FeedForwardNames Megatron = new("dense_h_to_4h", "dense_h_to_4h", "dense_4h_to_h");
    private static readonly FeedForwardNames Joined = new("input_linear", "input_linear", "output_linear");
    private static readonly ModuleLayout Usual = new();

    /// <summary>What holds the blocks; null for the usual places.</summary>
    public string? Root { get; private init; }

    /// <summary>The list of blocks within.</summary>
    public string Blocks { get; private init; } = "layers";

    /// <summary>Attention within a block.</summary>
    public string Attention { get; private init; } = "self_attn";

    /// <summary>The one matrix of query, key and value; null where they are three.</summary>
    public string? Query { get; private init; }

    /// <summary>Into a width that queries are projected by way of.</summary>
    public string QueryDown { get; private init; } = "q_a_proj";

    /// <summary>From there to the queries.</summary>
    public string QueryUp { get; private init; } = "q_b_proj";

    /// <summary>The attention's output.</summary>
    public string Output { get; private init; } = "o_proj";

    /// <summary>The gate of its output.</summary>
    public string Gate { get; private init; } = "gate_proj";

    /// <summary>What keeps a state, or convolves, in place of attention.</summary>
    public string Mixer { get; private init; } = "mamba";

    /// <summary>Queries, keys and values of linear attention with a fixed decay, the gate of its output, and that.</summary>
    public (string Input, string Gate, string Output) Lightning { get; private init; } = ("qkv_proj", "output_gate", "out_proj");

    /// <summary>Whether linear attention has a matrix each for queries, keys, values, gate and scalars.</summary>
    public bool HasSeparateDelta { get; private init; }

    /// <summary>The dense feed-forward.</summary>
    public string Dense { get; private init; } = "mlp";

    /// <summary>Its products.</summary>
    public FeedForwardNames DenseNames { get; private init; } = new("gate_proj", "up_proj", "down_proj");

    /// <summary>Routed experts.</summary>
    public string Experts { get; private init; } = "mlp.experts";

    /// <summary>Products of an expert.</summary>
    public FeedForwardNames ExpertNames { get; private init; } = new("gate_proj", "up_proj", "down_proj");

    /// <summary>Whether all experts of a block are in one module.</summary>
    public bool GathersExperts { get; private init; }

    /// <summary>Products of that module.</summary>
    public FeedForwardNames GatheredNames { get; private init; } = new("gate_up_proj", "gate_up_proj", "down_proj");

    /// <summary>Shared experts, by all their names.</summary>
    public string[] Shared { get; private init; } = ["mlp.shared_experts", "mlp.shared_expert"];

    /// <summary>Products of a shared expert.</summary>
    public FeedForwardNames SharedNames { get; private init; } = new("gate_proj", "up_proj", "down_proj");

    /// <summary>The router; null where it is no linear module.</summary>
    public string? Router { get; private init; }

    /// <summary>Into and out of the width that routed experts work in.</summary>
    public string[] Latent { get; private init; } = [];

    /// <summary>Blocks of attention and feed-forward in a layer of the checkpoint, each list numbered within it.</summary>
    public int BlocksPerLayer { get; private init; } = 1;

    /// <summary>The layout of an architecture.</summary>
    /// <param name="architecture">Its <c>model_type</c>.</param>
    public static ModuleLayout Of(string architecture) => OfExperts(architecture) ?? OfMixers(architecture) ?? OfDense(architecture) ?? Usual;

    private static ModuleLayout? OfExperts(string architecture) => architecture switch
    {
        "mixtral" or "phimoe" or "minimax" or "minimax_m1" or "minimax_m2" or "minimax_text_01" => Usual with
        {
            Experts = "block_sparse_moe.experts",
            Shared = ["block_sparse_moe.shared_mlp", "shared_mlp"],
            Router = "block_sparse_moe.gate",
            ExpertNames = Numbered,
        },
        "minimax_m3_vl_text" => Usual with
        {
            Experts = "block_sparse_moe.experts",
            Shared = ["block_sparse_moe.shared_experts"],
            Router = "block_sparse_moe.gate",
            ExpertNames = Numbered,
        },
        "granitemoe" or "granitemoeshared" or "granitemoehybrid" or "granitemoe_swa" => Usual with
        {
            Dense = "shared_mlp",
            DenseNames = Joined,
            Shared = ["shared_mlp"],
            SharedNames = Joined,
            Experts = "block_sparse_moe",
            GatheredNames = Joined,
            GathersExperts = true,
            Router = "block_sparse_moe.router.layer",
        },
        "dbrx" => Usual with
        {
            Root = "transformer",
            Blocks = "blocks",
            Attention = "norm_attn_norm.attn",
            Query = "Wqkv",
            Output = "out_proj",
            Experts = "ffn.experts.mlp",
            ExpertNames = new("w1", "v1", "w2"),
            GatheredNames = new("w1", "v1", "w2"),
            GathersExperts = true,
            Router = "ffn.router.layer",
        },
        "arctic" => Usual with
        {
            Dense = "residual_mlp",
            DenseNames = Numbered,
            Experts = "block_sparse_moe.experts",
            ExpertNames = Numbered,
            Router = "block_sparse_moe.gate",
        },
        "git" => Usual with { Experts = "block_sparse_moe.experts", ExpertNames = Numbered, Shared = ["mlp"], Router = "block_sparse_moe.gate" },
        "llama4_text" => Usual with
        {
            Dense = "feed_forward",
            Experts = "feed_forward.experts",
            Shared = ["feed_forward.shared_expert"],
            Router = "feed_forward.router",
            GathersExperts = true,
        },
        "deepseek_v4" => Usual with
        {
            Attention = "attn",
            Experts = "ffn.experts",
            Shared = ["ffn.shared_experts"],
            Router = "ffn.gate",
            ExpertNames = Numbered,
        },
        "gemma4_text" => Usual with { Experts = "experts", Router = "router.proj", GathersExperts = true },
        "gpt_oss" => Usual with { GathersExperts = true },
        "olmoe" or "ernie4_5_moe" or "ernie4_5_vl_moe_text" or "qwen2_moe" or "qwen3_moe" or "qwen3_vl_moe_text" => Usual with { Router = "mlp.gate" },
        "afmoe" => Usual with { Router = "mlp.router.gate" },
        "laguna" => Usual with { Router = "mlp.gate", Gate = "g_proj" },
        "hunyuan_v1_moe" => Usual with { Shared = ["mlp.shared_mlp"], Router = "mlp.gate.wg" },
        "bailing_moe" or "bailing_moe_v2" or "bailing_moe_linear" or "bailing_moe_v2_5" or "bailing_hybrid" => Usual with
        {
            Attention = "attention",
            Query = "query_key_value",
            Output = "dense",
            Lightning = ("query_key_value", "g_proj", "dense"),
        },
        "step3p5" or "step3p7" => Usual with
        {
            Experts = "moe.experts",
            Shared = ["share_expert"],
            Router = "moe.gate",
            Gate = "g_proj",
            GathersExperts = true,
        },
        "step3_text" => Usual with
        {
            QueryUp = "wq",
            QueryDown = "q_proj",
            Experts = "moe",
            Shared = ["share_expert"],
            Router = "moe.gate",
            GathersExperts = true,
            GatheredNames = new("gate_proj", "up_proj", "down_proj"),
        },
        "longcat_flash" => Usual with { Dense = "mlps", Router = "mlp.router.classifier", BlocksPerLayer = 2 },
        _ => null,
    };

    private static ModuleLayout? OfMixers(string architecture) => architecture switch
    {
        "qwen3_next" or "qwen3_5_text" or "qwen3_5_moe_text" => Usual with { Router = "mlp.gate", Gate = "q_proj" },
        "kimi_linear" => Usual with
        {
            Experts = "block_sparse_moe.experts",
            Shared = ["block_sparse_moe.shared_experts"],
            ExpertNames = Numbered,
            Gate = "g_proj",
        },
        "nemotron_h" => Usual with
        {
            Root = "backbone",
            Dense = "mixer",
            Attention = "mixer",
            Mixer = "mixer",
            Experts = "mixer.experts",
            Shared = ["mixer.shared_experts"],
            Router = "mixer.gate",
            Latent = ["mixer.fc1_latent_proj", "mixer.fc2_latent_proj"],
        },
        "olmo_hybrid" => Usual with { HasSeparateDelta = true },
        "bamba" or "falcon_h1" => Usual with { Dense = "feed_forward" },
        "jamba" => Usual with { Dense = "feed_forward", Experts = "feed_forward.experts", Router = "feed_forward.router" },
        "lfm2" or "lfm2_moe" => Usual with
        {
            Mixer = "conv",
            Output = "out_proj",
            Dense = "feed_forward",
            DenseNames = Numbered,
            Experts = "feed_forward.experts",
            ExpertNames = Numbered,
            Router = "feed_forward.gate",
        },
        _ => null,
    };

    private static ModuleLayout? OfDense(string architecture) => architecture switch
    {
        "falcon" or "bloom" => Usual with { Root = "transformer", Blocks = "h", Attention = "self_attention", Query = "query_key_value", Output = "dense", DenseNames = Megatron },
        "chatglm" => Usual with { Root = "transformer.encoder", Attention = "self_attention", Query = "query_key_value", Output = "dense", DenseNames = Megatron },
        "gpt_neox" => Usual with { Root = "gpt_neox", Attention = "attention", Query = "query_key_value", Output = "dense", DenseNames = Megatron },
        "gpt2" or "gpt_bigcode" => Usual with { Root = "transformer", Blocks = "h", Attention = "attn", Query = "c_attn", Output = "c_proj", DenseNames = new("c_fc", "c_fc", "c_proj") },
        "gptj" => Usual with { Root = "transformer", Blocks = "h", Attention = "attn", Output = "out_proj", DenseNames = new("fc_in", "fc_in", "fc_out") },
        "codegen" => Usual with { Root = "transformer", Blocks = "h", Attention = "attn", Query = "qkv_proj", Output = "out_proj", DenseNames = new("fc_in", "fc_in", "fc_out") },
        "gpt_neo" => Usual with { Root = "transformer", Blocks = "h", Attention = "attn.attention", Output = "out_proj", DenseNames = new("c_fc", "c_fc", "c_proj") },
        "exaone" => Usual with { Root = "transformer", Blocks = "h", Attention = "attn.attention", Output = "out_proj", DenseNames = new("c_fc_0", "c_fc_1", "c_proj") },
        "mpt" => Usual with { Root = "transformer", Blocks = "blocks", Attention = "attn", Query = "Wqkv", Output = "out_proj", Dense = "ffn", DenseNames = new("up_proj", "up_proj", "down_proj") },
        "opt" => Usual with { Root = "model.decoder", Output = "out_proj", Dense = "", DenseNames = new("fc1", "fc1", "fc2") },
        "phi" => Usual with { Output = "dense", DenseNames = new("fc1", "fc1", "fc2") },
        "phi3" or "phi4mm" or "phi4_multimodal" => Usual with { Query = "qkv_proj", DenseNames = new("gate_up_proj", "gate_up_proj", "down_proj") },
        "starcoder2" => Usual with { DenseNames = new("c_fc", "c_fc", "c_proj") },
        "baichuan" => Usual with { Query = "W_pack" },
        "internlm2" => Usual with { Attention = "attention", Query = "wqkv", Output = "wo", Dense = "feed_forward", DenseNames = Numbered },
        _ => null,
    };
}

using System.Globalization;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>What the modules of an architecture are called in its checkpoints: what quantizers name.</summary>
internal sealed class ModuleNames
{
    private const string Attention = "self_attn";

    private const string LinearAttention = "linear_attn";

    private static readonly string[] Wrapped = ["model", "language_model.model", "model.language_model"];

    private readonly string[] roots;
    private readonly bool fuses;
    private readonly string dense = "mlp";
    private readonly string experts = "mlp.experts";
    private readonly string[] shared = ["mlp.shared_experts", "mlp.shared_expert"];
    private readonly string? router;
    private readonly (string Gate, string Up, string Down) expert = ("gate_proj", "up_proj", "down_proj");
    private readonly string[] latent = [];
    private readonly string attention = Attention;
    private readonly string gate = "gate_proj";
    private readonly string? query;
    private readonly string output = "o_proj";
    private readonly bool gathersExperts;

    /// <summary>Takes an architecture.</summary>
    /// <param name="architecture">Its <c>model_type</c>.</param>
    /// <param name="section">The quantization section's text: names that do not occur in it need not be tried.</param>
    public ModuleNames(string architecture, string section)
    {
        roots = section.Contains("language_model", StringComparison.Ordinal) ? Wrapped : Wrapped[..1];
        fuses = section.Contains("qkv", StringComparison.Ordinal) || section.Contains("gate_up", StringComparison.Ordinal);
        switch (architecture)
        {
            case "mixtral" or "minimax" or "minimax_m1" or "minimax_m2" or "minimax_text_01":
                experts = "block_sparse_moe.experts";
                shared = ["block_sparse_moe.shared_mlp", "shared_mlp"];
                router = "block_sparse_moe.gate";
                expert = ("w1", "w3", "w2");
                break;
            case "llama4_text":
                dense = "feed_forward";
                experts = "feed_forward.experts";
                shared = ["feed_forward.shared_expert"];
                router = "feed_forward.router";
                gathersExperts = true;
                break;
            case "deepseek_v4":
                attention = "attn";
                experts = "ffn.experts";
                shared = ["ffn.shared_experts"];
                router = "ffn.gate";
                expert = ("w1", "w3", "w2");
                break;
            case "gemma4_text":
                experts = "experts";
                router = "router.proj";
                gathersExperts = true;
                break;
            case "gpt_oss":
                gathersExperts = true;
                break;
            case "olmoe" or "ernie4_5_moe" or "qwen2_moe" or "qwen3_moe" or "qwen3_vl_moe_text":
                router = "mlp.gate";
                break;
            case "qwen3_next" or "qwen3_5_text" or "qwen3_5_moe_text":
                router = "mlp.gate";
                gate = "q_proj";
                break;
            case "afmoe":
                router = "mlp.router.gate";
                break;
            case "laguna":
                router = "mlp.gate";
                gate = "g_proj";
                break;
            case "hunyuan_v1_moe":
                shared = ["mlp.shared_mlp"];
                router = "mlp.gate.wg";
                break;
            case "bailing_moe" or "bailing_moe_v2":
                attention = "attention";
                (query, output) = ("query_key_value", "dense");
                break;
            case "kimi_linear":
                experts = "block_sparse_moe.experts";
                shared = ["block_sparse_moe.shared_experts"];
                expert = ("w1", "w3", "w2");
                gate = "g_proj";
                break;
            case "step3p5" or "step3p7":
                experts = "moe.experts";
                shared = ["share_expert"];
                router = "moe.gate";
                gate = "g_proj";
                gathersExperts = true;
                break;
            case "nemotron_h":
                roots = [.. roots.Select(root => root.Replace("model", "backbone", StringComparison.Ordinal)), .. roots];
                (dense, attention) = ("mixer", "mixer");
                experts = "mixer.experts";
                shared = ["mixer.shared_experts"];
                router = "mixer.gate";
                latent = ["mixer.fc1_latent_proj", "mixer.fc2_latent_proj"];
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// Names of a projection; the first is the checkpoint's own. None for a router that is no linear module but a parameter: quantizers leave
    /// it alone whatever they name.
    /// </summary>
    /// <param name="projection">The projection.</param>
    /// <param name="layer">The block.</param>
    /// <param name="kind">What mixes its tokens.</param>
    /// <param name="index">Which of the routed experts.</param>
    public string[] Of(Projection projection, int layer, AttentionKind kind, int index)
    {
        if (projection is Projection.Logits)
        {
            return ["lm_head", "language_model.lm_head"];
        }

        return projection is Projection.Embedding
            ? [.. roots.Select(root => $"{root}.embed_tokens")]
            : [.. from name in kind == AttentionKind.GatedDelta && ProjectionShape.RoleOf(projection) == WeightRoles.Attention ? OfDelta(projection) : Within(projection, kind, index)
                  from root in roots
                  select string.Create(CultureInfo.InvariantCulture, $"{root}.layers.{layer}.{name}")];
    }

    private static IEnumerable<string> OfDelta(Projection projection) => projection switch
    {
        Projection.StateInput => [$"{LinearAttention}.in_proj_qkv", $"{LinearAttention}.in_proj_qkvz"],
        Projection.AttentionGate => [$"{LinearAttention}.in_proj_z", $"{LinearAttention}.in_proj_qkvz"],
        Projection.StateScalars => [$"{LinearAttention}.in_proj_b", $"{LinearAttention}.in_proj_a", $"{LinearAttention}.in_proj_ba"],
        _ => [$"{LinearAttention}.out_proj"],
    };

    private static string OfCompressed(Projection projection) => projection switch
    {
        Projection.QueryDown => "wq_a",
        Projection.QueryUp => "wq_b",
        Projection.KeyValueDown => "wkv",
        Projection.OutputDown => "wo_a",
        Projection.Compressor => "compressor.wkv",
        Projection.IndexCompressor => "indexer.compressor.wkv",
        Projection.IndexQuery => "indexer.wq_b",
        Projection.IndexWeights => "indexer.weights_proj",
        _ => "wo_b",
    };

    private IEnumerable<string> Within(Projection projection, AttentionKind kind, int index)
    {
        string number = index.ToString(CultureInfo.InvariantCulture);
        return projection switch
        {
            _ when kind == AttentionKind.Compressed && ProjectionShape.RoleOf(projection) == WeightRoles.Attention => [$"{attention}.{OfCompressed(projection)}"],
            Projection.Query or Projection.Key or Projection.Value when query is not null => [$"{attention}.{query}"],
            Projection.Query => With(attention, "q_proj", "qkv_proj"),
            Projection.Key => With(attention, "k_proj", "qkv_proj"),
            Projection.Value => With(attention, "v_proj", "qkv_proj"),
            Projection.QueryDown => [$"{attention}.q_a_proj"],
            Projection.QueryUp => [$"{attention}.q_b_proj"],
            Projection.KeyValueDown => [$"{attention}.kv_a_proj_with_mqa"],
            Projection.KeyValueUp => [$"{attention}.kv_b_proj"],
            Projection.AttentionGate => [$"{attention}.{gate}"],
            Projection.AttentionOutput => [kind == AttentionKind.StateSpace ? $"{attention}.out_proj" : $"{attention}.{output}"],
            Projection.StateInput => [$"{attention}.in_proj"],
            Projection.StateScalars => [$"{attention}.b_proj"],
            Projection.DecayDown => [$"{attention}.f_a_proj"],
            Projection.DecayUp => [$"{attention}.f_b_proj"],
            Projection.GateDown => [$"{attention}.g_a_proj"],
            Projection.GateUp => [$"{attention}.g_b_proj"],
            Projection.IndexQuery => [$"{attention}.indexer.wq_b"],
            Projection.IndexKey => [$"{attention}.indexer.wk"],
            Projection.IndexWeights => [$"{attention}.indexer.weights_proj"],
            Projection.DenseGate => With(dense, "gate_proj", "gate_up_proj"),
            Projection.DenseUp => With(dense, "up_proj", "gate_up_proj"),
            Projection.DenseDown => [$"{dense}.down_proj"],
            Projection.RoutedGate => Expert(number, expert.Gate, "gate_up_proj"),
            Projection.RoutedUp => Expert(number, expert.Up, "gate_up_proj"),
            Projection.RoutedDown => Expert(number, expert.Down, "down_proj"),
            Projection.SharedGate => shared.SelectMany(module => With(module, "gate_proj", "gate_up_proj")),
            Projection.SharedUp => shared.SelectMany(module => With(module, "up_proj", "gate_up_proj")),
            Projection.SharedDown => shared.Select(module => $"{module}.down_proj"),
            Projection.RoutedInput or Projection.RoutedOutput => latent.Skip(projection - Projection.RoutedInput).Take(1),
            _ => router is null ? [] : [router],
        };
    }

    /// <summary>A module by its own name, and by that of the one that engines make of several.</summary>
    private IEnumerable<string> With(string module, string name, string fused) =>
        fuses ? [$"{module}.{name}", $"{module}.{fused}"] : [$"{module}.{name}"];

    /// <summary>An expert's module; some architectures keep all experts in one.</summary>
    private IEnumerable<string> Expert(string number, string name, string gathered) =>
        gathersExperts ? [$"{experts}.{gathered}", $"{experts}.{number}.{name}"] : With($"{experts}.{number}", name, gathered);
}

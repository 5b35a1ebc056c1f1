using System.Globalization;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>What the modules of an architecture are called in its checkpoints: what quantizers name.</summary>
internal sealed class ModuleNames
{
    private const string LinearAttention = "linear_attn";
    private const string UsualRoot = "model";

    private static readonly string[] Wrapped = [UsualRoot, "language_model.model", "model.language_model"];

    private readonly ModuleLayout layout;
    private readonly string[] roots;
    private readonly bool fuses;

    /// <summary>Takes an architecture.</summary>
    /// <param name="architecture">Its <c>model_type</c>.</param>
    /// <param name="section">The quantization section's text: names that do not occur in it need not be tried.</param>
    public ModuleNames(string architecture, string section)
    {
        layout = ModuleLayout.Of(architecture);
        roots = section.Contains("language_model", StringComparison.Ordinal) ? Wrapped : Wrapped[..1];
        fuses = section.Contains("qkv", StringComparison.Ordinal) || section.Contains("gate_up", StringComparison.Ordinal);
        if (layout.Root is { } own)
        {
            roots = [.. roots.Select(root => root.Replace(UsualRoot, own, StringComparison.Ordinal)), .. roots];
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

        int number = layer / layout.BlocksPerLayer;
        return projection is Projection.Embedding
            ? [.. roots.Select(root => $"{root}.embed_tokens")]
            : [.. from name in kind == AttentionKind.GatedDelta && ProjectionShape.RoleOf(projection) == WeightRoles.Attention ? OfDelta(projection) : Within(projection, kind, layer, index)
                  from root in roots
                  select string.Create(CultureInfo.InvariantCulture, $"{root}.{layout.Blocks}.{number}.{name}")];
    }

    private IEnumerable<string> OfDelta(Projection projection) => layout.HasSeparateDelta ? OfSeparateDelta(projection) : projection switch
    {
        Projection.StateInput => [$"{LinearAttention}.in_proj_qkv", $"{LinearAttention}.in_proj_qkvz"],
        Projection.AttentionGate => [$"{LinearAttention}.in_proj_z", $"{LinearAttention}.in_proj_qkvz"],
        Projection.StateScalars => [$"{LinearAttention}.in_proj_b", $"{LinearAttention}.in_proj_a", $"{LinearAttention}.in_proj_ba"],
        _ => [$"{LinearAttention}.out_proj"],
    };

    private static IEnumerable<string> OfSeparateDelta(Projection projection) => projection switch
    {
        Projection.StateInput => [$"{LinearAttention}.q_proj", $"{LinearAttention}.k_proj", $"{LinearAttention}.v_proj"],
        Projection.AttentionGate => [$"{LinearAttention}.g_proj"],
        Projection.StateScalars => [$"{LinearAttention}.a_proj", $"{LinearAttention}.b_proj"],
        _ => [$"{LinearAttention}.o_proj"],
    };

    /// <summary>A state space, a selective scan or a short convolution.</summary>
    private static string OfMixer(Projection projection) => projection switch
    {
        Projection.StateInput => "in_proj",
        Projection.StateScalars => "x_proj",
        Projection.DecayUp => "dt_proj",
        _ => "out_proj",
    };

    private string OfLightning(Projection projection) => projection switch
    {
        Projection.StateInput => layout.Lightning.Input,
        Projection.AttentionGate => layout.Lightning.Gate,
        _ => layout.Lightning.Output,
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

    private IEnumerable<string> Within(Projection projection, AttentionKind kind, int block, int index)
    {
        string number = index.ToString(CultureInfo.InvariantCulture);
        string part = layout.BlocksPerLayer == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $".{block % layout.BlocksPerLayer}");
        string attention = layout.Attention + part;
        string dense = layout.Dense.Length == 0 ? "" : $"{layout.Dense}{part}.";
        bool mixes = ProjectionShape.RoleOf(projection) == WeightRoles.Attention;
        return projection switch
        {
            _ when mixes && kind == AttentionKind.Compressed => [$"{attention}.{OfCompressed(projection)}"],
            _ when mixes && kind == AttentionKind.Lightning => [$"{attention}.{OfLightning(projection)}"],
            _ when mixes && kind is AttentionKind.StateSpace or AttentionKind.SelectiveScan or AttentionKind.ShortConvolution => [$"{layout.Mixer}.{OfMixer(projection)}"],
            Projection.Query or Projection.Key or Projection.Value when layout.Query is { } query => [$"{attention}.{query}"],
            Projection.Query => With($"{attention}.", "q_proj", "qkv_proj"),
            Projection.Key => With($"{attention}.", "k_proj", "qkv_proj"),
            Projection.Value => With($"{attention}.", "v_proj", "qkv_proj"),
            Projection.QueryDown => [$"{attention}.{layout.QueryDown}"],
            Projection.QueryUp => [$"{attention}.{layout.QueryUp}"],
            Projection.KeyValueDown => [$"{attention}.kv_a_proj_with_mqa"],
            Projection.KeyValueUp => [$"{attention}.kv_b_proj"],
            Projection.AttentionGate => [$"{attention}.{layout.Gate}"],
            Projection.AttentionOutput => [$"{attention}.{layout.Output}"],
            Projection.StateScalars => [$"{attention}.b_proj"],
            Projection.DecayDown => [$"{attention}.f_a_proj"],
            Projection.DecayUp => [$"{attention}.f_b_proj"],
            Projection.GateDown => [$"{attention}.g_a_proj"],
            Projection.GateUp => [$"{attention}.g_b_proj"],
            Projection.IndexQuery => [$"{attention}.indexer.wq_b", $"{attention}.indexer.q_proj", $"{attention}.index_q_proj"],
            Projection.IndexKey => [$"{attention}.indexer.wk", $"{attention}.indexer.k_proj", $"{attention}.index_k_proj"],
            Projection.IndexWeights => [$"{attention}.indexer.weights_proj"],
            Projection.DenseGate => With(dense, layout.DenseNames.Gate, "gate_up_proj"),
            Projection.DenseUp => With(dense, layout.DenseNames.Up, "gate_up_proj"),
            Projection.DenseDown => [$"{dense}{layout.DenseNames.Down}"],
            Projection.RoutedGate => Expert(number, layout.ExpertNames.Gate, layout.GatheredNames.Gate),
            Projection.RoutedUp => Expert(number, layout.ExpertNames.Up, layout.GatheredNames.Up),
            Projection.RoutedDown => Expert(number, layout.ExpertNames.Down, layout.GatheredNames.Down),
            Projection.SharedGate => layout.Shared.SelectMany(module => With($"{module}.", layout.SharedNames.Gate, "gate_up_proj")),
            Projection.SharedUp => layout.Shared.SelectMany(module => With($"{module}.", layout.SharedNames.Up, "gate_up_proj")),
            Projection.SharedDown => layout.Shared.Select(module => $"{module}.{layout.SharedNames.Down}"),
            Projection.RoutedInput or Projection.RoutedOutput => layout.Latent.Skip(projection - Projection.RoutedInput).Take(1),
            _ => layout.Router is null ? [] : [layout.Router],
        };
    }

    /// <summary>A module by its own name, and by that of the one that engines make of several.</summary>
    private IEnumerable<string> With(string within, string name, string fused) =>
        fuses && name != fused ? [$"{within}{name}", $"{within}{fused}"] : [$"{within}{name}"];

    /// <summary>An expert's module; some architectures keep all experts in one.</summary>
    private IEnumerable<string> Expert(string number, string name, string gathered) =>
        layout.GathersExperts ? [$"{layout.Experts}.{gathered}", $"{layout.Experts}.{number}.{name}"] : With($"{layout.Experts}.{number}.", name, gathered);
}

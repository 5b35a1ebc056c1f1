using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// OLMo hybrid: linear attention by the gated delta rule, every fourth block group-query attention. Its linear blocks project queries, keys, values, gate and
/// scalars by matrices of their own, which is counted as the two of Qwen3-Next: as many weights. Source: transformers' <c>olmo_hybrid</c>.
/// </summary>
internal static class OlmoHybridReader
{
    private const int WholeEvery = 4;
    private const int Chunk = 64;
    private const int Taps = 4;

    private static readonly Dictionary<string, bool> Words = new() { ["linear_attention"] = true, ["full_attention"] = false };

    /// <summary>Fields of linear attention that are read here.</summary>
    public static string[] Understood { get; } = ["linear_num_key_heads", "linear_num_value_heads"];

    public static ModelDraft Read(PublishedConfig config)
    {
        int blocks = config.Blocks;
        DenseReader.RefuseTrue(config, "attention_bias");
        AttentionForm whole = GroupQueryFields.Form(config) with
        {
            QueryKeyNorm = QueryKeyNorm.AllHeads,
        };
        AttentionForm linear = AttentionForm.OfState(AttentionKind.GatedDelta, State(config, whole.Heads));
        bool[] isLinear = config.Has("layer_types")
            ? Array.ConvertAll(LayerList.Of(config["layer_types"], blocks, "a list of attention kinds, one a layer"), type => type.Word("an attention kind of this architecture", Words))
            : [.. Enumerable.Range(0, blocks).Select(block => (block + 1) % WholeEvery != 0)];
        return new ModelDraft
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = whole.KeyValueHeads,
            HeadSize = whole.HeadSize,
            QueryKeyNorm = whole.QueryKeyNorm,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Forms = Array.ConvertAll(isLinear, linearly => linearly ? linear : whole),
        };
    }

    private static StateDimensions State(PublishedConfig config, int heads)
    {
        int keyHeads = config.Count("linear_num_key_heads", missing: heads, least: 1);
        int valueHeads = config.Count("linear_num_value_heads", missing: heads, least: 1);
        if (valueHeads % keyHeads != 0)
        {
            config.Refuse("linear_num_value_heads", $"a multiple of linear_num_key_heads, {keyHeads}");
        }

        // Three quarters of what a key head has of the hidden size, and values twice as wide.
        int keySize = config.Count("linear_key_head_dim", missing: Math.Max(1, (int)(0.75 * config.Count("hidden_size") / keyHeads)), least: 1);
        return new StateDimensions(
            keyHeads,
            valueHeads,
            keySize,
            config.Count("linear_value_head_dim", missing: 2 * keySize, least: 1),
            config.Count("linear_conv_kernel_dim", missing: Taps, least: 1),
            Chunk,
            StateFields.Bytes(config, "mamba_ssm_dtype"));
    }
}

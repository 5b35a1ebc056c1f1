using System.Text.Json;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Counts that an architecture's class has where a file leaves a field out. A part of a larger file leaves out whatever its class says (the library writes such
/// a part as the difference to its class); a file of its own states its widths, and is refused where it does not. Source: the configuration classes of
/// transformers.
/// </summary>
internal static class ClassDefaults
{
    private const string Vocabulary = "vocab_size";
    private const string Hidden = "hidden_size";
    private const string FeedForward = "intermediate_size";
    private const string Blocks = "num_hidden_layers";
    private const string Heads = "num_attention_heads";
    private const string KeyValueHeads = "num_key_value_heads";
    private const string HeadSize = "head_dim";
    private const string Window = "sliding_window";
    private const string Shared = "n_shared_experts";
    private const string FirstDense = "first_k_dense_replace";
    private const string QueryRank = "q_lora_rank";

    private static readonly Dictionary<string, int> None = [];

    private static readonly Dictionary<string, int> Qwen2Vision = Of(152_064, 8192, 29_568, 80, 64, 8);

    private static readonly Dictionary<string, Dictionary<string, int>> Classes = new(StringComparer.Ordinal)
    {
        // Towers, which state no vocabulary.
        ["pixtral"] = OfTower(1024, 4096, 24, 16, image: 1024, patch: 16),
        ["clip_vision_model"] = OfTower(768, 3072, 12, 12, image: 224, patch: 32),
        ["siglip_vision_model"] = OfTower(768, 3072, 12, 12, image: 224, patch: 16),
        ["llama"] = Of(32_000, 4096, 11_008, 32, 32),
        ["mistral"] = With(Of(32_000, 4096, 14_336, 32, 32, 8), Window, 4096),
        ["ministral3"] = With(Of(131_072, 4096, 14_336, 34, 32, 8), HeadSize, 128),
        ["qwen2"] = Of(151_936, 4096, 22_016, 32, 32, 32),
        ["qwen2_vl_text"] = Qwen2Vision,
        ["qwen2_5_vl_text"] = Qwen2Vision,
        ["qwen3"] = Of(151_936, 4096, 22_016, 32, 32, 32),
        ["gemma"] = Of(256_000, 3072, 24_576, 28, 16, 16),
        ["gemma2"] = With(Of(256_000, 2304, 9216, 26, 8, 4), Window, 4096),
        ["gemma3_text"] = With(Of(262_208, 2304, 9216, 26, 8, 4), Window, 4096),
        ["cohere2"] = With(Of(256_000, 8192, 22_528, 40, 64), Window, 4096),
        ["glm4v_text"] = Of(151_552, 4096, 13_696, 40, 32, 2),
        ["ernie4_5"] = With(Of(103_424, 1024, 3072, 18, 16, 2), HeadSize, 128),

        // Files of their own state their widths; heads of keys and values they may leave out, of which these classes have a number.
        ["qwen3_vl_text"] = Of(KeyValueHeads, 32),
        ["qwen2_moe"] = Of(KeyValueHeads, 16),
        ["qwen3_moe"] = Of(KeyValueHeads, 4),
        ["mixtral"] = Of(KeyValueHeads, 8),
        ["starcoder2"] = Of(KeyValueHeads, 2),
        ["smollm3"] = Of(KeyValueHeads, 4),
        ["exaone4"] = Of(KeyValueHeads, 32),
        ["stablelm"] = Of(KeyValueHeads, 32),
        ["ernie4_5_moe"] = Of(KeyValueHeads, 4),
        ["phimoe"] = Of(KeyValueHeads, 8),
        ["qwen3_vl_moe_text"] = Of(KeyValueHeads, 16),
        ["qwen3_omni_moe_text"] = Of(KeyValueHeads, 4),
        ["mimo"] = Of(KeyValueHeads, 32),
        ["dots1"] = Of(KeyValueHeads, 32),
        ["exaone_moe"] = With(Of(KeyValueHeads, 32), Shared, 1),
        ["glm4_moe"] = With(With(Of(KeyValueHeads, 8), Shared, 1), FirstDense, 1),
        ["glm4v_moe_text"] = With(With(Of(KeyValueHeads, 8), Shared, 1), FirstDense, 1),
        ["minimax"] = Of(KeyValueHeads, 8),
        ["bamba"] = Of(KeyValueHeads, 8),
        ["falcon_h1"] = Of(KeyValueHeads, 8),
        ["lfm2"] = Of(KeyValueHeads, 8),
        ["lfm2_moe"] = Of(KeyValueHeads, 8),
        ["vaultgemma"] = Of(KeyValueHeads, 4),
        ["gemma4_text"] = Of(KeyValueHeads, 4),
        ["gemma4_unified_text"] = Of(KeyValueHeads, 4),
        ["granite_swa"] = Of(KeyValueHeads, 4),
        ["ministral"] = With(Of(KeyValueHeads, 8), Window, 4096),

        // So may heads of a width that does not follow from the hidden size.
        ["glm"] = OfHeads(2, 128),
        ["glm4"] = OfHeads(2, 128),
        ["seed_oss"] = OfHeads(8, 128),
        ["gpt_oss"] = OfHeads(8, 64),
        ["helium"] = OfHeads(20, 128),
        ["cwm"] = OfHeads(8, 128),
        ["llama4_text"] = OfHeads(8, 128),
        ["minimax_m2"] = OfHeads(8, 128),
        ["minimax_m3_vl_text"] = OfHeads(4, 128),
        ["nemotron_h"] = OfHeads(8, 128),
        ["qwen3_next"] = OfHeads(2, 256),
        ["qwen3_5_text"] = OfHeads(4, 256),
        ["qwen3_5_moe_text"] = OfHeads(2, 256),
        ["solar_open"] = With(OfHeads(8, 128), Shared, 1),
        ["hy_v3"] = With(OfHeads(8, 128), Shared, 1),
        ["mellum"] = OfHeads(4, 128),
        ["muse_glimmer_text"] = OfHeads(2, 128),
        ["cohere2_moe"] = Of(HeadSize, 128),
        ["afmoe"] = With(Of(HeadSize, 128), Shared, 2),
        ["paddleocr_vl_text"] = OfHeads(2, 128),

        // And shared experts, dense blocks before those with experts, the rank of queries.
        ["deepseek_v2"] = Of(QueryRank, 1536),
        ["deepseek_v3"] = OfLatent(3, 1536),
        ["deepseek_v32"] = OfLatent(3, 1536),
        ["kimi_k2"] = OfLatent(3, 1536),
        ["glm4_moe_lite"] = OfLatent(1, 768),
        ["glm_moe_dsa"] = OfLatent(3, 2048),
        ["mistral4"] = OfLatent(0, 1024),
        ["axk1"] = Of(Shared, 1),
        ["AXK1"] = Of(Shared, 1),
    };

    /// <summary>What an architecture's class has; nothing where nobody noted it.</summary>
    /// <param name="modelType">The architecture, as it stands.</param>
    public static IReadOnlyDictionary<string, int> Of(JsonValue modelType) =>
        modelType.Element.ValueKind == JsonValueKind.String ? Classes.GetValueOrDefault(modelType.Element.GetString()!, None) : None;

    private static Dictionary<string, int> Of(string field, int value) => new(StringComparer.Ordinal) { [field] = value };

    private static Dictionary<string, int> OfHeads(int keyValueHeads, int headSize) => With(Of(KeyValueHeads, keyValueHeads), HeadSize, headSize);

    private static Dictionary<string, int> OfLatent(int firstDense, int queryRank) => With(With(Of(Shared, 1), FirstDense, firstDense), QueryRank, queryRank);

    private static Dictionary<string, int> Of(int vocabulary, int hidden, int feedForward, int blocks, int heads) => new(StringComparer.Ordinal)
    {
        [Vocabulary] = vocabulary,
        [Hidden] = hidden,
        [FeedForward] = feedForward,
        [Blocks] = blocks,
        [Heads] = heads,
    };

    private static Dictionary<string, int> Of(int vocabulary, int hidden, int feedForward, int blocks, int heads, int keyValueHeads) =>
        With(Of(vocabulary, hidden, feedForward, blocks, heads), KeyValueHeads, keyValueHeads);

    private static Dictionary<string, int> OfTower(int hidden, int feedForward, int blocks, int heads, int image, int patch) => new(StringComparer.Ordinal)
    {
        [Hidden] = hidden,
        [FeedForward] = feedForward,
        [Blocks] = blocks,
        [Heads] = heads,
        ["image_size"] = image,
        ["patch_size"] = patch,
    };

    private static Dictionary<string, int> With(Dictionary<string, int> counts, string field, int value)
    {
        counts[field] = value;
        return counts;
    }
}

using FastSim.Cli.Configuration.Published;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration;

/// <summary>Reads a model in the seed's form, or a published configuration (docs/file-formats.md, "Model").</summary>
public static class ModelFile
{
    /// <summary>Largest width or count: sums and products of a few stay exact.</summary>
    private const int MostOfAnything = 1 << 24;

    private static readonly string[] ExpertKeys =
    [
        "moe_intermediate_size", "num_redundant_experts", "num_shared_experts", "n_shared_experts", "top_experts_activation",
        "moe_capacity_factor", "moe_block_interval",
    ];

    private static readonly string[] LatentKeys = ["q_lora_rank", "kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"];

    /// <summary>Keys that the runtime's lists decide instead.</summary>
    private static readonly string[] SupersededKeys = ["seq_size", "output_seq", "weight_byte", "activation_byte", "cache_byte"];

    /// <summary>Keys of the format that the cost model does not use: <c>feedforward</c> states the width that they would derive.</summary>
    private static readonly string[] UnusedKeys = ["ffn_dim_multiplier", "multiple_of"];

    private static readonly Dictionary<string, AttentionKind> AttentionKinds = new()
    {
        ["group-query"] = AttentionKind.GroupQuery,
        ["multi-head"] = AttentionKind.GroupQuery,
        ["multi-query"] = AttentionKind.GroupQuery,
        ["mla-absorb"] = AttentionKind.LatentAbsorbed,
    };

    /// <summary>Name of a published configuration in the folder of its model.</summary>
    internal const string InFolder = "config.json";

    /// <summary>Reads a model.</summary>
    /// <param name="file">Path as messages name it.</param>
    /// <param name="findings">Where to put warnings.</param>
    /// <exception cref="ConfigurationException">The file cannot be used.</exception>
    public static TransformerModel Load(string file, Findings findings) => Describe(file, findings).Model;

    /// <summary>Reads a model and what there is to say of its file.</summary>
    /// <param name="file">Path as messages name it.</param>
    /// <param name="findings">Where to put warnings.</param>
    /// <exception cref="ConfigurationException">The file cannot be used.</exception>
    public static ModelDescription Describe(string file, Findings findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        return Describe(new JsonValue(file, "", JsonText.Load(file)), findings);
    }

    /// <summary>Reads a model from its document.</summary>
    internal static TransformerModel Read(JsonValue root, Findings findings) => Describe(root, findings).Model;

    private static ModelDescription Describe(JsonValue root, Findings findings)
    {
        DocumentKind.Require(root, DocumentKind.Model);
        return PublishedModel.IsOne(JsonObject.Of(root, "a model: an object"))
            ? PublishedModel.Read(root, findings)
            : new ModelDescription(OfSeedForm(root, findings), null, [], []);
    }

    private static TransformerModel OfSeedForm(JsonValue root, Findings findings)
    {
        JsonObject json = JsonObject.Of(root, "a model: an object").Know(
            findings,
            [
                "model", "hidden", "feedforward", "num_blocks", "attn_type", "attn_heads", "kv_heads", "attn_size", "use_flash_attn",
                "has_attn_gate", "qk_norm", "cache_len", "vocab_size", "num_experts", .. ExpertKeys, .. LatentKeys, .. SupersededKeys, .. UnusedKeys,
            ]);
        CheckUnread(json, findings);

        string name = json["model"].Text("the model's name");
        int hidden = json.Integer("hidden", 1, MostOfAnything);
        AttentionKind attention = json["attn_type"].Word("an attention type", AttentionKinds);
        int heads = json.Integer("attn_heads", 1, MostOfAnything);
        int keyValueHeads = json.Integer("kv_heads", 1, MostOfAnything);
        bool isLatent = attention == AttentionKind.LatentAbsorbed;
        if (!isLatent)
        {
            CheckKeyValueHeads(json, heads, keyValueHeads);
        }

        MixtureOfExperts? experts = Experts(json);
        bool hasDenseBlocks = experts is null || experts.DenseBlocksBetween > 0;
        return new TransformerModel(
            name,
            hidden,
            json.Integer("feedforward", 1, MostOfAnything, missing: hasDenseBlocks ? null : 0),
            json.Integer("num_blocks", 1, MostOfAnything),
            attention,
            heads,
            keyValueHeads,
            json.Integer("attn_size", 1, MostOfAnything, missing: isLatent ? 0 : null),
            isLatent ? Latent(json) : null,
            json["use_flash_attn"].Boolean(),
            json.Boolean("has_attn_gate", missing: false),
            json.Integer("cache_len", 0, MostOfAnything, missing: 0),
            json.Integer("vocab_size", 1, MostOfAnything, missing: 0),
            experts)
        {
            StatedNorm = json.Has("qk_norm") ? Norm(json["qk_norm"], isLatent) : null,
        };
    }

    private static QueryKeyNorm Norm(JsonValue value, bool isLatent) => isLatent
        ? throw value.Complaint("no such key: latent attention normalises what it projects down to, always")
        : value.Boolean() ? QueryKeyNorm.PerHead : QueryKeyNorm.None;

    private static LatentDimensions Latent(JsonObject json) => new(
        json.Integer("q_lora_rank", 1, MostOfAnything),
        json.Integer("kv_lora_rank", 1, MostOfAnything),
        json.Integer("qk_rope_head_dim", 1, MostOfAnything),
        json.Integer("qk_nope_head_dim", 1, MostOfAnything),
        json.Integer("v_head_dim", 1, MostOfAnything));

    private static MixtureOfExperts? Experts(JsonObject json)
    {
        if (!json.Has("num_experts"))
        {
            if (Array.Find(ExpertKeys, json.Has) is { } stray)
            {
                throw json["num_experts"].Complaint($"an integer of at least 1, since {stray} is given");
            }

            return null;
        }

        int count = json.Integer("num_experts", 1, MostOfAnything);
        int active = json.Integer("top_experts_activation", 1, MostOfAnything);
        if (active > count)
        {
            throw json["top_experts_activation"].Complaint($"an integer of at most num_experts, {count}");
        }

        return new MixtureOfExperts(
            json.Integer("moe_intermediate_size", 1, MostOfAnything),
            count,
            active,
            json.Integer("n_shared_experts", 0, MostOfAnything, missing: 0),
            json.Integer("num_redundant_experts", 0, MostOfAnything, missing: 0),
            json.Integer("num_shared_experts", 0, MostOfAnything, missing: 0),
            json.Number("moe_capacity_factor", NumberRule.Positive, missing: 1),
            json.Integer("moe_block_interval", 0, MostOfAnything, missing: 0));
    }

    private static void CheckKeyValueHeads(JsonObject json, int heads, int keyValueHeads)
    {
        string kind = json["attn_type"].Text("an attention type");
        string? expected = kind switch
        {
            "multi-head" when keyValueHeads != heads => $"as many as attn_heads, {heads}, for multi-head attention",
            "multi-query" when keyValueHeads != 1 => "1 for multi-query attention",
            _ when heads % keyValueHeads != 0 => $"a divisor of attn_heads, {heads}",
            _ => null,
        };
        if (expected is not null)
        {
            throw json["kv_heads"].Complaint(expected);
        }
    }

    private static void CheckUnread(JsonObject json, Findings findings)
    {
        foreach (string key in SupersededKeys.Where(json.Has))
        {
            json.Number(key, NumberRule.Positive);
            findings.Superseded(key);
        }

        foreach (string key in UnusedKeys.Where(json.Has))
        {
            json.Number(key, NumberRule.Positive);
            findings.Unused(key);
        }

        if (json["attn_type"].Element.ValueKind == System.Text.Json.JsonValueKind.String
            && json["attn_type"].Element.GetString() != "mla-absorb"
            && Array.Find(LatentKeys, json.Has) is { } stray)
        {
            throw json[stray].Complaint("no such key: it belongs to attn_type mla-absorb");
        }
    }
}

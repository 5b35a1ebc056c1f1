using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Vision towers of published configurations, by the architecture that holds one (docs/file-formats.md, "Vision towers"). A field that nobody knows, or a width
/// that is missing, leaves a tower out: a wrong count is worse than none.
/// </summary>
internal static class VisionTowers
{
    private const string Place = "vision_config";

    private static readonly string[] WithoutCost =
    [
        "attn_implementation", "_attn_implementation", "drop_path_rate", "dropout", "projection_dropout", "hidden_dropout_prob", "initializer_range", "initializer_factor",
        "layer_norm_eps", "projector_ln_eps", "layer_scale_init_value", "tokens_per_second", "spatial_patch_size", "shared_head", "vocab_size", "model_type", "use_flash_attn",
        "text_hidden_size", "layer_norm_epsilon", "tie_word_embeddings",
    ];

    private static readonly Dictionary<string, Func<VisionFields, VisionTower>> Readers = new(StringComparer.Ordinal)
    {
        ["qwen2_vl"] = QwenTowers.Qwen2,
        ["qwen2_5_vl"] = QwenTowers.Qwen25,
        ["qwen3_vl"] = QwenTowers.Qwen3,
        ["qwen3_vl_moe"] = QwenTowers.Qwen3,
        ["qwen3_5"] = QwenTowers.Qwen3,
        ["qwen3_5_moe"] = QwenTowers.Qwen3,
        ["glm4v"] = QwenTowers.Glm,
        ["glm4v_moe"] = QwenTowers.Glm,
        ["glm46v"] = QwenTowers.Glm,
        ["gemma3"] = SiglipTowers.Gemma,
        ["paligemma"] = SiglipTowers.PaliGemma,
        ["kimi_vl"] = SiglipTowers.Moon,
        ["kimi_k25"] = SiglipTowers.MoonPrefixed,
        ["idefics3"] = SiglipTowers.Idefics,
        ["smolvlm"] = SiglipTowers.Idefics,
        ["mistral3"] = ClipTowers.MergedPixtral,
        ["llava"] = ClipTowers.Llava,
        ["llava_next"] = ClipTowers.LlavaNext,
        ["llama4"] = ClipTowers.Llama4,
        ["internvl"] = ClipTowers.Intern,
        ["internvl_chat"] = ClipTowers.InternChat,
        ["interns1"] = ClipTowers.Intern,
        ["llava_next_video"] = ClipTowers.LlavaNext,
        ["lighton_ocr"] = ClipTowers.MergedPixtral,
        ["llava_onevision"] = FurtherTowers.OneVision,
        ["aya_vision"] = FurtherTowers.Aya,
        ["cohere2_vision"] = FurtherTowers.Command,
        ["gemma4"] = FurtherTowers.Gemma4,
        ["kimi_k3"] = FurtherTowers.Kimi3,
        ["qwen2_5_omni"] = FurtherTowers.Omni25,
        ["qwen3_omni_moe"] = FurtherTowers.Omni3,
    };

    /// <summary>Architectures whose towers are read.</summary>
    public static IEnumerable<string> Architectures => Readers.Keys;

    /// <summary>Reads a tower.</summary>
    /// <param name="architecture">The architecture that holds it.</param>
    /// <param name="outer">The whole file.</param>
    /// <param name="language">The language model's fields; told what of the tower is its class's.</param>
    /// <param name="findings">Where warnings go.</param>
    /// <param name="obstacle">Why there is none; null where there is one, or nothing to read.</param>
    public static VisionTower? Read(string architecture, JsonObject outer, PublishedConfig language, Findings findings, out string? obstacle)
    {
        obstacle = null;
        if (!outer.Has(Place))
        {
            return null;
        }

        if (!Readers.TryGetValue(architecture, out Func<VisionFields, VisionTower>? reader))
        {
            obstacle = $"{Place} of {architecture} is not read";
            return null;
        }

        try
        {
            JsonObject tower = outer.Object(Place, "a vision tower: an object");
            PublishedConfig config = new(tower, outer, findings) { ClassDefaults = ClassDefaults.Of(tower["model_type"]) };
            foreach (string field in WithoutCost)
            {
                config.Skip(field);
            }

            VisionTower read = reader(new VisionFields(config, outer, language.Count("hidden_size")));
            config.RefuseUnread();
            if (read.HasTiles && read.TileTokens == 0)
            {
                throw outer[Place].Complaint("tiles of a token at least");
            }

            foreach (string stood in config.Defaults)
            {
                language.Default($"{Place}.{stood[..stood.IndexOf(' ')]}", stood[(stood.IndexOf(' ') + 1)..]);
            }

            return read;
        }
        catch (ConfigurationException exception)
        {
            obstacle = exception.Message;
            return null;
        }
    }
}

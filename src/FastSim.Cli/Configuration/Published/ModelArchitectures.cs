namespace FastSim.Cli.Configuration.Published;

/// <summary>Architectures of published configurations, by <c>model_type</c>, and who reads them.</summary>
internal static class ModelArchitectures
{
    private static readonly Dictionary<string, Func<PublishedConfig, ModelDraft>> Readers = new(StringComparer.Ordinal)
    {
        ["llama"] = LlamaReader.Llama,
        ["mistral"] = LlamaReader.Mistral,
        ["ministral3"] = DenseReader.Ministral3,
        ["granite"] = LlamaReader.Llama,
        ["phi3"] = DenseReader.Phi,
        ["olmo2"] = DenseReader.Olmo2,
        ["olmo3"] = DenseReader.Olmo3,
        ["seed_oss"] = DenseReader.SeedOss,
        ["smollm3"] = DenseReader.SmolLm3,
        ["exaone4"] = DenseReader.Exaone4,
        ["glm"] = DenseReader.Glm,
        ["glm4"] = DenseReader.Glm4,
        ["ernie4_5"] = DenseReader.Ernie,
        ["internlm3"] = DenseReader.InternLm3,
        ["hunyuan_v1_dense"] = DenseReader.Hunyuan,
        ["falcon"] = PlainReader.Falcon,
        ["gpt_neox"] = PlainReader.Neox,
        ["phi"] = PlainReader.Phi,
        ["starcoder2"] = PlainReader.StarCoder,
        ["nemotron"] = PlainReader.Nemotron,
        ["cohere"] = CohereReader.Command,
        ["cohere2"] = CohereReader.Command2,
        ["qwen2"] = LlamaReader.Qwen2,
        ["qwen3"] = LlamaReader.Qwen3,
        ["qwen2_moe"] = QwenExpertsReader.Qwen2,
        ["qwen3_moe"] = QwenExpertsReader.Qwen3,
        ["qwen3_vl_text"] = LlamaReader.Qwen3,
        ["qwen3_vl_moe_text"] = QwenExpertsReader.Qwen3,
        ["qwen3_next"] = QwenHybridReader.Read,
        ["qwen3_5_text"] = QwenHybridReader.Read,
        ["qwen3_5_moe_text"] = QwenHybridReader.Read,
        ["mixtral"] = MixtralReader.Read,
        ["olmoe"] = FurtherExpertsReader.Olmoe,
        ["granitemoe"] = FurtherExpertsReader.Granite,
        ["dots1"] = FurtherExpertsReader.Dots,
        ["ernie4_5_moe"] = FurtherExpertsReader.Ernie,
        ["hunyuan_v1_moe"] = FurtherExpertsReader.Hunyuan,
        ["bailing_moe"] = FurtherExpertsReader.Bailing,
        ["bailing_moe_v2"] = FurtherExpertsReader.Bailing,
        ["granitemoehybrid"] = GraniteHybridReader.Read,
        ["laguna"] = LagunaReader.Read,
        ["afmoe"] = TrinityReader.Read,
        ["deepseek_v2"] = DeepSeekReader.Version2,
        ["deepseek_v3"] = DeepSeekReader.Version3,
        ["deepseek_v32"] = DeepSeekReader.Sparse,
        ["deepseek_v4"] = DeepSeekV4Reader.Read,
        ["kimi_k2"] = DeepSeekReader.Version3,
        ["kimi_linear"] = KimiLinearReader.Read,
        ["glm4_moe"] = GlmReader.Read,
        ["glm4_moe_lite"] = DeepSeekReader.Version3,
        ["glm_moe_dsa"] = DeepSeekReader.Sparse,
        ["gpt_oss"] = GptOssReader.Read,
        ["gemma"] = GemmaReader.Gemma1,
        ["gemma2"] = GemmaReader.Gemma2,
        ["gemma3_text"] = GemmaReader.Gemma3,
        ["gemma4_text"] = Gemma4Reader.Read,
        ["minimax_m2"] = MiniMaxReader.Version2,
        ["minimax"] = MiniMaxReader.Older,
        ["minimax_m1"] = MiniMaxReader.Older,
        ["minimax_text_01"] = MiniMaxReader.Older,
        ["llama4_text"] = Llama4Reader.Read,
        ["mimo_v2_flash"] = MiMoReader.Read,
        ["nemotron_h"] = NemotronReader.Read,
        ["step3p5"] = StepReader.Read,
        ["step3p7"] = StepReader.Read,
    };

    /// <summary>Fields that other architectures are refused for and these read.</summary>
    private static readonly Dictionary<string, string[]> Understood = new(StringComparer.Ordinal)
    {
        ["qwen3_next"] = QwenHybridReader.Understood,
        ["qwen3_5_text"] = QwenHybridReader.Understood,
        ["qwen3_5_moe_text"] = QwenHybridReader.Understood,
        ["deepseek_v4"] = DeepSeekV4Reader.Understood,
        ["gemma4_text"] = Gemma4Reader.Understood,
        ["kimi_linear"] = KimiLinearReader.Understood,
        ["mimo_v2_flash"] = MiMoReader.Understood,
        ["nemotron_h"] = NemotronReader.Understood,
        ["granitemoehybrid"] = GraniteHybridReader.Understood,
        ["laguna"] = LagunaReader.Understood,
        ["gpt_neox"] = PlainReader.Understood,
    };

    /// <summary>Architectures whose language model is the <c>text_config</c> of the file, and what that is where it does not say.</summary>
    private static readonly Dictionary<string, string> Wrappers = new(StringComparer.Ordinal)
    {
        ["gemma3"] = "gemma3_text",
        ["gemma4"] = "gemma4_text",
        ["llama4"] = "llama4_text",
        ["mistral3"] = "mistral",
        ["kimi_k25"] = "kimi_k2",
        ["kimi_vl"] = "deepseek_v3",
        ["kimi_k3"] = "kimi_linear",
        ["qwen3_vl"] = "qwen3_vl_text",
        ["qwen3_vl_moe"] = "qwen3_vl_moe_text",
        ["qwen3_5"] = "qwen3_5_text",
        ["qwen3_5_moe"] = "qwen3_5_moe_text",
    };

    /// <summary>Whether the language model of an architecture is its <c>text_config</c>.</summary>
    public static bool IsWrapper(string modelType) => Wrappers.ContainsKey(modelType);

    /// <summary>The architecture within a wrapper that does not name it.</summary>
    public static string Within(string wrapper) => Wrappers[wrapper];

    /// <summary>Fields that an architecture's reader reads, though they say of others that nobody can.</summary>
    /// <param name="modelType">The architecture, as it stands.</param>
    public static string[] UnderstoodBy(JsonValue modelType) =>
        modelType.Element.ValueKind == System.Text.Json.JsonValueKind.String ? Understood.GetValueOrDefault(modelType.Element.GetString()!, []) : [];

    /// <summary>Who reads an architecture; refuses one that nobody reads, by name.</summary>
    public static Func<PublishedConfig, ModelDraft> ReaderOf(JsonValue modelType)
    {
        string name = modelType.Text("an architecture's name");
        string[] known = [.. Readers.Keys, .. Wrappers.Keys];

        // Another generation or variant is another architecture, however near its name: another spelling of one is a slip, or a letter left out.
        string? spelling = Array.Find(known, each => Letters(each) == Letters(name)) ?? Array.Find(known, each => LacksLetter(name, each));
        return Readers.TryGetValue(name, out Func<PublishedConfig, ModelDraft>? reader)
            ? reader
            : throw modelType.Complaint($"an architecture that can be represented: {string.Join(", ", known)}", spelling);
    }

    /// <summary>Whether a name is another without one of its letters.</summary>
    private static bool LacksLetter(string name, string whole) =>
        whole.Length == name.Length + 1
        && Enumerable.Range(0, whole.Length).Any(place => char.IsAsciiLetter(whole[place]) && whole.Remove(place, 1) == name);

    private static string Letters(string name) => string.Concat(name.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit));
}

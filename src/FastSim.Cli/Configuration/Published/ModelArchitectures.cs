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
        ["glm4v_text"] = FurtherDenseReader.Glm,
        ["glm_ocr_text"] = FurtherDenseReader.GlmOcr,
        ["helium"] = FurtherDenseReader.Helium,
        ["cwm"] = FurtherDenseReader.Cwm,
        ["ministral"] = FurtherDenseReader.Ministral,
        ["minicpm"] = FurtherDenseReader.MiniCpm,
        ["internlm2"] = FurtherDenseReader.InternLm2,
        ["hyperclovax"] = FurtherDenseReader.HyperClova,
        ["granite_swa"] = FurtherDenseReader.GraniteWindows,
        ["stablelm"] = FurtherDenseReader.StableLm,
        ["arcee"] = PlainReader.Arcee,
        ["apertus"] = PlainReader.Apertus,
        ["jais2"] = PlainReader.Jais,
        ["falcon"] = PlainReader.Falcon,
        ["gpt_neox"] = PlainReader.Neox,
        ["phi"] = PlainReader.Phi,
        ["starcoder2"] = PlainReader.StarCoder,
        ["nemotron"] = PlainReader.Nemotron,
        ["cohere"] = CohereReader.Command,
        ["cohere2"] = CohereReader.Command2,
        ["qwen2"] = LlamaReader.Qwen2,
        ["qwen2_vl_text"] = LlamaReader.Qwen2,
        ["qwen2_5_vl_text"] = LlamaReader.Qwen2,
        ["qwen2_5_omni_text"] = LlamaReader.Qwen2,
        ["qwen3"] = LlamaReader.Qwen3,
        ["qwen2_moe"] = QwenExpertsReader.Qwen2,
        ["qwen3_moe"] = QwenExpertsReader.Qwen3,
        ["qwen3_vl_text"] = LlamaReader.Qwen3,
        ["qwen3_vl_moe_text"] = QwenExpertsReader.Qwen3,
        ["qwen3_omni_moe_text"] = QwenExpertsReader.Qwen3,
        ["qwen3_next"] = QwenHybridReader.Read,
        ["qwen3_5_text"] = QwenHybridReader.Read,
        ["qwen3_5_moe_text"] = QwenHybridReader.Read,
        ["mixtral"] = MixtralReader.Read,
        ["olmoe"] = FurtherExpertsReader.Olmoe,
        ["flex_olmo"] = FurtherExpertsReader.Olmoe,
        ["glm4v_moe_text"] = RecentExpertsReader.Glm,
        ["phimoe"] = RecentExpertsReader.Phi,
        ["solar_open"] = RecentExpertsReader.Solar,
        ["exaone_moe"] = RecentExpertsReader.Exaone,
        ["hy_v3"] = RecentExpertsReader.Hunyuan3,
        ["mellum"] = RecentExpertsReader.Mellum,
        ["granitemoe"] = FurtherExpertsReader.Granite,
        ["dots1"] = FurtherExpertsReader.Dots,
        ["ernie4_5_moe"] = FurtherExpertsReader.Ernie,
        ["hunyuan_v1_moe"] = FurtherExpertsReader.Hunyuan,
        ["bailing_moe"] = FurtherExpertsReader.Bailing,
        ["bailing_moe_v2"] = FurtherExpertsReader.Bailing,
        ["bailing_moe_linear"] = BailingLinearReader.Read,
        ["bailing_moe_v2_5"] = BailingLinearReader.Read,
        ["bailing_hybrid"] = BailingLinearReader.Read,
        ["granitemoehybrid"] = GraniteHybridReader.Read,
        ["laguna"] = LagunaReader.Read,
        ["afmoe"] = TrinityReader.Read,
        ["deepseek"] = DeepSeekReader.Version1,
        ["deepseek_v2"] = DeepSeekReader.Version2,
        ["deepseek_v3"] = DeepSeekReader.Version3,
        ["deepseek_v32"] = DeepSeekReader.Sparse,
        ["deepseek_v4"] = DeepSeekV4Reader.Read,
        ["kimi_k2"] = DeepSeekReader.Version3,
        ["mistral4"] = DeepSeekReader.Version2,
        ["youtu"] = DeepSeekReader.Tied,
        ["minicpm3"] = DeepSeekReader.MiniCpm,
        ["kimi_linear"] = KimiLinearReader.Read,
        ["glm4_moe"] = GlmReader.Read,
        ["glm4_moe_lite"] = DeepSeekReader.Version3,
        ["glm_moe_dsa"] = DeepSeekReader.Sparse,
        ["gpt_oss"] = GptOssReader.Read,
        ["gemma"] = GemmaReader.Gemma1,
        ["gemma2"] = GemmaReader.Gemma2,
        ["gemma3_text"] = GemmaReader.Gemma3,
        ["gemma4_text"] = Gemma4Reader.Read,
        ["gemma4_unified_text"] = Gemma4Reader.Read,
        ["vaultgemma"] = GemmaReader.Vault,
        ["minimax_m2"] = MiniMaxReader.Version2,
        ["minimax_m3_vl_text"] = MiniMaxSparseReader.Read,
        ["minimax"] = MiniMaxReader.Library,
        ["minimax_m1"] = MiniMaxReader.Older,
        ["minimax_text_01"] = MiniMaxReader.Older,
        ["llama4_text"] = Llama4Reader.Read,
        ["mimo_v2_flash"] = MiMoReader.Read,
        ["mimo_v2"] = MiMoReader.Read,
        ["nemotron_h"] = NemotronReader.Read,
        ["nemotron-nas"] = SearchedReader.Nemotron,
        ["deci"] = SearchedReader.Deci,
        ["qwen"] = NamedDenseReader.Qwen,
        ["exaone"] = NamedDenseReader.Exaone,
        ["chatglm"] = NamedDenseReader.ChatGlm,
        ["baichuan"] = NamedDenseReader.Baichuan,
        ["internlm"] = NamedDenseReader.InternLm,
        ["orion"] = NamedDenseReader.Orion,
        ["xverse"] = NamedDenseReader.Xverse,
        ["olmo"] = NamedDenseReader.Olmo,
        ["nanochat"] = NamedDenseReader.Nanochat,
        ["muse_glimmer_text"] = NamedDenseReader.Glimmer,
        ["mimo"] = LlamaReader.Qwen2,
        ["granite4_vision_text"] = LlamaReader.Llama,
        ["paddleocr_vl_text"] = DenseReader.Ernie,
        ["hunyuan_vl_text"] = DenseReader.HunyuanVision,
        ["exaone4_5_text"] = DenseReader.Exaone4,
        ["gpt2"] = OlderReader.Gpt2,
        ["gpt_bigcode"] = OlderReader.BigCode,
        ["gptj"] = OlderReader.GptJ,
        ["codegen"] = OlderReader.GptJ,
        ["gpt_neo"] = OlderReader.GptNeo,
        ["opt"] = OlderReader.Opt,
        ["bloom"] = OlderReader.Bloom,
        ["mpt"] = OlderReader.Mpt,
        ["lfm2"] = ConvolutionReader.Dense,
        ["lfm2_moe"] = ConvolutionReader.WithExperts,
        ["jamba"] = JambaReader.Read,
        ["bamba"] = GraniteHybridReader.Bamba,
        ["falcon_h1"] = FalconHybridReader.Read,
        ["olmo_hybrid"] = OlmoHybridReader.Read,
        ["longcat_flash"] = LongCatReader.Read,
        ["dbrx"] = NamedExpertsReader.Dbrx,
        ["cohere2_moe"] = NamedExpertsReader.Command,
        ["arctic"] = NamedExpertsReader.Arctic,
        ["git"] = NamedExpertsReader.Grok,
        ["granitemoeshared"] = FurtherExpertsReader.GraniteShared,
        ["granitemoe_swa"] = FurtherExpertsReader.GraniteWindows,
        ["aria_text"] = FurtherExpertsReader.Aria,
        ["sarvam_moe"] = FurtherExpertsReader.Bailing,
        ["axk1"] = DeepSeekReader.NormedExperts,
        ["AXK1"] = DeepSeekReader.NormedExperts,
        ["step3_text"] = StepReader.Version3,
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
        ["gemma4_unified_text"] = Gemma4Reader.Understood,
        ["stablelm"] = PlainReader.Understood,
        ["kimi_linear"] = KimiLinearReader.Understood,
        ["mimo_v2_flash"] = MiMoReader.Understood,
        ["mimo_v2"] = MiMoReader.Understood,
        ["nemotron_h"] = NemotronReader.Understood,
        ["granitemoehybrid"] = GraniteHybridReader.Understood,
        ["laguna"] = LagunaReader.Understood,
        ["lfm2"] = ConvolutionReader.Understood,
        ["lfm2_moe"] = ConvolutionReader.Understood,
        ["jamba"] = JambaReader.Understood,
        ["bamba"] = GraniteHybridReader.Understood,
        ["falcon_h1"] = FalconHybridReader.Understood,
        ["olmo_hybrid"] = OlmoHybridReader.Understood,
        ["longcat_flash"] = LongCatReader.Understood,
        ["gpt_neox"] = PlainReader.Understood,
        ["nemotron-nas"] = SearchedReader.Understood,
    };

    /// <summary>Architectures whose language model is a part of the file, where it stands, and what it is where it does not say.</summary>
    private static readonly Dictionary<string, Wrapper> Wrappers = new(StringComparer.Ordinal)
    {
        ["gemma3"] = Wrapper.Of("gemma3_text"),
        ["gemma4"] = Wrapper.Of("gemma4_text"),
        ["gemma4_unified"] = Wrapper.Of("gemma4_unified_text"),
        ["llama4"] = Wrapper.Of("llama4_text"),
        ["mistral3"] = Wrapper.Of("mistral"),
        ["kimi_k25"] = Wrapper.Of("kimi_k2"),
        ["kimi_vl"] = Wrapper.Of("deepseek_v3"),
        ["kimi_k3"] = Wrapper.Of("kimi_linear"),
        ["qwen2_vl"] = Wrapper.Of("qwen2_vl_text") with { MayBeFlat = true },
        ["qwen2_5_vl"] = Wrapper.Of("qwen2_5_vl_text") with { MayBeFlat = true },
        ["qwen3_vl"] = Wrapper.Of("qwen3_vl_text"),
        ["qwen3_vl_moe"] = Wrapper.Of("qwen3_vl_moe_text"),
        ["qwen3_5"] = Wrapper.Of("qwen3_5_text"),
        ["qwen3_5_moe"] = Wrapper.Of("qwen3_5_moe_text"),
        ["qwen2_5_omni"] = new Wrapper("qwen2_5_omni_text", "thinker_config", Wrapper.LanguageModel),
        ["qwen3_omni_moe"] = new Wrapper("qwen3_omni_moe_text", "thinker_config", Wrapper.LanguageModel),
        ["glm4v"] = Wrapper.Of("glm4v_text"),
        ["glm4v_moe"] = Wrapper.Of("glm4v_moe_text"),
        ["glm46v"] = Wrapper.Of("glm4v_text"),
        ["glm_ocr"] = Wrapper.Of("glm_ocr_text"),
        ["internvl"] = Wrapper.Of("qwen2"),
        ["internvl_chat"] = new Wrapper(null, "llm_config"),
        ["llava"] = Wrapper.Of("llama"),
        ["llava_next"] = Wrapper.Of("llama"),
        ["llava_onevision"] = Wrapper.Of("qwen2"),
        ["aya_vision"] = Wrapper.Of("cohere2"),
        ["cohere2_vision"] = Wrapper.Of("cohere2"),
        ["exaone4_5"] = Wrapper.Of("exaone4"),
        ["glmga"] = Wrapper.Of("glm4v_text"),
        ["hunyuan_vl"] = Wrapper.Of("hunyuan_vl_text") with { MayBeFlat = true },
        ["paddleocr_vl"] = Wrapper.Of("paddleocr_vl_text") with { MayBeFlat = true },
        ["granite4_vision"] = Wrapper.Of("granite4_vision_text"),
        ["minimax_m3_vl"] = Wrapper.Of("minimax_m3_vl_text") with { IgnoresName = true },
        ["muse_glimmer"] = Wrapper.Of("muse_glimmer_text"),
        ["lfm2_vl"] = Wrapper.Of("lfm2"),
        ["paligemma"] = Wrapper.Of("gemma"),
        ["idefics2"] = Wrapper.Of("mistral"),
        ["idefics3"] = Wrapper.Of("llama"),
        ["smolvlm"] = Wrapper.Of("llama"),
        ["vipllava"] = Wrapper.Of("llama"),
        ["video_llava"] = Wrapper.Of("llama"),
        ["llava_next_video"] = Wrapper.Of("llama"),
        ["perception_lm"] = Wrapper.Of("llama"),
        ["voxtral"] = Wrapper.Of("llama"),
        ["ovis2"] = Wrapper.Of("qwen2"),
        ["qwen2_audio"] = Wrapper.Of("qwen2"),
        ["lighton_ocr"] = Wrapper.Of("qwen3"),
        ["interns1"] = new Wrapper(null, Wrapper.LanguageModel),
        ["step3_vl"] = Wrapper.Of("step3_text"),
        ["phi4mm"] = Wrapper.Of("phi3") with { MayBeFlat = true },
        ["phi4_multimodal"] = Wrapper.Of("phi3") with { MayBeFlat = true },
        ["multi_modality"] = new Wrapper("llama", "language_config"),
        ["deepseek_vl_v2"] = new Wrapper("deepseek_v2", "language_config"),
        ["deepseek_vl"] = Wrapper.Of("llama"),
        ["minimax_vl_01"] = Wrapper.Of("minimax_text_01"),
        ["opencua"] = Wrapper.Of("qwen2"),
        ["NemotronH_Nano_VL_V2"] = new Wrapper(null, "llm_config"),
        ["Llama_Nemotron_Nano_VL"] = new Wrapper(null, "llm_config"),
        ["aria"] = Wrapper.Of("aria_text"),
        ["minicpmv4_6"] = Wrapper.Of("qwen3_5_text"),
        ["qianfan_ocr"] = Wrapper.Of("qwen3"),
        ["fast_vlm"] = Wrapper.Of("qwen2"),
        ["video_llama_3"] = Wrapper.Of("qwen2"),
        ["got_ocr2"] = Wrapper.Of("qwen2"),
        ["musicflamingo"] = Wrapper.Of("qwen2"),
        ["granite_speech_plus"] = Wrapper.Of("granite"),
        ["ultravox"] = new Wrapper(null, Wrapper.LanguageModel),
        ["granite_speech"] = Wrapper.Of("granite"),
        ["audioflamingo3"] = Wrapper.Of("qwen2"),
        ["glmasr"] = Wrapper.Of("llama"),
        ["qwen3_asr"] = new Wrapper("qwen3", "thinker_config", Wrapper.LanguageModel),
    };

    /// <summary>What an architecture has its language model in; null where it is one.</summary>
    public static Wrapper? WrapperOf(string modelType) => Wrappers.GetValueOrDefault(modelType);

    /// <summary>Fields that an architecture's reader reads, though they say of others that nobody can.</summary>
    /// <param name="modelType">The architecture, as it stands.</param>
    public static string[] UnderstoodBy(JsonValue modelType) =>
        modelType.Element.ValueKind == System.Text.Json.JsonValueKind.String ? Understood.GetValueOrDefault(modelType.Element.GetString()!, []) : [];

    /// <summary>Who reads an architecture; refuses one that nobody reads, by name.</summary>
    public static Func<PublishedConfig, ModelDraft> ReaderOf(JsonValue modelType)
    {
        string name = modelType.Text("an architecture's name");
        if (RefusedArchitectures.ReasonOf(name) is { } reason)
        {
            throw modelType.Complaint(reason);
        }

        if (Wrappers.ContainsKey(name))
        {
            throw modelType.Complaint($"the architecture of a language model: {name} is one of several parts, of which one is a language model");
        }

        string[] known = [.. Readers.Keys, .. Wrappers.Keys];

        // Another generation or variant is another architecture, however near its name: another spelling of one is a slip, or a letter left out.
        string? spelling = Array.Find(known, each => Letters(each) == Letters(name)) ?? Array.Find(known, each => LacksLetter(name, each));
        return Readers.TryGetValue(name, out Func<PublishedConfig, ModelDraft>? reader)
            ? reader
            : throw modelType.Complaint(Known(name, known), spelling);
    }

    /// <summary>What there is: the whole list is too long to be read, names that begin alike are what a reader looks for.</summary>
    private static string Known(string name, string[] known)
    {
        const int Beginning = 4;
        string letters = Letters(name);
        string[] alike = letters.Length < Beginning ? [] : Array.FindAll(known, each => Letters(each).StartsWith(letters[..Beginning], StringComparison.Ordinal));
        return alike.Length == 0
            ? "an architecture that can be represented: docs/file-formats.md lists them"
            : $"an architecture that can be represented: of those that begin alike {string.Join(", ", alike)}, docs/file-formats.md lists all";
    }

    /// <summary>Whether a name is another without one of its letters.</summary>
    private static bool LacksLetter(string name, string whole) =>
        whole.Length == name.Length + 1
        && Enumerable.Range(0, whole.Length).Any(place => char.IsAsciiLetter(whole[place]) && whole.Remove(place, 1) == name);

    private static string Letters(string name) => string.Concat(name.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit));
}

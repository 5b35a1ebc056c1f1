using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Dense decoders with a gate in the feed-forward that few families share: GLM-4.1V's, Helium, CWM, Ministral 1, MiniCPM, InternLM2, HyperCLOVA X, Granite
/// with windows, VaultGemma, StableLM. Source: transformers' classes of the same names; vLLM's for MiniCPM and InternLM2.
/// </summary>
internal static class FurtherDenseReader
{
    private const int CwmWindow = 8192;
    private const int GraniteWindow = 128;
    private const int WholeEvery = 4;
    private const string Window = "sliding_window";

    /// <summary>The language model of GLM-4.1V and 4.6V-Flash: query, key and value always have biases.</summary>
    public static ModelDraft Glm(PublishedConfig config)
    {
        config.Skip("attention_bias");
        return DenseReader.Read(config, BlockExtras.QueryKeyValueBias) with { NormsPerBlock = 4 };
    }

    /// <summary>GLM-OCR's: never.</summary>
    public static ModelDraft GlmOcr(PublishedConfig config)
    {
        config.Skip("attention_bias");
        return DenseReader.Read(config, BlockExtras.None) with { NormsPerBlock = 4 };
    }

    /// <summary>A bias of the attention is one of query, key and value.</summary>
    public static ModelDraft Helium(PublishedConfig config) => DenseReader.Read(
        config, (config.Switch("attention_bias", missing: false) ? BlockExtras.QueryKeyValueBias : BlockExtras.None) | GroupQueryFields.FeedForwardBias(config));

    /// <summary>Every fourth block, the first one too, reaches the whole context.</summary>
    public static ModelDraft Cwm(PublishedConfig config)
    {
        config.Count(Window, missing: CwmWindow, least: 1);
        return DenseReader.Read(config, BlockExtras.None) with { Reaches = LayerReaches.Read(config, block => block % WholeEvery != 0) };
    }

    /// <summary>Every block has the window that the file states, unless a list says otherwise.</summary>
    public static ModelDraft Ministral(PublishedConfig config) => DenseReader.Read(config, BlockExtras.None) with
    {
        Reaches = LayerReaches.Everywhere(config),
    };

    /// <summary>The embedding table projects to the logits where nothing else is said.</summary>
    public static ModelDraft MiniCpm(PublishedConfig config)
    {
        if (config.Has("sparse_config"))
        {
            config.Refuse("sparse_config", "no such field, or null for attention to every token: attention to blocks has no operators here");
        }

        return DenseReader.Read(config, BlockExtras.None, tied: true);
    }

    /// <summary>One field for the biases of query, key, value and output.</summary>
    public static ModelDraft InternLm2(PublishedConfig config) => DenseReader.Read(
        config, config.Switch("bias", missing: true) ? BlockExtras.QueryKeyValueBias | BlockExtras.OutputBias : BlockExtras.None);

    /// <summary>Norms after attention and feed-forward by a field.</summary>
    public static ModelDraft HyperClova(PublishedConfig config) => DenseReader.Read(config, GroupQueryFields.Biases(config) | GroupQueryFields.FeedForwardBias(config)) with
    {
        NormsPerBlock = config.Switch("use_post_norm", missing: false) ? 4 : 2,
    };

    /// <summary>Sinks in every block, windows in all but every fourth, the first one.</summary>
    public static ModelDraft GraniteWindows(PublishedConfig config)
    {
        config.Count(Window, missing: GraniteWindow, least: 1);
        return DenseReader.Read(config, GroupQueryFields.Biases(config) | GroupQueryFields.FeedForwardBias(config) | BlockExtras.AttentionSinks, tied: true) with
        {
            Reaches = LayerReaches.Read(config, block => block % WholeEvery != 0),
        };
    }

    /// <summary>Norms have a shift; attention may stand beside the feed-forward, behind one norm.</summary>
    public static ModelDraft StableLm(PublishedConfig config)
    {
        bool isParallel = config.Switch("use_parallel_residual", missing: false);
        return DenseReader.Read(
            config,
            BlockExtras.NormBias | (config.Switch("use_qkv_bias", missing: false) ? BlockExtras.QueryKeyValueBias : BlockExtras.None)) with
        {
            HeadSize = GroupQueryFields.EvenHeadSize(config),

            // Each head by itself, with a scale of its own: as many weights as over all heads.
            QueryKeyNorm = config.Switch("qk_layernorm", missing: false) ? QueryKeyNorm.AllHeads : QueryKeyNorm.None,
            IsParallel = isParallel,
            NormsPerBlock = isParallel ? 1 : 2,
        };
    }
}

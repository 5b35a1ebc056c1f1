using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Jamba: Mamba-1 but for every eighth block, experts in every other one. Source: transformers' <c>jamba</c>.</summary>
internal static class JambaReader
{
    private const int AttentionEvery = 8;
    private const int AttentionAt = 4;
    private const int ExpertsEvery = 2;
    private const int ExpertsAt = 1;
    private const int StateSize = 16;
    private const int Taps = 4;
    private const int HiddenOverRank = 16;

    /// <summary>Fields of state spaces that are read here.</summary>
    public static string[] Understood { get; } = ["mamba_d_state", "attn_layer_period"];

    public static ModelDraft Read(PublishedConfig config)
    {
        DenseReader.RefuseTrue(config, "mamba_proj_bias");
        if (config.Has("sliding_window"))
        {
            config.Refuse("sliding_window", "null or no such field: blocks of this architecture attend to the whole context");
        }

        AttentionForm whole = new(AttentionKind.GroupQuery)
        {
            Heads = config.Count("num_attention_heads"),
            KeyValueHeads = config.Count("num_key_value_heads"),
            HeadSize = GroupQueryFields.HeadSize(config),
        };
        AttentionForm mamba = AttentionForm.OfState(AttentionKind.SelectiveScan, State(config));
        Func<int, bool> attends = Every(config, "attn_layer", AttentionEvery, AttentionAt);
        Func<int, bool> hasExperts = Every(config, "expert_layer", ExpertsEvery, ExpertsAt);
        int width = config.Count("intermediate_size");
        int count = ExpertFields.Count(config, "num_experts");
        config.Skip("num_experts_per_tok");
        return new ModelDraft
        {
            FeedForward = width,
            KeyValueHeads = whole.KeyValueHeads,
            HeadSize = whole.HeadSize,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Forms = [.. Enumerable.Range(0, config.Blocks).Select(block => attends(block) ? whole : mamba)],
            Experts = count == 1
                ? null
                : ModelDraft.ExpertsOf(width, count, ExpertFields.Active(config, "num_experts_per_tok", count), sharedPerToken: 0),
            HasExperts = hasExperts,
            CountsOneExpert = count == 1,
        };
    }

    private static StateDimensions State(PublishedConfig config)
    {
        const string Rank = "mamba_dt_rank";
        int hidden = config.Count("hidden_size");
        bool isAutomatic = !config.Has(Rank) || (config[Rank].Element.ValueKind == System.Text.Json.JsonValueKind.String && config[Rank].Text("auto") == "auto");
        return new StateDimensions(
            KeyHeads: 1,
            StateFields.InnerWidth(config),
            config.Count("mamba_d_state", missing: StateSize, least: 1),
            ValueSize: 1,
            config.Count("mamba_d_conv", missing: Taps, least: 1),
            Chunk: 1,
            StateFields.Bytes(config, "mamba_ssm_cache_dtype"))
        {
            HasConvolutionBias = config.Switch("mamba_conv_bias", missing: true),
            ConvolvesValuesAlone = true,
            StepRank = isAutomatic ? (hidden + HiddenOverRank - 1) / HiddenOverRank : config.Count(Rank),
        };
    }

    private static Func<int, bool> Every(PublishedConfig config, string what, int period, int offset)
    {
        period = config.Count($"{what}_period", missing: period, least: 1);
        offset = config.Count($"{what}_offset", missing: offset, least: 0);
        if (offset >= period)
        {
            config.Refuse($"{what}_offset", $"an integer below {what}_period, {period}");
        }

        return block => block % period == offset;
    }
}

using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Models whose blocks a search has cut to measure: Llama-Nemotron Super and Ultra, where each block says its key-value heads and the width of its feed-forward,
/// or that it lacks either, and DeciLM-7B, where key-value heads alone differ. Source: the publishers' and vLLM's <c>nemotron_nas</c> and <c>decilm</c>.
/// </summary>
internal static class SearchedReader
{
    private const string Blocks = "block_configs";
    private const string Group = "n_heads_in_group";
    private const string Multiplier = "ffn_mult";
    private const string Width = "intermediate_size";
    private const int Multiple = 256;

    /// <summary>Fields of blocks whose widths differ that are read here.</summary>
    public static string[] Understood { get; } = [Blocks];

    /// <summary>Each block as its entry says.</summary>
    public static ModelDraft Nemotron(PublishedConfig config)
    {
        const string KeyValueHeads = "num_key_value_heads";
        const string Expected = "a list of blocks, one a layer";
        config.Skip(KeyValueHeads);
        config.Skip(Width);
        JsonObject[] blocks = Array.ConvertAll(LayerList.Of(config[Blocks], config.Blocks, Expected), block => JsonObject.Of(block, "a block: an object"));
        AttentionForm[] forms = Array.ConvertAll(blocks, block => Attention(config, JsonObject.Of(block["attention"], "attention: an object")));
        int[] widths = Array.ConvertAll(blocks, block => FeedForward(config, JsonObject.Of(block["ffn"], "a feed-forward: an object")));
        int widest = widths.Max();
        AttentionForm whole = Array.Find(forms, form => form.Kind != AttentionKind.None) ?? throw config[Blocks].Complaint("a block with attention");
        return new ModelDraft
        {
            FeedForward = widest,
            OwnFeedForward = block => widths[block] == widest ? 0 : widths[block],
            HasFeedForward = block => widths[block] > 0,
            KeyValueHeads = whole.KeyValueHeads,
            HeadSize = whole.HeadSize,
            Extras = GroupQueryFields.Biases(config) | GroupQueryFields.FeedForwardBias(config),
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Forms = forms,
        };
    }

    /// <summary>Llama's blocks, with as many key-value heads as a list says of each.</summary>
    public static ModelDraft Deci(PublishedConfig config)
    {
        const string Listed = "num_key_value_heads_per_layer";
        config.Skip("num_key_value_heads");
        int heads = config.Count("num_attention_heads");
        int headSize = GroupQueryFields.HeadSize(config);
        AttentionForm[] forms = Array.ConvertAll(
            LayerList.Of(config[Listed], config.Blocks, "a list of key-value heads, one a layer"),
            entry => Form(heads, headSize, entry.Integer(1, heads), entry, $"a divisor of num_attention_heads, {heads}"));
        return new ModelDraft
        {
            FeedForward = config.Count(Width),
            KeyValueHeads = forms[0].KeyValueHeads,
            HeadSize = headSize,
            Extras = GroupQueryFields.Biases(config) | GroupQueryFields.FeedForwardBias(config),
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Forms = forms,
        };
    }

    private static AttentionForm Attention(PublishedConfig config, JsonObject attention)
    {
        foreach (string field in (ReadOnlySpan<string>)["window_length", "num_sink_tokens", "sparsify"])
        {
            if (!attention[field].IsNull)
            {
                throw attention[field].Complaint("null or no such field: blocks of this architecture attend to the whole context here");
            }
        }

        if (IsReplaced(attention))
        {
            return AttentionForm.None;
        }

        int heads = config.Count("num_attention_heads");
        int group = attention.Integer(Group, 1, heads);
        return Form(heads, GroupQueryFields.HeadSize(config), heads / group, attention[Group], $"a divisor of num_attention_heads, {heads}", heads % group == 0);
    }

    private static AttentionForm Form(int heads, int headSize, int keyValueHeads, JsonValue source, string expected, bool divides = true) =>
        divides && heads % keyValueHeads == 0
            ? new AttentionForm(AttentionKind.GroupQuery) { Heads = heads, KeyValueHeads = keyValueHeads, HeadSize = headSize }
            : throw source.Complaint(expected);

    /// <summary>Two thirds of a multiple of the hidden size, up to a multiple, or as it is stated; 0 where there is none.</summary>
    private static int FeedForward(PublishedConfig config, JsonObject feedForward)
    {
        if (!feedForward["sparsify"].IsNull)
        {
            throw feedForward["sparsify"].Complaint("null or no such field: sparse feed-forwards have no operators here");
        }

        if (IsReplaced(feedForward))
        {
            return 0;
        }

        if (feedForward[Multiplier].IsNull)
        {
            return feedForward.Integer(Width, 1, PublishedConfig.MostOfAnything);
        }

        double width = Math.Floor(2 * feedForward[Multiplier].Number(NumberRule.Positive) * config.Count("hidden_size") / 3);
        return width <= PublishedConfig.MostOfAnything - Multiple
            ? Math.Max(1, ((int)width + Multiple - 1) / Multiple) * Multiple
            : throw feedForward[Multiplier].Complaint($"a multiple that makes the feed-forward at most {PublishedConfig.MostOfAnything} wide");
    }

    /// <summary>Whether a block lacks a part; one matrix in its place is refused.</summary>
    private static bool IsReplaced(JsonObject part)
    {
        const string Linear = "replace_with_linear";
        return part.Boolean(Linear, false)
            ? throw part[Linear].Complaint("false or no such field: one matrix in place of attention or a feed-forward has no operators here")
            : part.Boolean("no_op", false);
    }
}

using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Fields of group-query attention that many architectures share.</summary>
internal static class GroupQueryFields
{
    private const string HeadField = "head_dim";

    /// <summary>Attention of blocks whose others mix tokens otherwise.</summary>
    public static AttentionForm Form(PublishedConfig config) => new(AttentionKind.GroupQuery)
    {
        Heads = config.Count("num_attention_heads"),
        KeyValueHeads = KeyValueHeads(config),
        HeadSize = HeadSize(config),
    };

    /// <summary>Key-value heads: as many as heads where the field is missing, as the architectures themselves have it.</summary>
    public static int KeyValueHeads(PublishedConfig config)
    {
        int heads = config.Count("num_attention_heads");
        int keyValueHeads = config.ClassCount("num_key_value_heads", otherwise: heads);
        return heads % keyValueHeads == 0
            ? keyValueHeads
            : throw config["num_key_value_heads"].Complaint($"a divisor of num_attention_heads, {heads}");
    }

    /// <summary>Width of a head: the field, or the class's number where the file leaves it out, else the hidden size over the heads.</summary>
    public static int HeadSize(PublishedConfig config)
    {
        if (config.Has(HeadField) || (config.LeavesOut(HeadField) && config.ClassDefaults.ContainsKey(HeadField)))
        {
            return config.ClassCount(HeadField, otherwise: 1);
        }

        int hidden = config.Count("hidden_size");
        int heads = config.Count("num_attention_heads");
        return hidden % heads == 0
            ? hidden / heads
            : throw config[HeadField].Complaint($"a head size, since num_attention_heads, {heads}, does not divide hidden_size, {hidden}");
    }

    /// <summary>Width of a head of classes that divide the hidden size among the heads whatever a file says.</summary>
    public static int EvenHeadSize(PublishedConfig config)
    {
        int hidden = config.Count("hidden_size");
        int heads = config.Count("num_attention_heads");
        if (hidden % heads != 0)
        {
            config.Refuse("num_attention_heads", $"a divisor of hidden_size, {hidden}");
        }

        config.Ignore(HeadField, hidden / heads);
        return hidden / heads;
    }

    /// <summary>Heads of keys and values of classes that have as many as of queries whatever a file says.</summary>
    public static int EveryHead(PublishedConfig config)
    {
        int heads = config.Count("num_attention_heads");
        config.Ignore("num_key_value_heads", heads);
        return heads;
    }

    /// <summary>Whether the embedding table projects to the logits: a larger model's file says it beside its language model, too.</summary>
    public static bool TiedEmbeddings(PublishedConfig config, bool missing = false)
    {
        const string Field = "tie_word_embeddings";
        bool isOutside = !config.Has(Field) && config.Outer.Has(Field);
        return isOutside ? config.Outer[Field].Boolean() : config.Switch(Field, missing);
    }

    /// <summary>Biases where one field decides about query, key, value and output alike.</summary>
    public static BlockExtras Biases(PublishedConfig config, bool missing = false) => config.Switch("attention_bias", missing)
        ? BlockExtras.QueryKeyValueBias | BlockExtras.OutputBias
        : BlockExtras.None;

    /// <summary>Biases of the feed-forward where a field of its own decides.</summary>
    public static BlockExtras FeedForwardBias(PublishedConfig config, bool missing = false) =>
        config.Switch("mlp_bias", missing) ? BlockExtras.FeedForwardBias : BlockExtras.None;

    /// <summary>Whether the attention's output is gated by a projection of its own.</summary>
    public static bool Gate(PublishedConfig config) => config.Switch("attn_output_gate", missing: false);
}

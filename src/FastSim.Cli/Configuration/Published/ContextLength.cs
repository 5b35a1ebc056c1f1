namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Tokens, prompt and answer together, that a published model's positions reach: <c>max_position_embeddings</c>, further where a scaling of the rotary
/// embedding stretches it; what a file calls that besides, where it is less, and of Command models <c>model_max_length</c>, which they are trained for beyond their
/// positions. Source: transformers' rotary embedding parameters (<c>rope_scaling</c>, <c>rope_parameters</c>) and the way engines derive a model's length from
/// them (vLLM, <c>vllm/config/model.py</c>).
/// </summary>
internal static class ContextLength
{
    private const int MostPositions = 1 << 30;
    private const string Positions = "max_position_embeddings";
    private const string Trained = "model_max_length";
    private const string Original = "original_max_position_embeddings";

    /// <summary>Scalings whose factor <c>max_position_embeddings</c> already contains.</summary>
    private static readonly string[] Contained = ["llama3", "longrope", "su", "default", "proportional", "mrope"];

    /// <summary>What files call the same beside or in place of positions: the least that a file states counts.</summary>
    private static readonly string[] Further = ["n_positions", "max_position_embedding", "max_seq_len", "seq_length", Trained, "max_sequence_length", "max_seq_length"];

    /// <summary>The longest context in tokens, or null where the file states none.</summary>
    public static int? Of(PublishedConfig config, string architecture)
    {
        if (architecture.StartsWith("cohere", StringComparison.Ordinal) && config.Has(Trained))
        {
            return config[Trained].Integer(1, MostPositions);
        }

        int[] stated = [.. Further.Prepend(Positions).Where(config.Has).Select(field => config[field].Integer(1, MostPositions))];
        if (stated.Length == 0)
        {
            return null;
        }

        int positions = stated.Min();
        JsonValue scaling = config.Has("rope_scaling") ? config["rope_scaling"] : config["rope_parameters"];
        if (scaling.Element.ValueKind != System.Text.Json.JsonValueKind.Object || architecture.StartsWith("gemma", StringComparison.Ordinal))
        {
            return positions;
        }

        JsonObject rope = JsonObject.Of(scaling, "a scaling of the rotary embedding: an object");
        string kind = Word(rope, "rope_type") ?? Word(rope, "type") ?? "default";
        if (Contained.Contains(kind) || rope["factor"].IsNull)
        {
            return positions;
        }

        double factor = rope["factor"].Number(NumberRule.Positive);
        double stretched = rope.Has(Original) ? rope[Original].Number(NumberRule.Positive) * factor : positions * factor;
        return (int)Math.Min(MostPositions, Math.Max(positions, stretched));
    }

    private static string? Word(JsonObject rope, string key) =>
        rope[key].Element.ValueKind == System.Text.Json.JsonValueKind.String ? rope[key].Element.GetString() : null;
}

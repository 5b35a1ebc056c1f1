namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Blocks of sparse attention that have no indexer and use what the last one with an indexer selected (GLM-5.2), in any of the three ways that files say
/// it. Source: transformers' <c>glm_moe_dsa</c>.
/// </summary>
internal static class SharedSelections
{
    private const string Types = "indexer_types";
    private const string Pattern = "index_topk_pattern";
    private const string Frequency = "index_topk_freq";
    private const string Offset = "index_skip_topk_offset";

    /// <summary>Which blocks borrow a selection; null where none does.</summary>
    public static bool[]? Read(PublishedConfig config)
    {
        int blocks = config.Blocks;
        config.Skip(Offset);
        (string field, bool[] borrows) = (Types, Array.Empty<bool>());
        if (config.Has(Types))
        {
            JsonValue[] types = config[Types].List("a list of indexers, one a layer");
            borrows = Array.ConvertAll(types, type => type.Word("an indexer", new Dictionary<string, bool> { ["full"] = false, ["shared"] = true }));
            config.Skip(Frequency);
            config.Skip(Pattern);
        }
        else if (config.Has(Pattern))
        {
            (field, JsonValue pattern) = (Pattern, config[Pattern]);
            borrows = [.. pattern.Text("F or S a layer").Select(letter => letter switch
            {
                'F' => false,
                'S' => true,
                _ => throw pattern.Complaint($"F or S for each layer, not {letter}"),
            })];
        }
        else if (config.Has(Frequency) && config.Count(Frequency) is > 1 and int every)
        {
            if (!config.Has(Offset))
            {
                config.Refuse(Frequency, $"1, or {Offset} beside it: which blocks share another block's selection is not known");
            }

            int offset = config.Count(Offset, least: 0);
            (field, borrows) = (Frequency, [.. Enumerable.Range(0, blocks).Select(block => Math.Max(block - offset + 1, 0) % every != 0)]);
        }
        else
        {
            return null;
        }

        if (borrows.Length != blocks)
        {
            config.Refuse(field, $"as many entries as num_hidden_layers, {blocks}, not {borrows.Length}");
        }

        if (borrows[0])
        {
            config.Refuse(field, "an indexer of its own in the first layer: there is no selection to share yet");
        }

        return borrows.Contains(true) ? borrows : null;
    }
}

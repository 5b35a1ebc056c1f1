using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Towers that take images of any size and put squares of rows together: transformers' <c>qwen2_vl</c>, <c>qwen2_5_vl</c>, <c>qwen3_vl</c> and <c>glm4v</c>.</summary>
internal static class QwenTowers
{
    /// <summary>Qwen2-VL: its widths have names of their own, <c>hidden_size</c> is the language model's.</summary>
    public static VisionTower Qwen2(VisionFields fields)
    {
        int hidden = fields["embed_dim"];
        int merged = Merged(fields);
        int output = fields.Count("hidden_size", fields.Text);
        return new VisionTower(
            hidden,
            fields["depth"],
            fields["num_heads"],
            fields.HeadSize("embed_dim", "num_heads"),
            hidden * fields.Count("mlp_ratio", 4),
            PatchElements(fields),
            merged,
            VisionFields.Pair(hidden * merged, hidden * merged, output))
        {
            HasRotary = true,
            HasInputBias = true,
            HasOutputBias = true,
            HasFeedForwardBias = true,
            BlockElements = 4 * hidden,
            OuterElements = 2 * hidden,
        };
    }

    /// <summary>Qwen2.5-VL: most blocks see windows of the image.</summary>
    public static VisionTower Qwen25(VisionFields fields)
    {
        int hidden = fields["hidden_size"];
        int merged = Merged(fields);
        int blocks = fields["depth"];
        int window = fields.Count("window_size", 112) / fields.Count("patch_size", 14);
        if (window == 0)
        {
            throw fields.Config["window_size"].Complaint($"at least a patch, {fields["patch_size"]}");
        }

        return new VisionTower(
            hidden,
            blocks,
            fields["num_heads"],
            fields.HeadSize("hidden_size", "num_heads"),
            fields["intermediate_size"],
            PatchElements(fields),
            merged,
            VisionFields.Pair(hidden * merged, hidden * merged, fields.Count("out_hidden_size", fields.Text)))
        {
            IsGated = true,
            HasRotary = true,
            HasInputBias = true,
            HasOutputBias = true,
            HasFeedForwardBias = true,
            WindowRows = window * window,
            WholeBlocks = Listed(fields, "fullatt_block_indexes", blocks),
            BlockElements = 2 * hidden,
            OuterElements = hidden,
        };
    }

    /// <summary>Qwen3-VL and Qwen3.5: positions are learnt, too, and some blocks' outputs go through mergers of their own to the language model's first blocks.</summary>
    public static VisionTower Qwen3(VisionFields fields)
    {
        int hidden = fields["hidden_size"];
        int merged = Merged(fields);
        int output = fields.Count("out_hidden_size", fields.Text);
        int blocks = fields["depth"];
        int deep = Listed(fields, "deepstack_visual_indexes", blocks);
        VisionProduct[] merger = VisionFields.Pair(hidden * merged, hidden * merged, output);
        return new VisionTower(
            hidden,
            blocks,
            fields["num_heads"],
            fields.HeadSize("hidden_size", "num_heads"),
            fields["intermediate_size"],
            PatchElements(fields),
            merged,
            deep == 0 ? merger : [.. merger, .. VisionFields.Pair(hidden * merged, hidden * merged, output, times: deep)])
        {
            HasRotary = true,
            HasInputBias = true,
            HasOutputBias = true,
            HasFeedForwardBias = true,
            BlockElements = 4 * hidden,
            OuterNorms = 1 + deep,
            OuterElements = hidden + ((double)fields["num_position_embeddings"] * hidden) + (2 * hidden) + (2d * deep * hidden * merged),
        };
    }

    /// <summary>GLM-4.1V, 4.5V and 4.6V: a gated feed-forward as wide as the language model, a convolution that puts rows together, and a gated merger.</summary>
    public static VisionTower Glm(VisionFields fields)
    {
        int hidden = fields["hidden_size"];
        int merged = Merged(fields);
        int output = fields.Count("out_hidden_size", fields.Text);
        int middle = fields["intermediate_size"];
        int side = fields.PatchesOfSide(fields.Side("image_size"), fields.Count("patch_size", 14));
        return new VisionTower(
            hidden,
            fields["depth"],
            fields["num_heads"],
            fields.HeadSize("hidden_size", "num_heads"),
            output,
            PatchElements(fields),
            merged,
            [
                new VisionProduct(hidden * merged, output, ProductCut.None, HasBias: true),
                new VisionProduct(output, output, ProductCut.None, HasBias: false),
                new VisionProduct(output, 2 * middle, ProductCut.Outputs, HasBias: false),
                new VisionProduct(middle, output, ProductCut.Inputs, HasBias: false),
            ])
        {
            IsGated = true,
            HasRotary = true,
            HasInputBias = fields.Config.Switch("attention_bias", missing: false),
            BlockElements = 2 * hidden,
            OuterNorms = 2,
            OuterElements = hidden + ((double)side * side * hidden) + (2 * hidden) + (2 * output),
        };
    }

    private static int PatchElements(VisionFields fields)
    {
        return fields.PatchElements(fields.Count("patch_size", 14), fields.Count("temporal_patch_size", 2));
    }

    private static int Merged(VisionFields fields) => VisionFields.Merged(fields.Config["spatial_merge_size"], fields.Count("spatial_merge_size", 2));

    /// <summary>Blocks that a list names.</summary>
    private static int Listed(VisionFields fields, string field, int blocks)
    {
        JsonValue list = fields.Config[field];
        return list.Element.ValueKind == System.Text.Json.JsonValueKind.Array && list.Element.GetArrayLength() == 0
            ? 0
            : list.Items("a list of blocks", blocks).Select(item => item.Integer(0, blocks - 1)).Distinct().Count();
    }
}

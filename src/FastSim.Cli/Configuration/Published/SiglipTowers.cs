using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>SigLIP's tower, with biases everywhere and two norms of weight and bias a block, and those made from it: transformers' <c>siglip</c>, <c>idefics3</c>, Moonshot's MoonViT.</summary>
internal static class SiglipTowers
{
    /// <summary>Gemma 3: an image is 896 pixels wide, its rows are pooled to a fixed number of tokens; a norm, then a product without bias.</summary>
    public static VisionTower Gemma(VisionFields fields)
    {
        VisionTower tower = Siglip(fields, tokens: fields.Beside("mm_tokens_per_image", 256), [new VisionProduct(fields["hidden_size"], fields.Text, ProductCut.None, HasBias: false)]);
        return tower with { OuterNorms = 1, OuterElements = tower.OuterElements + tower.Hidden };
    }

    /// <summary>PaliGemma: a token a row.</summary>
    public static VisionTower PaliGemma(VisionFields fields)
    {
        fields.Config.Skip("projection_dim");
        fields.Config.Skip("num_image_tokens");
        fields.Config.Skip("num_positions");
        fields.Config.Skip("projector_hidden_act");
        return Siglip(fields, tokens: 0, [new VisionProduct(fields["hidden_size"], fields.Text, ProductCut.None, HasBias: true)]);
    }

    /// <summary>Idefics3 and SmolVLM: squares of rows are put together; a product without bias.</summary>
    public static VisionTower Idefics(VisionFields fields)
    {
        int scale = fields.Beside("scale_factor", 2);
        int side = Sides(fields);
        fields.Config.Skip("use_base_siglip");
        fields.Config.Skip("max_image_size");
        fields.Config.Skip("size");
        fields.Config.Skip("tie_word_embeddings");
        int merged = VisionFields.Merged(fields.Outer["scale_factor"], scale);
        if (side % scale != 0)
        {
            throw fields.Outer["scale_factor"].Complaint($"a divisor of the {side} patches along a side of an image");
        }

        return Of(fields, side * side / merged, [new VisionProduct(fields["hidden_size"] * merged, fields.Text, ProductCut.None, HasBias: false)]);
    }

    /// <summary>Kimi-VL's MoonViT: images of any size, learnt positions that are interpolated, rotary ones besides.</summary>
    public static VisionTower Moon(VisionFields fields) => Moon(
        fields, "hidden_size", "num_attention_heads", "num_hidden_layers", "intermediate_size");

    /// <summary>Kimi-K2.5's, whose fields have a beginning of their own.</summary>
    public static VisionTower MoonPrefixed(VisionFields fields)
    {
        fields.Require("mm_projector_type", "patchmerger");
        fields.Require("merge_type", "sd2_tpool");
        fields.Require("pos_emb_type", "divided_fixed");
        foreach (string field in (ReadOnlySpan<string>)["init_pos_emb_time", "video_attn_type"])
        {
            fields.Config.Skip(field);
        }

        if (fields["mm_hidden_size"] != fields["vt_hidden_size"])
        {
            throw fields.Config["mm_hidden_size"].Complaint($"vt_hidden_size, {fields["vt_hidden_size"]}");
        }

        return Moon(fields, "vt_hidden_size", "vt_num_attention_heads", "vt_num_hidden_layers", "vt_intermediate_size");
    }

    private static VisionTower Moon(VisionFields fields, string width, string heads, string blocks, string feedForward)
    {
        int hidden = fields[width];
        JsonValue[] kernel = fields.Config["merge_kernel_size"].Tuple(2, "height and width");
        int merged = VisionFields.Merged(kernel[0], kernel[0].Integer(1));
        if (kernel[1].Integer(1) != kernel[0].Integer(1))
        {
            throw kernel[1].Complaint("a height that is the width");
        }

        int patch = fields["patch_size"];
        return new VisionTower(
            hidden,
            fields[blocks],
            fields[heads],
            fields.HeadSize(width, heads),
            fields[feedForward],
            fields.PatchElements(patch),
            merged,
            VisionFields.Pair(hidden * merged, hidden * merged, fields.Text))
        {
            HasRotary = true,
            HasInputBias = true,
            HasOutputBias = true,
            HasFeedForwardBias = true,
            BlockElements = 4 * hidden,
            OuterNorms = 2,
            OuterElements = hidden + ((double)fields["init_pos_emb_height"] * fields["init_pos_emb_width"] * hidden) + (4 * hidden),
        };
    }

    /// <summary>The tower with a projector behind it.</summary>
    /// <param name="fields">Its fields.</param>
    /// <param name="tokens">Tokens that a tile becomes; 0 for one a row.</param>
    /// <param name="projector">The projector.</param>
    internal static VisionTower Siglip(VisionFields fields, int tokens, VisionProduct[] projector)
    {
        fields.Require("model_type", "siglip_vision_model");
        if (fields.Config.Switch("vision_use_head", missing: true))
        {
            throw fields.Config["vision_use_head"].Complaint("false: a head that no token comes from is not counted");
        }

        int side = Sides(fields);
        return Of(fields, tokens == 0 ? side * side : tokens, projector);
    }

    /// <summary>Patches along a side of an image.</summary>
    internal static int Sides(VisionFields fields) => fields.PatchesOfSide(fields.Count("image_size", 224), fields["patch_size"]);

    private static VisionTower Of(VisionFields fields, int tokens, VisionProduct[] projector)
    {
        int hidden = fields["hidden_size"];
        int patch = fields["patch_size"];
        int rows = Sides(fields) * Sides(fields);
        return new VisionTower(
            hidden,
            fields["num_hidden_layers"],
            fields["num_attention_heads"],
            fields.HeadSize("hidden_size", "num_attention_heads"),
            fields["intermediate_size"],
            fields.PatchElements(patch),
            MergedRows: Math.Max(1, rows / tokens),
            projector)
        {
            HasInputBias = true,
            HasOutputBias = true,
            HasFeedForwardBias = true,
            TileRows = rows,
            TileTokens = tokens,
            BlockElements = 4 * hidden,
            OuterElements = hidden + ((double)rows * hidden) + (2 * hidden),
        };
    }
}

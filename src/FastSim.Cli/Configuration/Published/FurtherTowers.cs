using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Towers of Gemma 4 and Kimi-K3, and those of others behind projectors or under fields of their own: transformers' <c>gemma4</c>, <c>qwen2_5_omni</c>,
/// <c>qwen3_omni_moe</c>, <c>cohere2_vision</c>; Kimi-K3's by its publisher's names.
/// </summary>
internal static class FurtherTowers
{
    /// <summary>Gemma 4: images of any size, learnt positions of either side, norms before and after, squares of rows pooled to a token; a product without bias.</summary>
    public static VisionTower Gemma4(VisionFields fields)
    {
        fields.Require("model_type", "gemma4_vision");
        int hidden = fields["hidden_size"];
        int heads = fields["num_attention_heads"];
        int size = fields["head_dim"];
        foreach ((string field, int same) in ((string, int)[])[("num_key_value_heads", heads), ("global_head_dim", size)])
        {
            if (fields.Config.Has(field) && fields[field] != same)
            {
                throw fields.Config[field].Complaint($"{same}, as all heads of a tower");
            }
        }

        fields.Config.Skip("default_output_length");
        fields.Config.Skip("use_clipped_linears");
        int patch = fields["patch_size"];
        return new VisionTower(
            hidden,
            fields["num_hidden_layers"],
            heads,
            size,
            fields["intermediate_size"],
            fields.PatchElements(patch),
            VisionFields.Merged(fields.Config["pooling_kernel_size"], fields["pooling_kernel_size"]),
            [new VisionProduct(hidden, fields.Text, ProductCut.None, HasBias: false)])
        {
            IsGated = true,
            HasRotary = true,
            NormalisesQueriesAndKeys = true,
            NormalisesOutputs = true,
            HasInputBias = fields.Config.Switch("attention_bias", missing: false),
            HasOutputBias = fields.Config.Switch("attention_bias", missing: false),
            BlockElements = (4 * hidden) + (2 * size),
            OuterNorms = 1,
            OuterElements = (2d * fields["position_embedding_size"] * hidden) + (fields.Config.Switch("standardize", missing: false) ? 2d * hidden : 0),
        };
    }

    /// <summary>Kimi-K3's MoonViT: heads wider than the residual stream, no biases, a norm behind the projector.</summary>
    public static VisionTower Kimi3(VisionFields fields)
    {
        fields.Require("mm_projector_type", "patchmergerv2");
        fields.Require("merge_type", "sd2_tpool");
        fields.Require("pos_emb_type", "divided_fixed");
        fields.Require("mlp_type", "mlp2");
        fields.Require("norm_type", "rmsnorm");
        foreach (string field in (ReadOnlySpan<string>)["init_pos_emb_time", "video_attn_type", "pos_emb_interpolation_mode", "activation_func"])
        {
            fields.Config.Skip(field);
        }

        foreach (string field in (ReadOnlySpan<string>)["attn_bias", "linear_bias", "patch_embed_proj_bias"])
        {
            if (fields.Config.Switch(field, missing: false))
            {
                throw fields.Config[field].Complaint("false, as published towers of this class have it");
            }
        }

        int hidden = fields["vt_hidden_size"];
        if (fields.Config.Has("mm_hidden_size") && fields["mm_hidden_size"] != hidden)
        {
            throw fields.Config["mm_hidden_size"].Complaint($"vt_hidden_size, {hidden}");
        }

        JsonValue[] kernel = fields.Config["merge_kernel_size"].Tuple(2, "height and width");
        int merged = VisionFields.Merged(kernel[0], kernel[0].Integer(1));
        if (kernel[1].Integer(1) != kernel[0].Integer(1))
        {
            throw kernel[1].Complaint("a height that is the width");
        }

        return new VisionTower(
            hidden,
            fields["vt_num_hidden_layers"],
            fields["vt_num_attention_heads"],
            fields.HeadSize("qkv_hidden_size", "vt_num_attention_heads"),
            fields["vt_intermediate_size"],
            fields.PatchElements(fields["patch_size"]),
            merged,
            VisionFields.Pair(hidden * merged, hidden * merged, fields.Text, hasBias: false))
        {
            HasRotary = true,
            BlockElements = 2 * hidden,
            OuterNorms = 1,
            OuterElements = ((double)fields["init_pos_emb_height"] * fields["init_pos_emb_width"] * hidden) + hidden + fields.Text,
        };
    }

    /// <summary>LLaVA-OneVision: SigLIP's tower, a token a row, and a token that ends a line.</summary>
    public static VisionTower OneVision(VisionFields fields)
    {
        if (fields.Outer.Has("vision_feature_layer") && fields.Outer["vision_feature_layer"].Integer(-PublishedConfig.MostBlocks, PublishedConfig.MostBlocks) != -1)
        {
            throw fields.Outer["vision_feature_layer"].Complaint("-1, the last block's output");
        }

        if (fields.Outer.Has("vision_feature_select_strategy") && fields.Outer["vision_feature_select_strategy"].Text("full") != "full")
        {
            throw fields.Outer["vision_feature_select_strategy"].Complaint("full: all rows");
        }

        VisionTower tower = SiglipTowers.Siglip(
            fields, tokens: 0, VisionFields.Pair(fields["hidden_size"], fields.Text, fields.Text, fields.Outer.Boolean("multimodal_projector_bias", missing: true)));
        return tower with { OuterElements = tower.OuterElements + fields.Text };
    }

    /// <summary>Aya Vision: SigLIP's tower, squares of rows put together, normalised, and a gated projector.</summary>
    public static VisionTower Aya(VisionFields fields)
    {
        VisionTower tower = Gated(fields, fields.Text);
        return tower with { OuterElements = tower.OuterElements + (2d * tower.Projector[0].Input) };
    }

    /// <summary>Command A Vision: the same without the norm.</summary>
    public static VisionTower Command(VisionFields fields) => Gated(fields, CommandAlignment);

    /// <summary>Qwen2.5-Omni's tower is Qwen2.5-VL's, with fields of Qwen2-VL's beside.</summary>
    public static VisionTower Omni25(VisionFields fields)
    {
        fields.Config.Skip("embed_dim");
        fields.Config.Skip("in_chans");
        fields.Config.Skip("init_std");
        return QwenTowers.Qwen25(fields);
    }

    /// <summary>Qwen3-Omni's is Qwen3-VL's.</summary>
    public static VisionTower Omni3(VisionFields fields)
    {
        fields.Config.Skip("in_chans");
        if (!fields.Config.Switch("apply_vit_abs_pos_embed", missing: true))
        {
            throw fields.Config["apply_vit_abs_pos_embed"].Complaint("true: positions are learnt");
        }

        return QwenTowers.Qwen3(fields);
    }

    private const int CommandAlignment = 36_864;

    private static VisionTower Gated(VisionFields fields, int alignment)
    {
        int factor = fields.Beside("downsample_factor", 2);
        int merged = VisionFields.Merged(fields.Outer["downsample_factor"], factor);
        int middle = fields.Outer.Integer("alignment_intermediate_size", 2, 1 << 20, missing: alignment);
        int side = SiglipTowers.Sides(fields);
        if (side % factor != 0 || middle % 2 != 0)
        {
            throw fields.Outer[side % factor != 0 ? "downsample_factor" : "alignment_intermediate_size"].Complaint(
                side % factor != 0 ? $"a divisor of the {side} patches along a side of an image" : "an even number, half of it gates");
        }

        return SiglipTowers.Siglip(
            fields,
            side * side / merged,
            [
                new VisionProduct(fields["hidden_size"] * merged, middle, ProductCut.Outputs, HasBias: true),
                new VisionProduct(middle / 2, fields.Text, ProductCut.Inputs, HasBias: true),
            ]);
    }
}

using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>CLIP's tower and its like, with a row besides those of patches, Pixtral's, and the projectors that stand behind them: transformers' <c>llava</c>, <c>mistral3</c>, <c>llama4</c>, <c>internvl</c>.</summary>
internal static class ClipTowers
{
    /// <summary>LLaVA: CLIP's tower, or Pixtral's; two products of the language model's width.</summary>
    public static VisionTower Llava(VisionFields fields)
    {
        VisionProduct[] Projector(int hidden) => VisionFields.Pair(hidden, fields.Text, fields.Text, fields.Outer.Boolean("multimodal_projector_bias", missing: true));
        return fields.Config["model_type"].Text("a vision tower's name") == "pixtral"
            ? Pixtral(fields, merged: 1, Projector(fields["hidden_size"]))
            : Clip(fields, Projector(fields["hidden_size"]));
    }

    /// <summary>LLaVA-NeXT: the same over tiles, and a token that ends a line.</summary>
    public static VisionTower LlavaNext(VisionFields fields)
    {
        VisionTower tower = Clip(fields, VisionFields.Pair(fields["hidden_size"], fields.Text, fields.Text, fields.Outer.Boolean("multimodal_projector_bias", missing: true)));
        return tower with { OuterElements = tower.OuterElements + fields.Text };
    }

    /// <summary>Mistral 3: Pixtral's tower, a norm, squares of rows put together by a product, then two more.</summary>
    public static VisionTower MergedPixtral(VisionFields fields)
    {
        fields.Require("model_type", "pixtral");
        int hidden = fields["hidden_size"];
        int merged = VisionFields.Merged(fields.Outer["spatial_merge_size"], fields.Beside("spatial_merge_size", 2));
        VisionTower tower = Pixtral(
            fields,
            merged,
            [
                new VisionProduct(hidden * merged, hidden, ProductCut.None, HasBias: false),
                .. VisionFields.Pair(hidden, fields.Text, fields.Text, fields.Outer.Boolean("multimodal_projector_bias", missing: false)),
            ]);
        return tower with { OuterNorms = 2, OuterElements = tower.OuterElements + hidden };
    }

    /// <summary>Llama 4: tiles of rows, four of which are put together; two products, and one to the language model's width.</summary>
    public static VisionTower Llama4(VisionFields fields)
    {
        int hidden = fields["hidden_size"];
        int patch = fields["patch_size"];
        int side = fields.PatchesOfSide(fields["image_size"], patch);
        JsonValue ratio = fields.Config["pixel_shuffle_ratio"];
        int merged = VisionFields.Merged(ratio, ratio.Number(NumberRule.ShareBelowOne));
        int feedForward = fields["intermediate_size"];
        int output = fields["vision_output_dim"];
        fields.Config.Skip("vision_feature_layer");
        fields.Config.Skip("vision_feature_select_strategy");
        fields.Config.Skip("multi_modal_projector_bias");
        fields.Config.Skip("projector_dropout");
        if (hidden * merged != feedForward || fields["projector_output_dim"] != output)
        {
            throw fields.Config["pixel_shuffle_ratio"].Complaint("one that makes rows as wide as intermediate_size, and projector_output_dim as wide as vision_output_dim");
        }

        return new VisionTower(
            hidden,
            fields["num_hidden_layers"],
            fields["num_attention_heads"],
            fields.HeadSize("hidden_size", "num_attention_heads"),
            feedForward,
            fields.PatchElements(patch),
            merged,
            [
                .. VisionFields.Pair(feedForward, fields["projector_input_dim"], output, hasBias: false),
                new VisionProduct(output, fields.Text, ProductCut.None, HasBias: false),
            ])
        {
            HasRotary = true,
            HasInputBias = true,
            HasOutputBias = true,
            HasFeedForwardBias = true,
            TileRows = (side * side) + 1,
            TileTokens = side * side / merged,
            BlockElements = 4 * hidden,
            OuterNorms = 2,
            OuterElements = hidden + ((((double)side * side) + 1) * hidden) + (4 * hidden),
        };
    }

    /// <summary>InternVL as transformers has it.</summary>
    public static VisionTower Intern(VisionFields fields)
    {
        foreach (string field in (ReadOnlySpan<string>)["use_mean_pooling", "use_mask_token"])
        {
            fields.Config.Skip(field);
        }

        if (fields.Config.Switch("use_mask_token", missing: false) || !fields.Config.Switch("use_absolute_position_embeddings", missing: true) || !fields.Config.Switch("use_mean_pooling", missing: true))
        {
            throw fields.Config["use_absolute_position_embeddings"].Complaint("true, with use_mean_pooling, and no use_mask_token");
        }

        return Intern(fields, "attention_bias", "use_qk_norm");
    }

    private static readonly string[] ExpertFields =
    [
        "capacity_factor", "eval_capacity_factor", "laux_allreduce", "moe_coeff_ratio", "moe_intermediate_size", "moe_output_scale", "noisy_gate_policy", "num_experts",
        "num_routed_experts", "num_shared_experts", "shared_expert_intermediate_size", "use_residual", "use_rts", "use_weighted_residual",
    ];

    /// <summary>InternVL as its publisher has it.</summary>
    public static VisionTower InternChat(VisionFields fields)
    {
        foreach (string field in (ReadOnlySpan<string>)["num_image_token", "architectures", "auto_map", "use_bfloat16"])
        {
            fields.Config.Skip(field);
        }

        // Its files carry fields of experts that no published tower has.
        if (fields.Config.Has("use_moe") && !fields.Config.Switch("use_moe", missing: false))
        {
            foreach (string field in ExpertFields)
            {
                fields.Config.Skip(field);
            }
        }

        return Intern(fields, "qkv_bias", "qk_normalization");
    }

    private static VisionTower Intern(VisionFields fields, string bias, string norm)
    {
        fields.Require("norm_type", "layer_norm", "rms_norm");
        int hidden = fields["hidden_size"];
        int patch = fields.Side("patch_size");
        int side = fields.PatchesOfSide(fields.Side("image_size"), patch);
        int merged = VisionFields.Merged(fields.Outer["downsample_ratio"], fields.Outer.Number("downsample_ratio", NumberRule.ShareBelowOne, missing: 0.5));
        int normWeights = fields.Config.Has("norm_type") && fields.Config["norm_type"].Text("a norm") == "rms_norm" ? hidden : 2 * hidden;
        bool normalises = fields.Config.Switch(norm, missing: false);
        return new VisionTower(
            hidden,
            fields["num_hidden_layers"],
            fields["num_attention_heads"],
            fields.HeadSize("hidden_size", "num_attention_heads"),
            fields["intermediate_size"],
            fields.PatchElements(patch),
            merged,
            VisionFields.Pair(hidden * merged, fields.Text, fields.Text))
        {
            HasInputBias = fields.Config.Switch(bias, missing: true),
            HasOutputBias = true,
            HasFeedForwardBias = true,
            NormalisesQueriesAndKeys = normalises,
            TileRows = (side * side) + 1,
            TileTokens = side * side / merged,
            BlockElements = (2 * normWeights) + (2 * hidden) + (normalises ? 2 * hidden : 0),
            OuterElements = hidden + hidden + ((((double)side * side) + 1) * hidden) + (2 * hidden * merged),
        };
    }

    private static VisionTower Clip(VisionFields fields, VisionProduct[] projector)
    {
        fields.Require("model_type", "clip_vision_model");
        fields.Config.Skip("projection_dim");
        int hidden = fields["hidden_size"];
        int patch = fields["patch_size"];
        int side = fields.PatchesOfSide(fields["image_size"], patch);
        int blocks = fields["num_hidden_layers"];
        JsonValue feature = fields.Outer["vision_feature_layer"];
        int layer = feature.IsNull ? -2 : feature.Integer(-blocks, blocks);
        int run = layer < 0 ? blocks + 1 + layer : layer;
        if (run == 0)
        {
            throw feature.Complaint("a layer behind the first block");
        }

        if (fields.Outer.Has("vision_feature_select_strategy") && fields.Outer["vision_feature_select_strategy"].Text("default") != "default")
        {
            throw fields.Outer["vision_feature_select_strategy"].Complaint("default: rows of patches alone");
        }

        VisionTower tower = new(
            hidden,
            run,
            fields["num_attention_heads"],
            fields.HeadSize("hidden_size", "num_attention_heads"),
            fields["intermediate_size"],
            fields.PatchElements(patch),
            MergedRows: 1,
            projector)
        {
            HasInputBias = true,
            HasOutputBias = true,
            HasFeedForwardBias = true,
            TileRows = (side * side) + 1,
            TileTokens = side * side,
            BlockElements = 4 * hidden,
            OuterElements = hidden + ((((double)side * side) + 1) * hidden) + (4 * hidden),
        };
        return tower with { IdleElements = (blocks - run) * tower.ElementsOfBlock };
    }

    private static VisionTower Pixtral(VisionFields fields, int merged, VisionProduct[] projector)
    {
        int hidden = fields["hidden_size"];
        int patch = fields["patch_size"];
        int size = fields.HeadSize("hidden_size", "num_attention_heads");
        if (fields.Config.Has("head_dim") && fields["head_dim"] != size)
        {
            throw fields.Config["head_dim"].Complaint($"hidden_size over heads, {size}");
        }

        if (fields.Outer.Has("vision_feature_layer") && fields.Outer["vision_feature_layer"].Integer(-PublishedConfig.MostBlocks, PublishedConfig.MostBlocks) != -1)
        {
            throw fields.Outer["vision_feature_layer"].Complaint("-1, the last block's output");
        }

        fields.Config.Skip("image_size");
        return new VisionTower(
            hidden,
            fields["num_hidden_layers"],
            fields["num_attention_heads"],
            size,
            fields["intermediate_size"],
            fields.PatchElements(patch),
            merged,
            projector)
        {
            IsGated = true,
            HasRotary = true,
            BlockElements = 2 * hidden,
            OuterElements = hidden,
        };
    }
}

using FastSim.Cli.Configuration;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>
/// Parameters of vision towers, projectors included, matrix by matrix from the models' public code (transformers, or the publisher's), and against published
/// figures where there are some.
/// </summary>
public sealed class VisionTowerTests
{
    /// <summary>The architecture, the tower's fields, what stands beside it, the language model's width and architecture; then rows to a token or of a tile, tokens of a tile, parameters.</summary>
    public static TheoryData<string, string, string, int, int, int, double> Towers { get; } = new()
    {
        // Block 1280·3840 + 3840 + 1280² + 1280 + 2·1280·5120 + 5120 + 1280 + 4·1280 = 19,677,440, 32 of them; patches 1176·1280; merger 2·1280 + 5120² + 5120 +
        // 5120·3584 + 3584. "675M" (Qwen2-VL, arXiv 2409.12191).
        {
            "qwen2_vl",
            "\"depth\": 32, \"embed_dim\": 1280, \"mlp_ratio\": 4, \"num_heads\": 16, \"in_chans\": 3, \"hidden_size\": 3584, \"patch_size\": 14, \"spatial_merge_size\": 2, \"spatial_patch_size\": 14, \"temporal_patch_size\": 2",
            "", 3584, 4, 0, 675_759_104
        },

        // Block 4·1280² + 4·1280 + 3·1280·3420 + 2·3420 + 1280 + 2·1280 = 19,702,200; merger with one norm of 1280. Of Qwen2.5-VL-7B's 8,292,166,656 what Qwen2.5-7B's 7,615,616,512 leave.
        {
            "qwen2_5_vl",
            "\"depth\": 32, \"hidden_act\": \"silu\", \"hidden_size\": 1280, \"intermediate_size\": 3420, \"num_heads\": 16, \"in_chans\": 3, \"out_hidden_size\": 3584, \"patch_size\": 14, \"spatial_merge_size\": 2, \"spatial_patch_size\": 14, \"window_size\": 112, \"fullatt_block_indexes\": [7, 15, 23, 31], \"tokens_per_second\": 2, \"temporal_patch_size\": 2",
            "", 3584, 4, 0, 8_292_166_656 - 7_615_616_512
        },

        // Block 4·1152² + 4·1152 + 2·1152·4304 + 4304 + 1152 + 4·1152 = 15,239,504, 27 of them; patches 1536·1152 + 1152, positions 2304·1152; merger 2·1152 + 4608² + 4608 +
        // 4608·2048 + 2048, and three whose norm is 2·4608.
        {
            "qwen3_vl",
            "\"deepstack_visual_indexes\": [8, 16, 24], \"depth\": 27, \"hidden_act\": \"gelu_pytorch_tanh\", \"hidden_size\": 1152, \"in_channels\": 3, \"initializer_range\": 0.02, \"intermediate_size\": 4304, \"model_type\": \"qwen3_vl\", \"num_heads\": 16, \"num_position_embeddings\": 2304, \"out_hidden_size\": 2048, \"patch_size\": 16, \"spatial_merge_size\": 2, \"temporal_patch_size\": 2",
            "", 2048, 4, 0, (27 * 15_239_504) + 1_770_624 + 2_654_208 + 30_679_808 + (3 * 30_686_720)
        },

        // The same blocks; patches 588·1152 + 1152, positions 4096·1152, a norm 2·1152: 416,866,032, "417M" (Gemma 3, arXiv 2503.19786); a norm of 1152 and 1152·2560.
        {
            "gemma3",
            "\"hidden_size\": 1152, \"image_size\": 896, \"intermediate_size\": 4304, \"model_type\": \"siglip_vision_model\", \"num_attention_heads\": 16, \"num_hidden_layers\": 27, \"patch_size\": 14, \"vision_use_head\": false",
            "\"mm_tokens_per_image\": 256,", 2560, 4096, 256, 416_866_032 + 1152 + 2_949_120
        },

        // Block 4·1024² + 3·1024·4096 + 2·1024, 24 of them, patches 588·1024, a norm: 403,305,472; norm 1024, 4096·1024, 1024·5120, 5120². Of Mistral-Small-3.1-24B's
        // 24,011,361,280 what the language model's 23,572,403,200 leave.
        {
            "mistral3",
            "\"attention_dropout\": 0.0, \"head_dim\": 64, \"hidden_act\": \"silu\", \"hidden_size\": 1024, \"image_size\": 1540, \"initializer_range\": 0.02, \"intermediate_size\": 4096, \"model_type\": \"pixtral\", \"num_attention_heads\": 16, \"num_channels\": 3, \"num_hidden_layers\": 24, \"patch_size\": 14, \"rope_theta\": 10000.0",
            "\"multimodal_projector_bias\": false, \"projector_hidden_act\": \"gelu\", \"spatial_merge_size\": 2, \"vision_feature_layer\": -1,", 5120, 4, 0, 24_011_361_280 - 23_572_403_200
        },

        // CLIP ViT-L/14 at 336: block 12,596,224, 24 of them though 23 run, patches 588·1024, class and positions 578·1024, two norms: 303,507,456; 1024·4096 + 4096 + 4096² + 4096.
        // Of LLaVA-1.5-7B's 7,063,427,072 what 6,738,939,904 leave.
        {
            "llava",
            "\"hidden_size\": 1024, \"image_size\": 336, \"intermediate_size\": 4096, \"model_type\": \"clip_vision_model\", \"num_attention_heads\": 16, \"num_hidden_layers\": 24, \"patch_size\": 14, \"projection_dim\": 768, \"vocab_size\": 32000",
            "\"vision_feature_layer\": -2, \"vision_feature_select_strategy\": \"default\",", 4096, 577, 576, 7_063_427_072 - 6_738_939_904
        },

        // Block 4·(1408² + 1408) + 2·1408·5632 + 5632 + 1408 + 4·1408 = 23,807,872, 34 of them; patches 588·1408, class and positions 578·1408, two norms; 5632·4096 + 4096², 4096·5120.
        {
            "llama4",
            "\"hidden_size\": 1408, \"image_size\": 336, \"intermediate_size\": 5632, \"model_type\": \"llama4_vision_model\", \"multi_modal_projector_bias\": false, \"num_attention_heads\": 16, \"num_channels\": 3, \"num_hidden_layers\": 34, \"patch_size\": 14, \"pixel_shuffle_ratio\": 0.5, \"projector_dropout\": 0.0, \"projector_input_dim\": 4096, \"projector_output_dim\": 4096, \"rope_theta\": 10000, \"vision_feature_layer\": -1, \"vision_feature_select_strategy\": \"default\", \"vision_output_dim\": 4096",
            "", 5120, 577, 144, (34 * 23_807_872.0) + 827_904 + (578 * 1408) + (4 * 1408) + 39_845_888 + 20_971_520
        },

        // InternViT-300M, 304,012,288 ("304M", model card): block 1024·3072 + 3072 + 1024² + 1024 + 2·1024·4096 + 5120 + 4·1024 + 2·1024, 24 of them, patches 588·1024 + 1024, class and
        // positions 1026·1024; a norm 2·4096, 4096·3584 + 3584, 3584² + 3584.
        {
            "internvl_chat",
            "\"architectures\": [\"InternVisionModel\"], \"attention_dropout\": 0.0, \"drop_path_rate\": 0.0, \"dropout\": 0.0, \"hidden_act\": \"gelu\", \"hidden_size\": 1024, \"image_size\": 448, \"initializer_factor\": 1.0, \"initializer_range\": 0.02, \"intermediate_size\": 4096, \"layer_norm_eps\": 1e-06, \"model_type\": \"intern_vit_6b\", \"norm_type\": \"layer_norm\", \"num_attention_heads\": 16, \"num_channels\": 3, \"num_hidden_layers\": 24, \"patch_size\": 14, \"qk_normalization\": false, \"qkv_bias\": true, \"use_flash_attn\": true",
            "\"downsample_ratio\": 0.5,", 3584, 1025, 256, 304_012_288 + 8192 + 14_683_648 + 12_848_640
        },

        // Block 4·1536² + 3·1536·4096 + 2·1536, 24 of them; patches 1176·1536 + 1536, positions 576·1536, two norms; 6144·4096 + 4096, 4096², 2·4096, 3·4096·13696. Of
        // GLM-4.1V-9B's 10,292,777,472 what GLM-4-9B-0414's 9,400,279,040 leave.
        {
            "glm4v",
            "\"hidden_size\": 1536, \"depth\": 24, \"num_heads\": 12, \"attention_bias\": false, \"intermediate_size\": 13696, \"hidden_act\": \"silu\", \"hidden_dropout_prob\": 0.0, \"initializer_range\": 0.02, \"image_size\": 336, \"patch_size\": 14, \"out_hidden_size\": 4096, \"rms_norm_eps\": 1e-05, \"spatial_merge_size\": 2, \"temporal_patch_size\": 2",
            "", 4096, 4, 0, 10_292_777_472 - 9_400_279_040
        },

        // SigLIP at 384: 26 of the blocks, patches 588·1152 + 1152, positions 729·1152, a norm 2·1152: 397,747,744; 1152·3584 + 3584 + 3584² + 3584, a token 3584. Of
        // LLaVA-OneVision-7B's 8,030,348,832 what Qwen2-7B's 7,615,616,512 leave, whose vocabulary has 64 tokens more: 2·64·3584.
        {
            "llava_onevision",
            "\"hidden_size\": 1152, \"image_size\": 384, \"intermediate_size\": 4304, \"model_type\": \"siglip_vision_model\", \"num_attention_heads\": 16, \"num_hidden_layers\": 26, \"patch_size\": 14, \"vision_use_head\": false",
            "\"vision_aspect_ratio\": \"anyres_max_9\", \"vision_feature_layer\": -1, \"vision_feature_select_strategy\": \"full\",", 3584, 729, 729, 397_747_744 + 4_132_352 + 12_848_640 + 3584
        },

        // SigLIP at 364: 27 blocks, patches 678,528, positions 676·1152, a norm 2304; a norm of 2·4608, 4608·28672 + 28672, half of it 14336·4096 + 4096. With
        // Command-R7B's 8.03 billion Aya-Vision-8B's 8.63 (model card).
        {
            "aya_vision",
            "\"hidden_size\": 1152, \"image_size\": 364, \"intermediate_size\": 4304, \"model_type\": \"siglip_vision_model\", \"num_attention_heads\": 16, \"num_hidden_layers\": 27, \"patch_size\": 14, \"vision_use_head\": false",
            "\"adapter_layer_norm_eps\": 1e-06, \"alignment_intermediate_size\": 28672, \"downsample_factor\": 2,", 4096, 676, 169, 411_466_608 + 678_528 + 778_752 + 2304 + 9216 + 132_149_248 + 58_724_352
        },

        // SigLIP at 512 of patches of 16: 768·1152 + 1152, positions 1024·1152; no norm, 4608·36864 + 36864, 18432·12288 + 12288.
        {
            "cohere2_vision",
            "\"hidden_size\": 1152, \"image_size\": 512, \"intermediate_size\": 4304, \"model_type\": \"siglip_vision_model\", \"num_attention_heads\": 16, \"num_hidden_layers\": 27, \"patch_size\": 16, \"vision_use_head\": false",
            "\"alignment_intermediate_size\": 36864, \"downsample_factor\": 2,", 12288, 1024, 256, 411_466_608 + 885_888 + 1_179_648 + 2304 + 169_906_176 + 226_504_704
        },

        // Block 4·1152² + 3·1152·4304 + 4·1152 + 2·72 = 20,187,792, 27 of them ("550M", Gemma 4's model card: without positions); patches 768·1152, positions 2·10240·1152,
        // a scale and a shift; 1152·5376.
        {
            "gemma4",
            "\"attention_bias\": false, \"attention_dropout\": 0.0, \"default_output_length\": 280, \"global_head_dim\": 72, \"head_dim\": 72, \"hidden_activation\": \"gelu_pytorch_tanh\", \"hidden_size\": 1152, \"initializer_range\": 0.02, \"intermediate_size\": 4304, \"max_position_embeddings\": 131072, \"model_type\": \"gemma4_vision\", \"num_attention_heads\": 16, \"num_hidden_layers\": 27, \"num_key_value_heads\": 16, \"patch_size\": 16, \"pooling_kernel_size\": 3, \"position_embedding_size\": 10240, \"rms_norm_eps\": 1e-06, \"rope_parameters\": { \"rope_theta\": 100.0, \"rope_type\": \"default\" }, \"standardize\": true, \"use_clipped_linears\": false",
            "", 5376, 9, 0, (27 * 20_187_792.0) + 884_736 + 23_592_960 + 2304 + 6_193_152
        },

        // Block 4·1024·1536 + 2·1024·4096 + 2·1024 = 14,682,112, 27 of them; patches 588·1024, positions 64²·1024, a norm; 4096², 4096·7168, a norm of 7168.
        {
            "kimi_k3",
            "\"_attn_implementation\": \"flash_attention_2\", \"activation_func\": \"gelu_pytorch_tanh\", \"attn_bias\": false, \"init_pos_emb_height\": 64, \"init_pos_emb_time\": 4, \"init_pos_emb_width\": 64, \"linear_bias\": false, \"merge_kernel_size\": [2, 2], \"merge_type\": \"sd2_tpool\", \"mlp_type\": \"mlp2\", \"mm_hidden_size\": 1024, \"mm_projector_type\": \"patchmergerv2\", \"norm_type\": \"rmsnorm\", \"patch_embed_proj_bias\": false, \"patch_size\": 14, \"pos_emb_interpolation_mode\": \"bilinear\", \"pos_emb_type\": \"divided_fixed\", \"projector_hidden_act\": \"gelu\", \"projector_ln_eps\": 1e-05, \"qkv_hidden_size\": 1536, \"text_hidden_size\": 7168, \"vt_hidden_size\": 1024, \"vt_intermediate_size\": 4096, \"vt_num_attention_heads\": 12, \"vt_num_hidden_layers\": 27",
            "", 7168, 4, 0, (27 * 14_682_112.0) + 602_112 + 4_194_304 + 1024 + 16_777_216 + 29_360_128 + 7168
        },

        // Pixtral-12B as LLaVA, whose file leaves out what the class says: the tower of Mistral Small's block (16,779,264), 24 of them, patches of 16, 768·1024, a norm;
        // 1024·5120 + 5120, 5120² + 5120.
        {
            "llava",
            "\"head_dim\": 64, \"hidden_act\": \"silu\", \"image_size\": 1024, \"is_composition\": true, \"model_type\": \"pixtral\", \"patch_size\": 16, \"rope_theta\": 10000.0, \"tie_word_embeddings\": false",
            "\"vision_feature_layer\": -1, \"vision_feature_select_strategy\": \"full\",", 5120, 1, 0, (24 * 16_779_264.0) + 786_432 + 1024 + 5_248_000 + 26_219_520
        },

        // MoonViT: SigLIP's blocks and sizes; 2·1152, 4608² + 4608, 4608·2048 + 2048.
        {
            "kimi_vl",
            "\"model_type\": \"moonvit\", \"patch_size\": 14, \"num_attention_heads\": 16, \"num_hidden_layers\": 27, \"hidden_size\": 1152, \"intermediate_size\": 4304, \"init_pos_emb_height\": 64, \"init_pos_emb_width\": 64, \"merge_kernel_size\": [2, 2]",
            "", 2048, 4, 0, 416_866_032 + 30_679_808
        },
    };

    [Theory]
    [MemberData(nameof(Towers))]
    public void A_tower_has_as_many_parameters_as_published(string architecture, string tower, string beside, int width, int rows, int tileTokens, double parameters)
    {
        using TemporaryFolder folder = new();
        string place = architecture == "internvl_chat" ? "llm_config" : "text_config";
        folder.Write("config.json", $$"""
            {
              "model_type": "{{architecture}}", {{beside}} "vision_config": { {{tower}} }, "torch_dtype": "bfloat16",
              "{{place}}": {
                "model_type": "llama", "hidden_size": {{width}}, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 8, "num_key_value_heads": 8,
                "head_dim": 8, "vocab_size": 10, "tie_word_embeddings": false, "rms_norm_eps": 1e-5
              }
            }
            """);
        TransformerModel model = ModelFile.Load(folder.PathOf("config.json"), new Findings(allowUnknownKeys: false));
        Assert.Null(model.VisionObstacle);
        Assert.Equal(parameters, model.Vision!.Parameters);
        Assert.Equal((rows, tileTokens), (tileTokens > 0 ? model.Vision.TileRows : model.Vision.MergedRows, model.Vision.TileTokens));

        // They are not the language model's.
        ParameterCount alone = ParameterCount.Of(model with { Vision = null }, 2);
        Assert.Equal(alone, ParameterCount.Of(model, 2));
    }

    /// <summary>Published configurations: Qwen3-VL as above; Qwen3.5 without mergers of blocks, 5120 and 2048 and 3072 wide; Kimi-K2.5's MoonViT, 7168 wide.</summary>
    [Theory]
    [InlineData("Qwen--Qwen3-VL-30B-A3B-Instruct", 538_631_408)]
    [InlineData("Qwen--Qwen3.5-27B", 415_891_440 + 21_240_576 + (4608 * 5120) + 5120)]
    [InlineData("Qwen--Qwen3.5-35B-A3B", 415_891_440 + 21_240_576 + (4608 * 2048) + 2048)]
    [InlineData("nvidia--Qwen3.5-122B-A10B-NVFP4", 415_891_440 + 21_240_576 + (4608 * 3072) + 3072)]
    [InlineData("moonshotai--Kimi-K3", (27 * 14_682_112.0) + 602_112 + 4_194_304 + 1024 + 16_777_216 + 29_360_128 + 7168)]
    [InlineData("moonshotai--Kimi-K2.5", 416_866_032 + 21_240_576 + (4608 * 7168) + 7168)]
    public void So_have_current_checkpoints(string name, double parameters)
    {
        TransformerModel model = ModelFile.Load(
            Path.Combine(Repository.SharedOrSkip("data", "published", name), "config.json"), new Findings(allowUnknownKeys: false));
        Assert.Equal(parameters, model.Vision!.Parameters);
    }

    /// <summary>Qwen2.5-Omni's tower is Qwen2.5-VL's, within the part that thinks: 8,292,166,656 - 7,615,616,512, of 3584 wide text.</summary>
    [Fact]
    public void A_tower_of_a_part_is_read_within_it()
    {
        using TemporaryFolder folder = new();
        folder.Write("config.json", """
            {
              "model_type": "qwen2_5_omni", "torch_dtype": "bfloat16",
              "thinker_config": {
                "audio_config": { "model_type": "qwen2_5_omni_audio_encoder", "d_model": 1280 },
                "text_config": {
                  "model_type": "qwen2_5_omni_text", "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28,
                  "num_key_value_heads": 4, "vocab_size": 152064
                },
                "vision_config": {
                  "depth": 32, "embed_dim": 1280, "fullatt_block_indexes": [7, 15, 23, 31], "hidden_act": "silu", "hidden_size": 1280, "in_channels": 3,
                  "in_chans": 3, "init_std": 0.02, "intermediate_size": 3420, "model_type": "qwen2_5_omni_vision_encoder", "num_heads": 16,
                  "out_hidden_size": 3584, "patch_size": 14, "spatial_merge_size": 2, "spatial_patch_size": 14, "temporal_patch_size": 2, "window_size": 112
                }
              }
            }
            """);
        Findings findings = new(allowUnknownKeys: false);
        TransformerModel model = ModelFile.Load(folder.PathOf("config.json"), findings);
        Assert.Equal(8_292_166_656 - 7_615_616_512, model.Vision!.Parameters);
        Assert.Contains(findings.Warnings, warning => warning.Contains("audio_config: neither weights nor time of the encoder are counted", StringComparison.Ordinal));
    }

    /// <summary>A variant that is not known leaves the tower out, with what is in the way.</summary>
    [Theory]
    [InlineData("\"mlp_type\": \"mlp3\"", "mlp_type: found \"mlp3\"; expected mlp2")]
    [InlineData("\"attn_bias\": true", "attn_bias: found true; expected false")]
    [InlineData("\"qkv_hidden_size\": 1537", "vt_num_attention_heads: found 12; expected a divisor of qkv_hidden_size, 1537")]
    [InlineData("\"unheard_of\": 1", "unheard_of: found 1; expected no such field")]
    public void A_tower_of_another_kind_is_left_out_and_says_why(string field, string obstacle)
    {
        using TemporaryFolder folder = new();
        string tower = Towers.Select(row => row.Data).Single(row => row.Item1 == "kimi_k3").Item2;
        string name = field.Split(':')[0];
        string others = string.Join(", ", System.Text.RegularExpressions.Regex.Split(tower, ", (?=\")").Where(each => !each.StartsWith(name + ":", StringComparison.Ordinal)));
        folder.Write("config.json", $$"""
            {
              "model_type": "kimi_k3", "vision_config": { {{field}}, {{others}} }, "torch_dtype": "bfloat16",
              "text_config": {
                "model_type": "llama", "hidden_size": 7168, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 8, "num_key_value_heads": 8,
                "head_dim": 8, "vocab_size": 10, "tie_word_embeddings": false, "rms_norm_eps": 1e-5
              }
            }
            """);
        TransformerModel model = ModelFile.Load(folder.PathOf("config.json"), new Findings(allowUnknownKeys: false));
        Assert.Null(model.Vision);
        Assert.Contains(obstacle, model.VisionObstacle, StringComparison.Ordinal);
    }
}

using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary><c>images</c> and <c>image_tokens</c>: what runs, plans and predictions make of them, and what is refused.</summary>
public sealed class ImageTests
{
    private const string Tower = """
        "vision_config": {
          "depth": 4, "hidden_size": 64, "intermediate_size": 128, "num_heads": 4, "in_channels": 3, "patch_size": 16, "spatial_merge_size": 2,
          "temporal_patch_size": 2, "out_hidden_size": 1024, "num_position_embeddings": 64, "deepstack_visual_indexes": [1]
        },
        """;

    private const string Model = """
        {
          "model_type": "qwen3_vl", "torch_dtype": "bfloat16", TOWER
          "text_config": {
            "model_type": "qwen3_vl_text", "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 4, "num_attention_heads": 8,
            "num_key_value_heads": 2, "head_dim": 128, "vocab_size": 32000, "tie_word_embeddings": false, "rms_norm_eps": 1e-6
          }
        }
        """;

    [Fact]
    public void No_images_are_what_stands_without_the_key()
    {
        (FastSimProgram.Outcome without, string table) = Run("");
        Assert.Equal(0, without.ExitCode);
        Assert.Equal(table, Run(", \"images\": 0").Table);
        (FastSimProgram.Outcome unused, string same) = Run(", \"images\": 0, \"image_tokens\": 100");
        Assert.Equal(table, same);
        Assert.Contains("pd-fusion.image_tokens: images states no images; it is not used", unused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(", \"engine\": \"vllm\"")]
    [InlineData(", \"timing\": \"roofline\"")]
    public void Images_take_time_and_show_in_the_details(string keys)
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome without = Run(folder, keys, "out0", Tower, "--json");
        FastSimProgram.Outcome with = Run(folder, keys + ", \"images\": 4, \"image_tokens\": 256", "out4", Tower, "--json");
        Assert.Equal((0, 0), (without.ExitCode, with.ExitCode));
        Assert.True(FirstToken(with) > FirstToken(without));
        string prefill = Directory.GetFiles(folder.PathOf("out4", "op_details"), "prefill_*.csv").Single();
        string[] vision = [.. File.ReadAllLines(prefill).Where(line => line.StartsWith("vision_", StringComparison.Ordinal))];
        Assert.Contains(vision, line => line.StartsWith("vision_attention,encoder_attention,cube,bmm,", StringComparison.Ordinal));

        // Two mergers, the block's own and the one that a block has besides, of two products each.
        Assert.Equal(4, vision.Count(line => line.Contains(",projection,", StringComparison.Ordinal)));
        Assert.DoesNotContain("vision_", File.ReadAllText(Directory.GetFiles(folder.PathOf("out4", "op_details"), "decoder_*.csv")[0]), StringComparison.Ordinal);
        Assert.DoesNotContain("vision_", File.ReadAllText(Directory.GetFiles(folder.PathOf("out0", "op_details"), "prefill_*.csv").Single()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(", \"images\": 1, \"image_tokens\": 2049", "pd-fusion.images: found 1; expected images of at most 2048 tokens in all, as many as pd-fusion.sequence_length_list has new tokens of a prompt: 1 of 2049 are 2049\n")]
    [InlineData(", \"images\": 2, \"image_tokens\": 600, \"prefix_hit\": 0.5", "expected images of at most 1024 tokens in all")]
    [InlineData(", \"images\": 2, \"image_tokens\": 600, \"prefix_hit\": [[0.5, 0], [0.5, 0.5]], \"timing\": \"roofline\"", "expected images of at most 1024 tokens in all")]
    [InlineData(", \"images\": 1", "pd-fusion.image_tokens: found nothing; expected tokens that an image becomes, since vl takes images of any size\n")]
    [InlineData(", \"images\": -1, \"image_tokens\": 5", "pd-fusion.images: found -1; expected an integer of at least 0\n")]
    [InlineData(", \"images\": 1, \"image_tokens\": 0", "pd-fusion.image_tokens: found 0; expected an integer of at least 1\n")]
    [InlineData(", \"image\": 1", "pd-fusion.image: found an unknown key; expected a key of this format; did you mean \"images\"?")]
    public void What_cannot_be_is_refused(string keys, string message)
    {
        (FastSimProgram.Outcome outcome, _) = Run(keys);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "found 1; expected 0: vl has no vision encoder that is read\n")]
    [InlineData("\"vision_config\": { \"depth\": 4 },", "vision_config.hidden_size: found nothing; expected an integer of at least 1)\n")]
    [InlineData("\"vision_config\": { \"depth\": 4, \"hidden_size\": 64, \"num_heads\": 5, \"intermediate_size\": 128, \"deepstack_visual_indexes\": [], \"num_position_embeddings\": 64 },", "vision_config.num_heads: found 5; expected a divisor of hidden_size, 64)\n")]
    public void A_model_without_an_encoder_takes_none(string tower, string message)
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = Run(folder, ", \"images\": 1, \"image_tokens\": 16", "out", tower);
        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith(message, outcome.Error, StringComparison.Ordinal);
        Assert.Contains("runtime.json: pd-fusion.images: found 1; expected 0: vl has no vision encoder that is read", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tower_with_a_field_that_nobody_knows_is_left_out()
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = Run(folder, ", \"images\": 1, \"image_tokens\": 16", "out", Tower.Replace("\"depth\"", "\"mixture\": 7, \"depth\"", StringComparison.Ordinal));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("vision_config.mixture: found 7; expected no such field", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Seed_accounting_knows_no_encoders()
    {
        (FastSimProgram.Outcome outcome, _) = Run(", \"images\": 1, \"image_tokens\": 16", "--accounting", "seed");
        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith("pd-fusion.images: found 1; expected 0 in seed accounting, which knows no vision encoders; \"accounting\": \"physical\" does\n", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_says_its_images_and_is_slower_for_them()
    {
        using TemporaryFolder folder = new();
        string model = WriteModel(folder, Tower);
        string[] asked = ["plan", model, "--chip", "H100_SXM", "--cards", "1", "--in", "2048", "--out", "16"];
        FastSimProgram.Outcome without = FastSimProgram.Run([.. asked, "--json"]);
        FastSimProgram.Outcome with = FastSimProgram.Run([.. asked, "--images", "4", "--image-tokens", "500", "--json"]);
        Assert.Equal((0, 0), (without.ExitCode, with.ExitCode));
        using JsonDocument json = JsonDocument.Parse(with.Output);
        JsonElement chip = json.RootElement.GetProperty("chips")[0];
        Assert.Equal((4, 500), (chip.GetProperty("images").GetInt32(), chip.GetProperty("imageTokens").GetInt32()));
        using JsonDocument idle = JsonDocument.Parse(without.Output);
        Assert.False(idle.RootElement.GetProperty("chips")[0].TryGetProperty("images", out _));
        Assert.Contains("2,048 + 16 tokens (4 images of 500), on 1 H100_SXM", FastSimProgram.Run([.. asked, "--images", "4", "--image-tokens", "500"]).Output, StringComparison.Ordinal);
        FastSimProgram.Outcome stray = FastSimProgram.Run([.. asked, "--image-tokens", "500"]);
        Assert.Equal(2, stray.ExitCode);
        Assert.Contains("--image-tokens: found without --images", stray.Error, StringComparison.Ordinal);
        FastSimProgram.Outcome unused = FastSimProgram.Run([.. asked, "--images", "0", "--image-tokens", "500"]);
        Assert.Equal(0, unused.ExitCode);
        Assert.Contains("warning: --image-tokens: images states no images; it is not used", unused.Error, StringComparison.Ordinal);
        FastSimProgram.Outcome many = FastSimProgram.Run([.. asked, "--images", "5", "--image-tokens", "500"]);
        Assert.Equal(2, many.ExitCode);
        Assert.StartsWith("error: --images: found 5; expected images of at most 2048 tokens", many.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vllm", "0", "which the plan leaves out, and so does the engine", """--limit-mm-per-prompt '{"image":0,"video":0}'""")]
    [InlineData("vllm", "2", "Requests of more images, or of video, are refused", """--limit-mm-per-prompt '{"image":2,"video":0}'""")]
    [InlineData("sglang", "0", "it may take memory that the plan gives to the cache", "")]
    [InlineData("sglang", "2", "Requests of more images, or of video, are refused", """--limit-mm-data-per-request '{"image":2,"video":0}'""")]
    [InlineData("trtllm", "0", "it may take memory that the plan gives to the cache", "")]
    [InlineData("trtllm", "2", "room for as many images as its own defaults say", "")]
    public void Launch_files_speak_of_the_encoder(string engine, string images, string words, string flags)
    {
        using TemporaryFolder folder = new();
        string[] tokens = images == "0" ? [] : ["--image-tokens", "500"];
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            ["plan", WriteModel(folder, Tower), "--chip", "H100_SXM", "--cards", "1", "--in", "2048", "--out", "16", "--engine", engine, "--images", images, "--launch", folder.PathOf("launch"), .. tokens]);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains(words, Text("README.txt"), StringComparison.Ordinal);
        string script = Text("start.sh");
        Assert.Contains(flags, script, StringComparison.Ordinal);
        Assert.Equal(flags.Length > 0, script.Contains("limit-mm", StringComparison.Ordinal));
        Assert.Equal(engine == "sglang" && images != "0", script.Contains("--enable-multimodal", StringComparison.Ordinal));

        string Text(string name) => string.Join(' ', File.ReadAllText(Path.Combine(folder.PathOf("launch"), engine, name)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("--images", "1.5")]
    [InlineData("--images", "NaN")]
    [InlineData("--images", "99999999999999")]
    [InlineData("--image-tokens", "0.5")]
    [InlineData("--cards", "2")]
    public void An_option_that_is_no_integer_or_given_twice_is_refused(string option, string value)
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = FastSimProgram.Run("plan", WriteModel(folder, Tower), "--chip", "H100_SXM", "--cards", "1", "--in", "2048", "--out", "16", option, value);
        Assert.Equal(2, outcome.ExitCode);
        Assert.DoesNotContain("fault", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Predictions_take_them_as_columns()
    {
        using TemporaryFolder folder = new();
        string models = folder.PathOf("models");
        Directory.CreateDirectory(models);
        File.WriteAllText(Path.Combine(models, "toy--vl.json"), Model.Replace("TOWER", Tower, StringComparison.Ordinal));
        string table = folder.Write("table.csv", """
            model_path,system,backend,isl,osl,mode,batch_size,tp_size,images,image_tokens
            toy/vl,h100_sxm,vllm,2048,64,agg,8,1,0,0
            toy/vl,h100_sxm,vllm,2048,64,agg,8,1,,
            toy/vl,h100_sxm,vllm,2048,64,agg,8,1,4,500
            toy/vl,h100_sxm,vllm,2048,64,agg,8,1,5,500
            toy/vl,h100_sxm,vllm,2048,64,agg,8,1,1,
            toy/vl,h100_sxm,vllm,2048,64,agg,8,1,-1,500
            toy/vl,h100_sxm,vllm,2048,64,agg,8,1,1,-500

            """);
        FastSimProgram.Outcome outcome = FastSimProgram.Run("predict", "-t", table, "-o", folder.PathOf("out.csv"), "--models", models);
        Assert.True(outcome.ExitCode == 0, outcome.Error + outcome.Output);
        CsvTable predicted = CsvTable.Load(folder.PathOf("out.csv"));
        string Cell(int row, string column) => predicted.Rows[row][predicted.Header.ToList().IndexOf(column)];
        double First(int row) => double.Parse(Cell(row, "predicted_ttft_ms"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(First(0), First(1));
        Assert.True(First(2) > First(0));
        Assert.Contains("impossible load: 5 images of 500 tokens in a prompt of 2048", string.Join(',', predicted.Rows[3]), StringComparison.Ordinal);
        Assert.Contains("image_tokens: expected tokens that an image becomes", string.Join(',', predicted.Rows[4]), StringComparison.Ordinal);
        Assert.Contains("images is not a whole number from 0 to 16777215: -1", string.Join(',', predicted.Rows[5]), StringComparison.Ordinal);
        Assert.Contains("image_tokens is not a whole number from 0 to 16777215: -500", string.Join(',', predicted.Rows[6]), StringComparison.Ordinal);
        Assert.DoesNotContain("change nothing", outcome.Error, StringComparison.Ordinal);
    }

    private static double FirstToken(FastSimProgram.Outcome outcome)
    {
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        return json.RootElement.GetProperty("modes")[0].GetProperty("jobs")[0].GetProperty("prefill").GetProperty("latencyMilliseconds").GetDouble();
    }

    private static (FastSimProgram.Outcome Outcome, string Table) Run(string keys, params string[] options)
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = Run(folder, keys, "out", Tower, options);
        string file = folder.PathOf("out", "pd-fusion_result_best.csv");
        return (outcome, File.Exists(file) ? File.ReadAllText(file) : "");
    }

    private static FastSimProgram.Outcome Run(TemporaryFolder folder, string keys, string output, string tower, params string[] options)
    {
        string runtime = folder.Write("runtime.json", $$"""
            {
              "pd-fusion": {
                "model_list": ["{{WriteModel(folder, tower)}}"], "sequence_length_list": [[2048, 32]], "num_procs_list": [1], "wac_bytes_list": [[2, 2, 2, 2]],
                "flops_type_list": [["bfloat16", "bfloat16", "float16"]], "time_limit_list": [[null, null]],
                "sys_list": ["{{Repository.PathOf("data", "systems", "H100_SXM.json")}}"], "batch_config": [[8, 1, 8]], "accounting": "physical", "output": "out"{{keys}}
              }
            }
            """);
        return FastSimProgram.Run(["run", "-c", runtime, "-o", folder.PathOf(output), .. options]);
    }

    private static string WriteModel(TemporaryFolder folder, string tower)
    {
        Directory.CreateDirectory(folder.PathOf("vl"));
        folder.Write(Path.Combine("vl", "config.json"), Model.Replace("TOWER", tower, StringComparison.Ordinal));
        return folder.PathOf("vl");
    }
}

using FastSim.Cli.Configuration;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary><c>fastsim model convert</c>: the seed's form of a published configuration, or why there is none.</summary>
public sealed class ModelConvertTests
{
    private const string Qwen3 = """
        {
          "model_type": "qwen3", "torch_dtype": "bfloat16", "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 6,
          "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 16, "vocab_size": 1000, "tie_word_embeddings": false
        }
        """;

    private const string Mixtral = """
        {
          "model_type": "mixtral", "torch_dtype": "bfloat16", "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 6,
          "num_attention_heads": 8, "num_key_value_heads": 2, "num_local_experts": 4, "num_experts_per_tok": 2, "vocab_size": 1000, "tie_word_embeddings": false
        }
        """;

    /// <summary>The seed's form says all there is to say of a Qwen3: both forms lower to the same operators and memory, to the bit.</summary>
    [Theory]
    [InlineData(Accounting.Seed, Phase.Decode)]
    [InlineData(Accounting.Seed, Phase.Prefill)]
    [InlineData(Accounting.Physical, Phase.Decode)]
    [InlineData(Accounting.Physical, Phase.Prefill)]
    public void A_model_that_the_form_holds_costs_the_same_in_both(Accounting accounting, Phase phase)
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = Convert(folder, Qwen3);
        Assert.Equal("", outcome.Error);
        Assert.Equal(0, outcome.ExitCode);
        OperatorTable published = Lower(folder.PathOf("config.json"), accounting, phase);
        OperatorTable converted = Lower(folder.PathOf("seed.json"), accounting, phase);
        Assert.Null(converted.Shape.Model.Structure);
        Assert.Equal(published.Identities, converted.Identities);
        Assert.Equal(published.FlopsPerSequence, converted.FlopsPerSequence);
        Assert.Equal(published.BytesConstant, converted.BytesConstant);
        Assert.Equal(published.BytesPerSequence, converted.BytesPerSequence);
        Assert.Equal(published.Repeats, converted.Repeats);
        Assert.Equal(MemoryFootprint.Of(published), MemoryFootprint.Of(converted));
    }

    [Fact]
    public void What_is_small_and_lost_is_stated()
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = Convert(folder, PublishedConfigs.DeepSeek);
        Assert.Equal(0, outcome.ExitCode);
        string[] losses =
        [
            "1 of 3 blocks are dense; here all have experts",
            "shared experts take memory where a runtime sets deploy_shared_expert_config",
            "the norm before experts has a scale; here the weights of two",
            "biases, sinks, gates of shared experts and further norms are not here",
            "what quantization spares keeps its own bytes; here a runtime's wac_bytes_list holds for all weights",
        ];
        Assert.Equal(losses.Select(loss => $"warning: the seed's form cannot hold: {loss}"), outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        string text = File.ReadAllText(folder.PathOf("seed.json"));
        Assert.All(losses, loss => Assert.Contains(loss, text, StringComparison.Ordinal));
        TransformerModel model = ModelFile.Load(folder.PathOf("seed.json"), new Findings(allowUnknownKeys: false));
        Assert.Equal(AttentionKind.LatentAbsorbed, model.Attention);
        Assert.Equal(new LatentDimensions(5, 4, 2, 3, 3), model.Latent);
        Assert.Equal(new MixtureOfExperts(6, 8, 2, 1, 0, 0, 1, 0), model.Experts);
        Assert.Equal((8, 18, 3, 10), (model.Hidden, model.FeedForward, model.Blocks, model.Vocabulary));
    }

    /// <summary>Configuration, what is said to be lost.</summary>
    public static TheoryData<string, string[]> Losses { get; } = new()
    {
        { Mixtral, ["the norm before experts has a scale; here the weights of two"] },
        {
            Mixtral.Replace("\"mixtral\"", "\"phimoe\", \"lm_head_bias\": true", StringComparison.Ordinal),
            ["the norm before experts has a scale; here the weights of two", "norms have a shift besides their scale; here a scale alone", "biases of the logits are not here"]
        },
        { Qwen3.Replace("\"qwen3\"", "\"olmo\"", StringComparison.Ordinal), ["norms have no weights; here a scale an element"] },
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public void Norms_of_another_kind_are_named(string config, string[] losses)
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = Convert(folder, config);
        Assert.Equal(losses.Select(loss => $"warning: the seed's form cannot hold: {loss}"), outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(0, outcome.ExitCode);
    }

    [Fact]
    public void Blocks_that_take_turns_have_an_interval()
    {
        using TemporaryFolder folder = new();
        Convert(folder, PublishedConfigs.Qwen3Experts.Replace("[3]", "[]", StringComparison.Ordinal));
        MixtureOfExperts? experts = ModelFile.Load(folder.PathOf("seed.json"), new Findings(allowUnknownKeys: false)).Experts;
        Assert.Equal(1, experts!.DenseBlocksBetween);
    }

    public static TheoryData<string, string> Refused { get; } = new()
    {
        { PublishedConfigs.GptOss, "blocks with a sliding window" },
        { PublishedConfigs.Llama4, "blocks with chunked attention" },
        { PublishedConfigs.DeepSeekSparse, "attention to selected tokens" },
        { PublishedConfigs.DeepSeek.Replace("\"q_lora_rank\": 5", "\"q_lora_rank\": null", StringComparison.Ordinal), "latent attention whose queries are projected directly" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_decides_the_cost_of_attention_is_not_left_out(string config, string found)
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = Convert(folder, config);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(
            $"error: {folder.PathOf("config.json")}: found {found}; expected a model that the seed's form can hold: use the configuration as it is\n", outcome.Error);
        Assert.False(File.Exists(folder.PathOf("seed.json")));
    }

    [Fact]
    public void A_model_of_the_seeds_form_needs_no_conversion()
    {
        string file = Repository.PathOf("data", "models", "llama_3_8b.json");
        Assert.Equal(
            $"error: {file}: found a model of the seed's form; expected a published configuration to convert\n",
            FastSimProgram.Run("model", "convert", file, "-o", "never.json").Error);
    }

    private static FastSimProgram.Outcome Convert(TemporaryFolder folder, string config) => FastSimProgram.Run(
        "model", "convert", folder.Write("config.json", config), "-o", folder.PathOf("seed.json"));

    private static OperatorTable Lower(string file, Accounting accounting, Phase phase) => StageLowering.Lower(new DeploymentShape(
        ModelFile.Load(file, new Findings(allowUnknownKeys: false)),
        new SequenceLengths(100, 50),
        new Precision(1, 2, 1, 2),
        accounting,
        MultiTokenPrediction.Off,
        phase,
        new ParallelLayout(1, 2, 4, 1, 1, 0, 0, 0),
        MicroBatches: 2));
}

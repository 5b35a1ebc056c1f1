using System.Text.Json.Nodes;
using FastSim.Search.Plans;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What launch files and <c>plan</c> say of models and drafts that engines would not start.</summary>
public sealed class ServedModelTests
{
    private const string Dense = """
        "model_type": "qwen3", "torch_dtype": "bfloat16", "hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 8, "num_attention_heads": 16,
        "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936, "tie_word_embeddings": true, "max_position_embeddings": 40960
        """;

    private const string Hybrid = """
        "model_type": "lfm2", "hidden_size": 1024, "intermediate_size": 3072, "block_multiple_of": 256, "num_hidden_layers": 2, "num_attention_heads": 16,
        "num_key_value_heads": 8, "norm_eps": 1e-5, "conv_L_cache": 3, "layer_types": ["conv", "full_attention"], "vocab_size": 65536, "max_position_embeddings": 128000,
        "tie_embedding": true, "block_auto_adjust_ff_dim": false
        """;

    private const string Decaying = """
        "model_type": "minimax_text_01", "hidden_size": 1024, "intermediate_size": 768, "num_hidden_layers": 2, "num_attention_heads": 16, "num_key_value_heads": 8,
        "head_dim": 64, "num_local_experts": 8, "num_experts_per_tok": 2, "attn_type_list": [0, 1], "postnorm": true, "shared_intermediate_size": 0, "vocab_size": 65536
        """;

    /// <summary>Tables are small and kept by hand: sorted names, each once, with the texts that they were read in.</summary>
    [Fact]
    public void Architectures_have_their_texts()
    {
        JsonArray engines = JsonNode.Parse(File.ReadAllText(Repository.PathOf("data", "engines", "architectures.json")))!["engines"]!.AsArray();
        Assert.Equal(["vllm", "trtllm"], engines.Select(engine => (string)engine!["engine"]!));
        foreach (JsonNode? engine in engines)
        {
            Assert.Contains((string)engine!["engine"]!, EngineLayouts.Known);
            Assert.NotEmpty(engine["texts"]!.AsArray());
            string[] names = [.. engine["architectures"]!.AsArray().Select(name => (string)name!)];
            Assert.Equal(names.Distinct().Order(StringComparer.OrdinalIgnoreCase), names);
            Assert.Contains("DeepseekV3ForCausalLM", names);
        }
    }

    [Fact]
    public void One_that_an_engine_lists_starts_and_is_not_spoken_of()
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = Plan(folder, $$"""{"architectures": ["Qwen3ForCausalLM"], {{Dense}} }""", "--engine", "trtllm");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains("start.sh", Written(folder, "trtllm").Names);
        Assert.DoesNotContain("architectures", Flat(folder, "trtllm"), StringComparison.Ordinal);
        Assert.DoesNotContain("architectures", Flat(folder, "vllm"), StringComparison.Ordinal);
        Assert.Contains("Whether SGLang serves Qwen3ForCausalLM is not checked", Flat(folder, "sglang"), StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_an_engine_does_not_list_is_refused_or_noted()
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = Plan(folder, $$"""{"architectures": ["NobodysForCausalLM"], {{Dense}} }""", "--engine", "trtllm");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("--engine: trtllm may not run the plan: NobodysForCausalLM is not among the architectures", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("trtllm cannot run the plan: NobodysForCausalLM is not among the architectures", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(["NOT-SUPPORTED.txt"], Written(folder, "trtllm").Names);
        Assert.Contains("start.sh", Written(folder, "vllm").Names);
        Assert.Contains("NobodysForCausalLM is not among the architectures that vLLM lists", Flat(folder, "vllm"), StringComparison.Ordinal);

        // A file that names none, and one that names none rightly, say nothing.
        Assert.Equal("", Plan(folder, $$"""{"architectures": "NobodysForCausalLM", {{Dense}} }""", "--engine", "trtllm").Error);
        Assert.Equal("", Plan(folder, $$"""{ {{Dense}} }""", "--engine", "trtllm").Error);
        Assert.Contains("start.sh", Written(folder, "trtllm").Names);
    }

    /// <summary>A plan of two cards does not fill a server of eight.</summary>
    [Fact]
    public void Cards_of_a_server_that_are_taken_are_counted()
    {
        using TemporaryFolder folder = new();
        Plan(folder, $$"""{ {{Dense}} }""");
        Assert.Contains("1 server of 8 cards, of which 2 are taken: start.sh, or", Flat(folder, "vllm"), StringComparison.Ordinal);
        Assert.DoesNotContain("of 1 cards", Flat(folder, "vllm"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(", \"num_nextn_predict_layers\": 0", true)]
    [InlineData(", \"num_nextn_predict_layers\": 1", false)]
    public void Drafts_by_blocks_that_a_model_does_not_have_are_warned_of(string more, bool isWarned)
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = Plan(folder, $$"""{ {{Dense}}{{more}} }""", "--drafts", "1");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(isWarned, outcome.Error.Contains("--drafts: the configuration of model has no blocks that draft tokens", StringComparison.Ordinal));
        Assert.Equal(isWarned, Flat(folder, "vllm").Contains("The configuration of model has no blocks that draft tokens", StringComparison.Ordinal));
        Assert.Equal(isWarned ? 1 : 0, outcome.Error.Split("no blocks that draft").Length - 1);
        Assert.DoesNotContain("no blocks that draft", Plan(folder, $$"""{ {{Dense}}{{more}} }""", "--drafts", "1", "--draft", "ngram").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(151936, false)]
    [InlineData(32000, true)]
    public void A_draft_model_of_another_vocabulary_is_warned_of_and_vllm_refuses_it(int vocabulary, bool isOther)
    {
        using TemporaryFolder folder = new();
        string draft = folder.Write("small.json", $$"""{ {{Dense.Replace("151936", $"{vocabulary}", StringComparison.Ordinal)}} }""");
        FastSimProgram.Outcome outcome = Plan(folder, $$"""{ {{Dense}} }""", "--drafts", "2", "--draft", draft);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(isOther, outcome.Error.Contains("--draft: the draft model small has a vocabulary of 32,000 tokens, model of 151,936", StringComparison.Ordinal));
        Assert.Equal(isOther, Written(folder, "vllm").Names.Contains("NOT-SUPPORTED.txt"));
        Assert.Equal(isOther, Flat(folder, "sglang").Contains("The draft model small has a vocabulary of 32,000 tokens", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Hybrid)]
    [InlineData(Decaying)]
    public void Releases_that_do_not_draft_for_states_are_named(string model)
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = Plan(folder, $$"""{ {{model}} }""", "--drafts", "2", "--draft", "ngram");
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("Releases up to about 0.14 refuse to draft for models whose blocks keep a state", Flat(folder, "vllm"), StringComparison.Ordinal);
        Plan(folder, $$"""{ {{Dense}} }""", "--drafts", "2", "--draft", "ngram");
        Assert.DoesNotContain("keep a state", Flat(folder, "vllm"), StringComparison.Ordinal);
    }

    /// <summary>Flags are of one release, whatever a record states: its launch files say both.</summary>
    [Fact]
    public void A_stated_release_is_held_against_that_of_the_flags()
    {
        using TemporaryFolder folder = new();
        string engine = folder.Write("engine.json", """{"base": "vllm", "release": "0.12.1"}""");
        FastSimProgram.Outcome outcome = Plan(folder, $$"""{ {{Dense}} }""", "--engine", engine);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("The plan is of vLLM 0.12.1, as its record states; flags here are those of 0.14", Flat(folder, "vllm"), StringComparison.Ordinal);
        Assert.DoesNotContain("0.12.1", Flat(folder, "sglang"), StringComparison.Ordinal);
    }

    private static FastSimProgram.Outcome Plan(TemporaryFolder folder, string config, params string[] more) => FastSimProgram.Run(
        [
            "plan", folder.Write("model.json", config), "--chip", Repository.PathOf("data", "systems", "H100_SXM.json"), "--cards", "2", "--in", "1000", "--out", "200",
            "--launch", folder.PathOf("launch"), .. more,
        ]);

    private static WrittenLaunch Written(TemporaryFolder folder, string engine) => new(folder.PathOf("launch", engine));

    private static string Flat(TemporaryFolder folder, string engine)
    {
        WrittenLaunch written = Written(folder, engine);
        return string.Join(' ', written.Names.Where(name => name.EndsWith(".txt", StringComparison.Ordinal)).Select(written.Text)).ReplaceLineEndings(" ").Replace("    ", "", StringComparison.Ordinal);
    }
}

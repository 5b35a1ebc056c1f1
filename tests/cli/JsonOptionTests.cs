using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Every command says with <c>--json</c> what it says for people.</summary>
public sealed class JsonOptionTests
{
    [Theory]
    [InlineData("run")]
    [InlineData("sweep")]
    [InlineData("merge")]
    [InlineData("predict")]
    [InlineData("validate")]
    [InlineData("calibrate")]
    [InlineData("surrogate", "train")]
    [InlineData("surrogate", "evaluate")]
    [InlineData("surrogate", "judge")]
    [InlineData("model", "show")]
    [InlineData("model", "convert")]
    [InlineData("system", "show")]
    [InlineData("compare")]
    public void Every_command_has_it(params string[] command) =>
        Assert.Contains("--json", FastSimProgram.Run([.. command, "--help"]).Output, StringComparison.Ordinal);

    [Fact]
    public void A_model_in_numbers()
    {
        JsonElement model = Run("model", "show", Repository.PathOf("data", "models", "llama_3_8b.json"), "--json");

        // As the sheet has them: 32 blocks of norms 2·4,096, q/k norm 2·128, qkv 4,096·48·128, output 4,096², gate, up and down 3·4,096·14,336.
        Assert.Equal(6_979_592_192, model.GetProperty("parameters").GetProperty("total").GetInt64());
        Assert.Equal(65_536, model.GetProperty("cacheElementsPerToken").GetProperty("all").GetInt64());
        Assert.Equal(32, model.GetProperty("blocks").GetInt32());
        Assert.Equal(8, model.GetProperty("attention").GetProperty("keyValueHeads").GetInt32());
        Assert.Equal(JsonValueKind.Null, model.GetProperty("architecture").ValueKind);
        Assert.Equal(JsonValueKind.Array, model.GetProperty("warnings").ValueKind);
    }

    [Fact]
    public void A_published_model_in_numbers()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("config.json", PublishedConfigs.DeepSeek);
        JsonElement model = Run("model", "show", file, "--json");
        Assert.Equal("deepseek_v3", model.GetProperty("architecture").GetString());
        Assert.Equal("latent", model.GetProperty("attention").GetProperty("kind").GetString());
        Assert.Equal(model.GetProperty("blocks").GetInt32() - 1, model.GetProperty("expertBlocks").GetInt32());
        Assert.True(model.GetProperty("weights").GetProperty("bytes").GetDouble() > 0);
    }

    [Fact]
    public void A_conversion_names_what_it_lost()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("config.json", PublishedConfigs.DeepSeek);
        JsonElement converted = Run("model", "convert", file, "-o", folder.PathOf("model.json"), "--json");
        Assert.Equal(folder.PathOf("model.json"), converted.GetProperty("model").GetString());
        Assert.NotEqual(0, converted.GetProperty("lost").GetArrayLength());
        Assert.True(File.Exists(folder.PathOf("model.json")));
    }

    [Fact]
    public void A_system_in_numbers()
    {
        JsonElement system = Run("system", "show", Repository.PathOf("data", "systems", "H200_SXM.json"), "--accounting", "physical", "--json");
        JsonElement half = system.GetProperty("matrix").EnumerateArray().Single(unit => unit.GetProperty("type").GetString() == "float16");
        Assert.Equal(0.8 * 989.4e12, half.GetProperty("flopsPerSecond").GetDouble(), 1e3);
        Assert.Equal(0.8 * 4800e9, system.GetProperty("memory").GetProperty("bytesPerSecond").GetDouble(), 1);
        JsonElement server = system.GetProperty("networks")[0];
        Assert.Equal(8, server.GetProperty("cards").GetInt32());
        Assert.Equal(5, server.GetProperty("collectives").GetArrayLength());
    }

    [Fact]
    public void Predictions_in_numbers()
    {
        using ServingFiles files = new();
        FastSimProgram.Outcome outcome = files.Run(
            "predict",
            "model_path,system,backend,benchmark,isl,osl\nowner/Toy-1B,timed_sxm,trtllm,1.0,512,128\nowner/Toy-1B,timed_sxm,trtlm,1.0,512,128\n",
            "--json");
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument document = JsonDocument.Parse(outcome.Output);
        JsonElement root = document.RootElement;
        Assert.Equal((2, 1), (root.GetProperty("rows").GetInt32(), root.GetProperty("predicted").GetInt32()));
        Assert.Equal(files.PathOf("out.csv"), root.GetProperty("predictions").GetString());
        Assert.StartsWith("unknown engine trtlm", root.GetProperty("notCovered").EnumerateObject().Single().Name, StringComparison.Ordinal);
        Assert.Contains(root.GetProperty("warnings").EnumerateArray(), warning => warning.GetString()!.EndsWith("columns that change nothing: benchmark", StringComparison.Ordinal));
    }

    private static JsonElement Run(params string[] arguments)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(arguments);
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument document = JsonDocument.Parse(outcome.Output);
        return document.RootElement.Clone();
    }
}

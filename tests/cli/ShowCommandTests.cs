using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>The commands that look at files: their help, and command lines that they refuse.</summary>
public sealed class ShowCommandTests
{
    [Theory]
    [InlineData("model show convert", "model", "--help")]
    [InlineData("<model> --allow-unknown config.json", "model", "show", "--help")]
    [InlineData("<config> --output <model.json>", "model", "convert", "--help")]
    [InlineData("<system> --accounting <seed|physical> --allow-unknown", "system", "show", "--help")]
    [InlineData("run model system", "--help")]
    public void Help_names_what_there_is(string words, params string[] arguments)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(arguments);
        Assert.Equal(0, outcome.ExitCode);
        Assert.All(words.Split(' '), word => Assert.Contains(word, outcome.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("model", "show")]
    [InlineData("model", "convert", "config.json")]
    [InlineData("model", "frob")]
    [InlineData("system", "show")]
    [InlineData("system", "show", "x.json", "--accounting", "metric")]
    public void A_malformed_command_line_is_bad_input_and_one_line(params string[] arguments)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(arguments);
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("error: ", outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("", outcome.Output);
    }

    [Fact]
    public void A_folder_without_a_configuration_is_named()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(
            $"error: {folder.Root}: found a folder without a config.json; expected a model file\n",
            FastSimProgram.Run("model", "show", folder.Root).Error);
    }

    [Fact]
    public void A_model_of_the_seeds_form_is_shown_too()
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run("model", "show", Repository.PathOf("data", "models", "llama_3_8b.json"));
        Assert.Equal(0, outcome.ExitCode);
        string[] lines = SheetText.Unfold(outcome.Output).Split('\n');
        Assert.Contains("described by        the seed's form", lines);
        Assert.Contains("vocabulary          not stated: embedding and logits are not counted", lines);

        // 32 blocks: norms 2·4,096, q/k norm 2·128, qkv 4,096·48·128, output 4,096², gate, up and down 3·4,096·14,336.
        Assert.Contains("parameters total    6.980 billion (6,979,592,192)", lines);
        Assert.Contains("KV bytes per token  131,072 at 2 bytes an element, 65,536 at 1", lines);
    }
}

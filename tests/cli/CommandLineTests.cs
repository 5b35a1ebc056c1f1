using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>The command line itself.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("run")]
    [InlineData("run", "-c")]
    [InlineData("run", "-c", "x.json", "--form", "wide")]
    [InlineData("run", "-c", "x.json", "--format", "wider")]
    [InlineData("run", "-c", "x.json", "--threads", "0")]
    [InlineData("run", "-c", "x.json", "--threads", "two")]
    [InlineData("run", "-c", "x.json", "-o", " ")]
    [InlineData("rum")]
    public void A_malformed_command_line_is_bad_input_and_one_line(params string[] arguments)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(arguments);
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("error: ", outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("", outcome.Output);
    }

    [Fact]
    public void A_missing_runtime_file_is_named()
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", "no-such.json");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal("error: no-such.json: found no such file; expected a runtime file\n", outcome.Error);
    }

    [Fact]
    public void A_stray_word_is_named() =>
        Assert.Equal(
            "error: Unrecognized command or argument 'frob'. Run fastsim --help for the commands and options.\n",
            FastSimProgram.Run("frob").Error);

    [Fact]
    public void A_folder_in_place_of_a_runtime_file_is_named_as_such() =>
        Assert.Equal("error: .: found a folder; expected a runtime file\n", FastSimProgram.Run("run", "-c", ".").Error);

    [Fact]
    public void Help_names_every_option_and_succeeds()
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "--help");
        Assert.Equal(0, outcome.ExitCode);
        foreach (string option in new[] { "--config", "--output", "--format", "--accounting", "--gzip", "--allow-unknown", "--quiet", "--json", "--threads" })
        {
            Assert.Contains(option, outcome.Output, StringComparison.Ordinal);
        }
    }
}

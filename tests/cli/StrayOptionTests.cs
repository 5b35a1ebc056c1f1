using System.Text.RegularExpressions;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>An option that lacks its value does not take the next option for it, whichever option of whichever command.</summary>
public sealed partial class StrayOptionTests
{
    private static readonly string[][] Commands =
    [
        ["run"], ["sweep"], ["merge"], ["predict"], ["validate"], ["calibrate"], ["surrogate", "train"], ["surrogate", "evaluate"], ["surrogate", "judge"], ["model", "show"],
        ["model", "convert"], ["system", "show"], ["compare"],
    ];

    /// <summary>Every option with a value of every command, as its help names it.</summary>
    public static TheoryData<string, string> Options
    {
        get
        {
            TheoryData<string, string> all = [];
            foreach (string[] command in Commands)
            {
                foreach (Match option in OptionWithValue().Matches(FastSimProgram.Run([.. command, "--help"]).Output))
                {
                    all.Add(string.Join(' ', command), option.Groups["name"].Value);
                }
            }

            return all;
        }
    }

    [Fact]
    public void Help_names_options_with_values_of_every_command()
    {
        Assert.True(Options.Count > 45, $"{Options.Count}");
        Assert.All(Commands.Where(command => command is not ["model", "show"]), command =>
            Assert.Contains(Options, row => row.Data.Item1 == string.Join(' ', command)));
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void An_option_that_lacks_its_value_says_so(string command, string option)
    {
        foreach (string next in new[] { "--json", "--restart", "-q", "-o", "--frobnicate" })
        {
            FastSimProgram.Outcome outcome = FastSimProgram.Run([.. command.Split(' '), option, next, "more"]);
            Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
            Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.StartsWith($"error: {option}: found ", outcome.Error, StringComparison.Ordinal);
            Assert.Contains($" {next}", outcome.Error, StringComparison.Ordinal);
            Assert.Contains("; expected <", outcome.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_value_that_was_an_option_makes_no_folder()
    {
        string runtime = Repository.PathOf("tests", "cli", "inputs", "fusion.json");
        Assert.Equal(
            "error: --output: found the option --json; expected <folder>, written ./--json where that is its name. Run fastsim --help for the commands and options.\n",
            FastSimProgram.Run("run", "-c", runtime, "-qo", "--json").Error);
        Assert.Equal(
            "error: --output: found the option --restart, which run does not have; expected <folder>, written ./--restart where that is its name. Run fastsim --help for the commands and options.\n",
            FastSimProgram.Run("run", "-c", runtime, "-o", "--restart").Error);
        Assert.Contains("found the option --gzip;", FastSimProgram.Run("run", "-c", runtime, "--output=--gzip").Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists("--json") || Directory.Exists("--restart") || Directory.Exists("--gzip"));
    }

    [Fact]
    public void A_list_of_values_ends_where_an_option_begins()
    {
        using ServingFiles files = new();
        const string Row = "model_path,system,backend,isl,osl\nowner/Toy-1B,timed_sxm,trtllm,512,128\n";
        FastSimProgram.Outcome outcome = files.Run("predict", Row, "--json");
        Assert.Equal(0, outcome.ExitCode);
        Assert.StartsWith("{", outcome.Output, StringComparison.Ordinal);
        Assert.StartsWith(
            "error: --systems: found --jsn, which begins as an option does (did you mean --json?); expected <folder, file or table>",
            files.Run("predict", Row, "--jsn").Error,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "error: --systems: found the option --plot, which predict does not have;", files.Run("predict", Row, "--plot", "x.svg").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<model>: found --alow-unknown, which begins as an option does (did you mean --allow-unknown?); expected a file", "model", "show", "--alow-unknown")]
    [InlineData("<system>: found -x, which begins as an option does; expected a file", "system", "show", "-x")]
    [InlineData("<model>: found an empty value; expected a file", "model", "show", "")]
    [InlineData("--config: found an empty value; expected <runtime.json>", "run", "-c", "")]
    [InlineData("--output: found -, which begins as an option does; expected <folder>", "run", "-c", "x.json", "-o", "-")]
    [InlineData("--threads: found -3; expected an integer of at least 1", "run", "-c", "x.json", "--threads", "-3")]
    [InlineData("Unrecognized command or argument '--jsn'. Did you mean '--json'?", "run", "-c", "x.json", "--jsn")]
    [InlineData("Unrecognized command or argument 'swep'. Did you mean 'sweep'?", "swep")]
    public void A_word_that_is_no_value_is_named(string message, params string[] arguments)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(arguments);
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith($"error: {message}", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_begins_with_a_dash_can_be_named()
    {
        using TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        Assert.Equal(0, FastSimProgram.Run("run", "-q", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("--json")).ExitCode);
        Assert.True(Directory.Exists(folder.PathOf("--json")));
    }

    [GeneratedRegex(@"(?<name>--[a-z-]+) <", RegexOptions.CultureInvariant)]
    private static partial Regex OptionWithValue();
}

using System.Globalization;
using FastSim.Cli.Commands;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Tables for people fit 80 columns, end in no blanks, and have colour on a terminal that wants it.</summary>
public sealed class TextTableTests
{
    private const int Width = 80;
    private const char Escape = '\u001b';

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    public void The_table_of_a_run_fits(int longer)
    {
        using TemporaryFolder folder = Inputs();
        foreach (string file in new[] { "dense.json", "chip.json" })
        {
            folder.Write(file, File.ReadAllText(folder.PathOf(file)).Replace("tiny-", $"tiny-{new string('n', longer)}-", StringComparison.Ordinal));
        }

        foreach (string runtime in new[] { "fusion.json", "split.json" })
        {
            string[] lines = FastSimProgram.Run("run", "-c", folder.PathOf(runtime), "-o", folder.PathOf("out")).Output.Split('\n');
            Fits(lines.TakeWhile(line => !line.StartsWith("run_", StringComparison.Ordinal)));
            Assert.Contains(lines, line => line.Contains("tokens/s/card", StringComparison.Ordinal));
            Assert.All(lines, line => Assert.Equal(line.TrimEnd(), line));
        }
    }

    [Fact]
    public void Cells_of_a_stacked_row_stand_below_their_headers()
    {
        using TemporaryFolder folder = Inputs();
        string[] lines = FastSimProgram.Run("run", "-c", folder.PathOf("split.json"), "-o", folder.PathOf("out")).Output.Split('\n');
        int rule = Array.FindIndex(lines, line => line.StartsWith('─'));
        int header = Array.FindIndex(lines, line => line.StartsWith("run ", StringComparison.Ordinal));
        int height = rule - header;
        string[][] rows = [.. Enumerable.Range(0, 2).Select(row => lines[(rule + 1 + (row * height))..(rule + 1 + ((row + 1) * height))])];
        foreach (string column in new[] { "model", "phase", "best plan", "latency", "memory GiB", "bound by" })
        {
            int line = Array.FindIndex(lines, header, height, each => each.Contains(column, StringComparison.Ordinal)) - header;
            int place = lines[header + line].IndexOf(column, StringComparison.Ordinal);
            Assert.All(rows, row =>
            {
                Assert.NotEqual(' ', row[line][place]);
                Assert.True(place == 0 || row[line][place - 1] == ' ');
            });
        }
    }

    [Fact]
    public void The_tables_of_a_validation_fit()
    {
        using ServingFiles files = new();
        string rows = string.Concat(Enumerable.Range(1, 24).Select(index => string.Create(
            CultureInfo.InvariantCulture, $"owner/Toy-1B,timed_sxm,sglang,{100 + index},{50 + index},{index},{20 + index},{index}\n")));
        FastSimProgram.Outcome outcome = files.Run("validate", $"model_path,system,backend,isl,osl,batch_size,silicon_ttft_ms,silicon_tpot_ms\n{rows}");
        Assert.Equal(0, outcome.ExitCode);
        string[] lines = outcome.Output.Split('\n');
        Fits(lines.TakeWhile(line => !line.StartsWith("worst: ", StringComparison.Ordinal)));
        Assert.Contains("  batch decile 10: 22 to 24", lines);
    }

    [Fact]
    public void The_sheets_of_models_and_systems_fit()
    {
        foreach (string system in Directory.EnumerateFiles(Repository.PathOf("data", "systems"), "*.json"))
        {
            Fits(FastSimProgram.Run("system", "show", system).Output.Split('\n'));
        }

        using TemporaryFolder folder = new();
        foreach (string config in PublishedConfigs.All)
        {
            Fits(FastSimProgram.Run("model", "show", folder.Write("config.json", config)).Output.Split('\n'));
        }
    }

    [Theory]
    [InlineData("run")]
    [InlineData("predict")]
    [InlineData("surrogate", "train")]
    public void The_help_fits(params string[] command) =>
        Assert.All(FastSimProgram.Run([.. command, "--help"]).Output.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, Width));

    [Fact]
    public void The_tables_of_learned_efficiencies_fit()
    {
        using SurrogateFiles files = new();
        files.WriteOperators();
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "surrogate", "train", "--ops", files.PathOf("gemm_perf.parquet"), "--systems", files.TimedChip, "--steps", "100", "-o", files.PathOf("m.onnx"));
        Assert.Equal(0, outcome.ExitCode);
        Fits(outcome.Output.Split('\n').Where(line => !line.StartsWith("model: ", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_table_of_a_calibration_fits()
    {
        using SurrogateFiles files = new();
        files.WriteOperators();
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "calibrate", "--ops", files.PathOf("gemm_perf.parquet"), "--system", files.TimedChip, "-o", files.PathOf("c.json"));
        Assert.Equal(0, outcome.ExitCode);
        Fits(outcome.Output.Split('\n').Where(line => !line.StartsWith("system: ", StringComparison.Ordinal)));
        Assert.Contains("gemm bfloat16", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_shows_colour_and_a_pipe_none()
    {
        using TemporaryFolder folder = Inputs();
        string chip = File.ReadAllText(folder.PathOf("chip.json"));
        folder.Write("chip.json", chip.Replace("\"GiB\": 1,", "\"GiB\": 0.00005,", StringComparison.Ordinal));
        (string output, string error) = Run(new StreamColours(Output: true, Error: true), folder);
        Assert.Contains($"{Escape}[1mrun", output, StringComparison.Ordinal);
        Assert.Matches($"{Escape}\\[[0-9;]+mno plan{Escape}\\[0m", output);
        Assert.StartsWith($"{Escape}[31merror:{Escape}[0m ", Error(new StreamColours(Output: true, Error: true)), StringComparison.Ordinal);
        Assert.StartsWith($"{Escape}[33mwarning:{Escape}[0m ", error, StringComparison.Ordinal);

        (output, error) = Run(new StreamColours(Output: false, Error: false), folder);
        Assert.DoesNotContain(Escape, output + error + Error(StreamColours.None));
        Assert.Contains("no plan", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "xterm-256color", true)]
    [InlineData("", "xterm", true)]
    [InlineData("1", "xterm", false)]
    [InlineData("0", "xterm", false)]
    [InlineData(null, "dumb", false)]
    [InlineData(null, null, true)]
    public void The_environment_has_a_say(string? noColor, string? terminal, bool expected) =>
        Assert.Equal(expected, StreamColours.AreWelcome(noColor, terminal));

    private static void Fits(IEnumerable<string> lines) => Assert.All(lines, line =>
    {
        Assert.InRange(line.Length, 0, Width);
        Assert.Equal(line.TrimEnd(), line);
    });

    private static (string Output, string Error) Run(StreamColours colours, TemporaryFolder folder)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        CommandLine.Invoke(["run", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("out")], new Terminal(output, error, isInteractive: false, colours));
        return (output.ToString(), error.ToString());
    }

    private static string Error(StreamColours colours)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        CommandLine.Invoke(["run", "-c", "no-such.json"], new Terminal(output, error, isInteractive: false, colours));
        return error.ToString();
    }

    private static TemporaryFolder Inputs()
    {
        TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        return folder;
    }
}

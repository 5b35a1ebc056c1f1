using FastSim.Cli.Commands;
using FastSim.Tests;
using static FastSim.Cli.Tests.PlannedRuns;

namespace FastSim.Cli.Tests;

/// <summary><c>init</c>: what it asks, and what it writes.</summary>
public sealed class InitTests
{
    [Fact]
    public void Init_asks_again_for_what_it_cannot_use_and_writes_what_run_takes()
    {
        using TemporaryFolder folder = new();
        string runtime = folder.PathOf("runtime.json");
        (int exitCode, string output, string error) = Init(runtime, $"nope.json\n{Dense}\n{Chip("H100_SXM")}\nfour\n4\n\n100\n\n30\nvllm\n");
        Assert.Equal(0, exitCode);
        Assert.Contains("nope.json: found no such file", error, StringComparison.Ordinal);
        Assert.Contains("found four; expected an integer", error, StringComparison.Ordinal);
        Assert.Contains("tokens of a prompt [4000]: ", output, StringComparison.Ordinal);
        Assert.Equal(0, FastSimProgram.Run("run", "-c", runtime, "-o", folder.PathOf("out"), "-q").ExitCode);
    }

    [Fact]
    public void Init_without_answers_writes_nothing()
    {
        using TemporaryFolder folder = new();
        (int exitCode, _, string error) = Init(folder.PathOf("runtime.json"), $"{Dense}\n");
        Assert.Equal(2, exitCode);
        Assert.Contains("init: found the end of the answers; expected one to: chip", error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.PathOf("runtime.json")));
    }

    private static (int ExitCode, string Output, string Error) Init(string file, string answers)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int exitCode = CommandLine.Invoke(["init", file], new Terminal(output, error, isInteractive: false) { Input = new StringReader(answers) });
        return (exitCode, output.ToString(), error.ToString());
    }
}

using FastSim.Cli.Commands;

namespace FastSim.Tests;

/// <summary>Runs the program in this process, its streams captured.</summary>
public static class FastSimProgram
{
    public static Outcome Run(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int exitCode = CommandLine.Invoke(arguments, new Terminal(output, error, isInteractive: false));
        return new Outcome(exitCode, output.ToString(), error.ToString());
    }

    public sealed record Outcome(int ExitCode, string Output, string Error);
}

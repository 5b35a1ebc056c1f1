using System.Diagnostics;
using FastSim.Cli.Commands;

namespace FastSim.Tests;

/// <summary>Runs the program in this process, its streams captured; or the program that <c>FASTSIM_PROGRAM</c> names, the native one, say, in a process of its own.</summary>
public static class FastSimProgram
{
    private static readonly string? Other = Environment.GetEnvironmentVariable("FASTSIM_PROGRAM") is { Length: > 0 } path ? Path.GetFullPath(path) : null;

    public static Outcome Run(params string[] arguments)
    {
        if (Other is not null)
        {
            return Start(Other, arguments);
        }

        using StringWriter output = new();
        using StringWriter error = new();
        int exitCode = CommandLine.Invoke(arguments, new Terminal(output, error, isInteractive: false));
        return new Outcome(exitCode, output.ToString(), error.ToString());
    }

    private static Outcome Start(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        // Both are read at once: a program whose error stream is full waits for its reader.
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Outcome(process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    public sealed record Outcome(int ExitCode, string Output, string Error);
}

using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>The README's output is what its command prints, but for the time it took.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void The_output_in_the_readme_is_what_the_command_prints()
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "run", "-c", Repository.PathOf("data", "runtimes", "sample.json"), "-o", folder.Root);
        Assert.Equal(0, outcome.ExitCode);
        string[] printed = Lines(outcome.Output);
        string readme = File.ReadAllText(Repository.PathOf("README.md"));
        string block = readme.Split("```").Single(part => part.Contains("tokens/s/card", StringComparison.Ordinal));
        Assert.Equal(Lines(block), printed);
    }

    private static string[] Lines(string text) => text.Split('\n')
        .Select(line => line.TrimEnd())
        .Where(line => line.Length > 0 && !line.Contains("searched in", StringComparison.Ordinal) && !line.StartsWith("results: ", StringComparison.Ordinal))
        .ToArray();
}

using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Bad input gets one clear message, exit code 2, and no file.</summary>
public sealed class MalformedInputTests
{
    public static TheoryData<int> Cases { get; } = new(Enumerable.Range(0, MalformedInputs.All.Count));

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_malformed_input_earns_its_exact_message(int index)
    {
        MalformedInput input = MalformedInputs.All[index];
        using TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        string text = File.ReadAllText(folder.PathOf(input.Edited));
        int place = text.IndexOf(input.Text, StringComparison.Ordinal);
        Assert.True(place >= 0, $"{input.Edited} does not contain {input.Text}");
        folder.Write(input.Edited, string.Concat(text.AsSpan(0, place), input.Replacement, text.AsSpan(place + input.Text.Length)));

        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", folder.PathOf(input.Runtime), "-o", folder.PathOf("out"));

        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal($"error: {input.Message}", WithoutFolder(outcome.Error, folder).TrimEnd());
        Assert.Equal("", outcome.Output);
        Assert.False(Directory.Exists(folder.PathOf("out")));
    }

    private static string WithoutFolder(string text, TemporaryFolder folder) =>
        text.Replace(
                Path.GetRelativePath(Directory.GetCurrentDirectory(), folder.Root) + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)
            .Replace(folder.Root + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
}

using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>A sweep file that cannot be used gets one clear message, exit code 2, and leaves nothing that looks like a result.</summary>
public sealed class MalformedSweepTests
{
    public static TheoryData<int> Cases { get; } = new(Enumerable.Range(0, MalformedSweeps.All.Count));

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_malformed_sweep_earns_its_exact_message(int index)
    {
        (string sweep, string message) = MalformedSweeps.All[index];
        using SweepFiles files = new();
        files.Write("bad.csv", "system.mem1.GiB,foo\n1,2\n");
        files.Write("bad2.csv", "system.mem1.GiB\n1\nabc\n");
        string file = files.Write("sweep.json", sweep.Replace("\"output\":\"out\"", $"\"output\":\"{files.PathOf("out")}\"", StringComparison.Ordinal));

        FastSimProgram.Outcome outcome = FastSimProgram.Run("sweep", "-q", "-c", file);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal($"error: {message}", WithoutFolder(outcome.Error.TrimEnd(), files.Root));
        Assert.Equal("", outcome.Output);
        Assert.False(File.Exists(files.PathOf("out", "sweep_result.csv")));
    }

    private static string WithoutFolder(string text, string folder) => text
        .Replace(Path.GetRelativePath(Directory.GetCurrentDirectory(), folder) + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)
        .Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
}

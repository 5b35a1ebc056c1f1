using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>The sweeps of <c>examples/</c> run, and the pictures in the documentation are theirs.</summary>
public sealed class ExampleSweepTests
{
    /// <summary>Each plot is the picture of the example's name, or of the one behind the colon.</summary>
    [Theory]
    [InlineData("hbm-for-long-context", "throughput")]
    [InlineData("float4-turning-point", "bounds")]
    [InlineData("expert-parallel-links", "lines")]
    [InlineData("torus-or-switch", "lines_job0:torus-or-switch-torus", "lines_job1:torus-or-switch-switch")]
    [InlineData("hbm-or-second-tier", "throughput")]
    [InlineData("million-token-prefill", "throughput")]
    [InlineData("million-token-decode", "lines")]
    [InlineData("attention-apart", "lines")]
    public void An_example_draws_the_pictures_of_the_documentation(string name, params string[] plots)
    {
        using TemporaryFolder folder = new();
        string file = Repository.PathOf("examples", $"{name}.json");
        Assert.Equal(0, FastSimProgram.Run("sweep", "-q", "-c", file, "-o", folder.PathOf("out"), "--plots").ExitCode);
        foreach (string[] parts in plots.Select(plot => plot.Split(':')))
        {
            string picture = Repository.PathOf("docs", "pictures", $"{(parts.Length > 1 ? parts[1] : name)}.svg");
            Assert.Equal(File.ReadAllText(picture), File.ReadAllText(folder.PathOf("out", "plots", $"{parts[0]}.svg")));
        }
    }
}

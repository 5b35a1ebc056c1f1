using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>The sweeps of <c>examples/</c> run, and the pictures in the documentation are theirs.</summary>
public sealed class ExampleSweepTests
{
    [Theory]
    [InlineData("hbm-for-long-context", "throughput")]
    [InlineData("float4-turning-point", "bounds")]
    [InlineData("expert-parallel-links", "lines")]
    [InlineData("torus-or-switch", "lines_job0", "torus-or-switch-torus")]
    [InlineData("torus-or-switch", "lines_job1", "torus-or-switch-switch")]
    [InlineData("hbm-or-second-tier", "throughput")]
    [InlineData("million-token-prefill", "throughput")]
    [InlineData("million-token-decode", "lines")]
    [InlineData("attention-apart", "lines")]
    public void An_example_draws_the_picture_of_the_documentation(string name, string plot, string? picture = null)
    {
        using TemporaryFolder folder = new();
        string file = Repository.PathOf("examples", $"{name}.json");
        Assert.Equal(0, FastSimProgram.Run("sweep", "-q", "-c", file, "-o", folder.PathOf("out"), "--plots").ExitCode);
        Assert.Equal(File.ReadAllText(Repository.PathOf("docs", "pictures", $"{picture ?? name}.svg")), File.ReadAllText(folder.PathOf("out", "plots", $"{plot}.svg")));
    }
}

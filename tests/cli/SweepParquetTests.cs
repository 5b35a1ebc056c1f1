using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>A result as Parquet: the same bytes whether its columns are kept as blocks come, or read from the rows of shards.</summary>
public sealed class SweepParquetTests
{
    /// <summary>200 × 200 variants, of which the filter leaves 36,060 in two row groups, and none.</summary>
    [Theory]
    [InlineData("a + b < 320")]
    [InlineData("a < 0")]
    public void Columns_kept_as_they_come_are_those_of_the_rows(string filter)
    {
        using SweepFiles files = new();
        const string Axes =
            """
            {"name": "a", "range": [0, 199, 1]}, {"name": "b", "range": [0, 199, 1]}
            """;
        string more =
            $$"""
            , "derive": [{"name": "gib", "path": "system.mem1.GiB", "value": "a + 40"}, {"path": "system.mem1.GBps", "name": "gbps", "value": "4000 + 40 * b"}],
            "filter": "{{filter}}", "cost": "a + 1 / 3", "result": "rows.parquet", "report": false
            """;
        int exitCode = files.Sweep(Axes, more, "-q", "--threads", "1").ExitCode;
        Assert.Equal(filter == "a < 0" ? 3 : 0, exitCode);
        byte[] whole = File.ReadAllBytes(files.PathOf("out", "rows.parquet"));
        Assert.Equal(exitCode, files.Sweep(Axes, more, "-q", "--threads", "3").ExitCode);
        Assert.Equal(whole, File.ReadAllBytes(files.PathOf("out", "rows.parquet")));
        Assert.Empty(Directory.GetFiles(files.PathOf("out"), ".fastsim-*"));
        for (int shard = 1; shard <= 2; shard++)
        {
            Assert.Equal(0, files.Sweep(Axes, more, "-q", "--shard", $"{shard}/2").ExitCode);
        }

        Assert.Equal(exitCode, FastSimProgram.Run("merge", "-q", "-c", files.PathOf("sweep.json")).ExitCode);
        Assert.Equal(whole, File.ReadAllBytes(files.PathOf("out", "rows.parquet")));
    }

    /// <summary>What a sweep that ends in a message had written of it goes.</summary>
    [Fact]
    public void A_sweep_that_fails_leaves_nothing_of_it()
    {
        using SweepFiles files = new();
        FastSimProgram.Outcome outcome = files.Sweep("""{"name": "gib", "path": "system.mem1.GiB", "values": [72, 80]}""", """, "score": "1 / (gib - 80)", "result": "rows.parquet" """, "-q");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("is infinite", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(["sweep.lock"], Directory.EnumerateFileSystemEntries(files.PathOf("out")).Select(path => Path.GetFileName(path)!));
    }
}

using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>A result as Parquet: the same bytes whether its row groups are written as blocks come, or made of the columns that a sweep or its shards went on by.</summary>
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

        // Stopped after its first few blocks, the second goes on.
        string journal = files.PathOf("out", "shard-2-of-2", "sweep_result.journal");
        string[] lines = File.ReadAllLines(journal);
        File.WriteAllText(journal, string.Join('\n', [.. lines[..9], ""]));
        Assert.Equal(0, files.Sweep(Axes, more, "-q", "--shard", "2/2", "--resume").ExitCode);
        Assert.Equal(lines, File.ReadAllLines(journal));
        Assert.Equal(exitCode, FastSimProgram.Run("merge", "-q", "-c", files.PathOf("sweep.json")).ExitCode);
        Assert.Equal(whole, File.ReadAllBytes(files.PathOf("out", "rows.parquet")));
    }

    /// <summary>A report tells of single rows: the same of columns as of rows of text, texts that a spreadsheet would run and numbers that are missing among them.</summary>
    [Fact]
    public void A_report_is_that_of_a_csv()
    {
        using SweepFiles files = new();
        const string Axes =
            """
            {"name": "gib", "path": "system.mem1.GiB", "values": [12, 40, 72, 200]}, {"name": "gbps", "path": "system.mem1.GBps", "geometric": [20, 8000, 5]}
            """;
        byte[][] reports = Array.ConvertAll(["csv", "parquet"], kind =>
        {
            Assert.Equal(0, files.Sweep(Axes, $""", "cost": "gib / 3", "result": "rows.{kind}" """, "-q").ExitCode);
            return File.ReadAllBytes(files.PathOf("out", "report.html"));
        });
        Assert.Equal(reports[0], reports[1]);
    }

    [Fact]
    public void An_unfinished_sweep_of_another_version_is_named()
    {
        using SweepFiles files = new();
        Directory.CreateDirectory(files.PathOf("out"));
        File.WriteAllText(files.PathOf("out", "sweep_result.journal"), $"{new string('a', 64)}\n0,9,0,0,0,0,0,0,0,{new string('b', 32)},end\n");
        File.WriteAllText(files.PathOf("out", "sweep_result.partial"), "variant,\n");
        FastSimProgram.Outcome outcome = files.Sweep("""{"name": "gib", "path": "system.mem1.GiB", "values": [72, 80]}""", """, "result": "rows.parquet" """, "-q", "--resume");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(
            $"error: {files.PathOf("out", "sweep_result.journal")}: found a journal that was damaged or is another version's; expected one that this version left, to go on with (--restart discards it)",
            outcome.Error.Trim());
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

using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What is damaged of an unfinished sweep is found by its checksums, and done again or named.</summary>
public sealed class JournalTests : IDisposable
{
    private readonly SweepFiles files = new();
    private readonly string sweep;
    private readonly string part;

    public JournalTests()
    {
        sweep = files.Write(
            "sweep.json",
            """
            {"runtime": "decode.json", "output": "out", "report": false, "cost": "gib", "axes": [
             {"name": "gib", "path": "system.mem1.GiB", "geometric": [64, 512, 40]}, {"path": "system.mem1.GBps", "geometric": [2000, 16000, 40]}]}
            """);
        part = files.PathOf("out", "shard-1-of-2");
        Assert.Equal(0, Shard().ExitCode);
    }

    public void Dispose() => files.Dispose();

    /// <summary>1,600 variants are 4 blocks, of which the first shard has 2: damage in the second is done again, damage in the first is both.</summary>
    [Theory]
    [InlineData(1, "rows.csv")]
    [InlineData(2, "rows.csv")]
    [InlineData(1, "rows.parquet")]
    [InlineData(2, "rows.parquet")]
    public void Damaged_rows_are_done_again(int block, string result)
    {
        files.Write("sweep.json", File.ReadAllText(sweep).Replace("\"report\"", $"\"result\": \"{result}\", \"report\"", StringComparison.Ordinal));
        Assert.Equal(0, Shard("--restart").ExitCode);
        byte[] whole = File.ReadAllBytes(Path.Combine(part, "sweep_result.partial"));
        string[] lines = File.ReadAllLines(Path.Combine(part, "sweep_result.journal"));
        byte[] damaged = [.. whole];
        damaged[int.Parse(lines[1 + block].Split(',')[1], System.Globalization.CultureInfo.InvariantCulture) - 3] ^= 1;
        File.WriteAllBytes(Path.Combine(part, "sweep_result.partial"), damaged);
        FastSimProgram.Outcome outcome = Shard("--resume");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains($"{3 - block} of its blocks do not fit their rows any more; they are done again", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(whole, File.ReadAllBytes(Path.Combine(part, "sweep_result.partial")));
        Assert.Equal(lines, File.ReadAllLines(Path.Combine(part, "sweep_result.journal")));
    }

    [Fact]
    public void A_changed_count_does_not_count()
    {
        string journal = Path.Combine(part, "sweep_result.journal");
        string[] lines = File.ReadAllLines(journal);
        string[] fields = lines[^1].Split(',');
        fields[3] = "7";
        File.WriteAllText(journal, string.Join('\n', [.. lines[..^1], string.Join(',', fields), ""]));
        FastSimProgram.Outcome merge = FastSimProgram.Run("merge", "-q", "-c", sweep, "-o", files.PathOf("out"));
        Assert.Equal(2, merge.ExitCode);
        Assert.Equal(0, Shard("--resume").ExitCode);
        Assert.Equal(lines, File.ReadAllLines(journal));
    }

    [Fact]
    public void A_merge_refuses_a_shard_whose_rows_changed()
    {
        Assert.Equal(0, FastSimProgram.Run("sweep", "-c", sweep, "-o", files.PathOf("out"), "--shard", "2/2", "-q").ExitCode);
        byte[] rows = File.ReadAllBytes(Path.Combine(part, "sweep_result.partial"));
        rows[^2] ^= 1;
        File.WriteAllBytes(Path.Combine(part, "sweep_result.partial"), rows);
        FastSimProgram.Outcome merge = FastSimProgram.Run("merge", "-q", "-c", sweep, "-o", files.PathOf("out"));
        Assert.Equal(2, merge.ExitCode);
        Assert.Contains("found 1 of 2 blocks; expected a finished shard (sweep --shard 1/2 --resume goes on)", merge.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_without_a_sound_line_is_named()
    {
        string journal = Path.Combine(part, "sweep_result.journal");
        string[] lines = File.ReadAllLines(journal);
        lines[1] = lines[1].Replace(",end", "", StringComparison.Ordinal);
        File.WriteAllText(journal, string.Join('\n', lines) + "\n");
        FastSimProgram.Outcome outcome = Shard("--resume");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(
            $"error: {journal}: found a journal that does not fit its result; expected one that a sweep left (--restart begins again)",
            outcome.Error.Trim().Split('\n')[^1]);
    }

    /// <summary>Be its rows there or not.</summary>
    [Theory]
    [InlineData("rows.csv", true)]
    [InlineData("rows.parquet", true)]
    [InlineData("rows.csv", false)]
    [InlineData("rows.parquet", false)]
    public void A_damaged_mark_is_not_taken_for_other_files(string result, bool hasRows)
    {
        files.Write("sweep.json", File.ReadAllText(sweep).Replace("\"report\"", $"\"result\": \"{result}\", \"report\"", StringComparison.Ordinal));
        Assert.Equal(0, Shard("--restart").ExitCode);
        string journal = Path.Combine(part, "sweep_result.journal");
        string[] lines = File.ReadAllLines(journal);
        lines[0] = (lines[0][0] == 'f' ? "0" : "f") + lines[0][1..];
        File.WriteAllText(journal, string.Join('\n', lines) + "\n");
        if (!hasRows)
        {
            File.Delete(Path.Combine(part, "sweep_result.partial"));
        }

        FastSimProgram.Outcome outcome = Shard("--resume");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(
            $"error: {journal}: found a journal that was damaged or is another version's; expected one that this version left, to go on with (--restart discards it)",
            outcome.Error.Trim().Split('\n')[^1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_journal_of_other_files_is_told_as_such(bool hasRows)
    {
        files.Write("sweep.json", File.ReadAllText(sweep).Replace("16000", "15000", StringComparison.Ordinal));
        if (!hasRows)
        {
            File.Delete(Path.Combine(part, "sweep_result.partial"));
        }

        FastSimProgram.Outcome outcome = Shard("--resume");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(
            $"error: {part}: found an unfinished sweep of other files, options or another build; expected those it began with (--restart discards it)",
            outcome.Error.Trim().Split('\n')[^1]);
    }

    private FastSimProgram.Outcome Shard(params string[] more) => FastSimProgram.Run(["sweep", "-c", sweep, "-o", files.PathOf("out"), "--shard", "1/2", .. more]);
}

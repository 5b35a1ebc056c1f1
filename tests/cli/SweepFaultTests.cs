using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using FastSim.Cli.Commands;
using FastSim.Cli.Sweeps;
using FastSim.Kernels.Lanes;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>A sweep that is killed, interrupted, divided, crowded or out of space.</summary>
public sealed class SweepFaultTests
{
    private const int InterruptSignal = 2;
    private const nint DefaultHandling = 0;
    private const nint Ignored = 1;
    private const string StatusFile = "/proc/self/status";
    private const string IgnoredMask = "SigIgn:";

    /// <summary>Variants enough that a process is a second or so at them; in a short run half as many.</summary>
    private static readonly string Long = string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        {"name": "gib", "path": "system.mem1.GiB", "geometric": [36, 288, 20]},
        {"name": "gbps", "path": "system.mem1.GBps", "geometric": [2000, 16000, 20]},
        {"name": "fp8", "path": "system.matrix.float8.tflops", "geometric": [500, 8000, 20]},
        {"name": "link", "path": "system.networks[0].bandwidth", "geometric": [50, 800, {{TestLength.Of(12, 6)}}]}
        """);

    /// <summary>So many that no process is through before it is stopped: where it has to be at them, and not to come to an end.</summary>
    private static readonly string Endless = Long.Replace(", 20]", ", 60]", StringComparison.Ordinal);

    /// <summary>Variants enough for some blocks, six in a short run: nothing has to last until it is stopped.</summary>
    private static readonly string Divided = TestLength.IsLong
        ? Long
        : """
          {"name": "gib", "path": "system.mem1.GiB", "geometric": [36, 288, 24]},
          {"name": "gbps", "path": "system.mem1.GBps", "geometric": [2000, 16000, 500]}
          """;

    private static readonly string[] Results = ["sweep_result.csv", "best.csv", "pareto.csv", "sensitivity.csv", "report.html"];

    /// <summary>What an expression gives nowhere is said of the first variant, however many threads there are.</summary>
    [Fact]
    public void Of_blocks_that_fail_the_first_one_is_told()
    {
        using ManualResetEventSlim hasFailed = new();
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => OrderedBlocks.Run<long>(
            0,
            2,
            threads: 2,
            () => block =>
            {
                if (block == 0)
                {
                    // Time for the other thread to have said so, too.
                    hasFailed.Wait(TimeSpan.FromSeconds(10));
                    Thread.Sleep(50);
                }

                hasFailed.Set();
                throw new InvalidOperationException($"block {block}");
            },
            (_, _) => { },
            CancellationToken.None));
        Assert.Equal("block 0", failure.Message);
    }

    [Fact]
    public void Killed_at_many_moments_and_resumed_it_leaves_the_bytes_of_an_uninterrupted_run()
    {
        using SweepFiles files = new();
        string sweep = WriteLong(files);
        Assert.Equal(0, FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("whole")).ExitCode);
        Random random = new(4);
        int wanted = TestLength.Of(10, 3);
        int kills = 0;
        long furthest = 0;
        for (int attempt = 0; kills < wanted && attempt < 40; attempt++)
        {
            using Process process = Start("sweep", "-q", "-c", sweep, "-o", files.PathOf("torn"), "--resume", "--threads", "1");
            WaitForJournal(files.PathOf("torn"), process);

            // Most of the time it is writing blocks; the pause decides in the middle of which it dies.
            if (!process.WaitForExit(random.Next(5, 90)))
            {
                process.Kill();
                process.WaitForExit();
                kills++;
            }

            string journal = files.PathOf("torn", "sweep_result.journal");
            furthest = File.Exists(journal) ? Math.Max(furthest, File.ReadAllLines(journal).Length) : furthest;
        }

        Assert.Equal(wanted, kills);
        Assert.InRange(furthest, 2, long.MaxValue);
        Assert.Equal(0, FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("torn"), "--resume").ExitCode);
        AssertSame(files.PathOf("whole"), files.PathOf("torn"));
        Assert.Equal(FileNames(files.PathOf("whole")), FileNames(files.PathOf("torn")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("half a mark")]
    [InlineData("a whole mark\n")]
    [InlineData("a whole mark\n0,12")]
    public void Killed_before_its_first_line_it_begins_again(string journal)
    {
        using SweepFiles files = new();
        const string Axis = """{"path": "system.mem1.GiB", "values": [72, 144]}""";
        Assert.Equal(0, files.Sweep(Axis).ExitCode);
        byte[] whole = File.ReadAllBytes(files.PathOf("out", "sweep_result.csv"));
        File.Delete(files.PathOf("out", "sweep_result.csv"));
        File.WriteAllText(files.PathOf("out", "sweep_result.journal"), journal);
        Assert.Equal(0, files.Sweep(Axis, "", "--resume").ExitCode);
        Assert.Equal(whole, File.ReadAllBytes(files.PathOf("out", "sweep_result.csv")));
    }

    [Fact]
    public void Interrupted_it_keeps_what_is_done_and_says_how_to_go_on()
    {
        using SweepFiles files = new();
        string sweep = WriteLong(files, Endless);
        using Process process = Start("sweep", "-c", sweep, "-o", files.PathOf("out"), "--threads", "1");
        WaitForJournal(files.PathOf("out"), process);
        Assert.Equal(0, Interrupt(process.Id, InterruptSignal));
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("--resume goes on from there", error, StringComparison.Ordinal);
        Assert.True(File.Exists(files.PathOf("out", "sweep_result.partial")));
        Assert.False(File.Exists(files.PathOf("out", "sweep_result.csv")));

        FastSimProgram.Outcome forgetful = FastSimProgram.Run("sweep", "-c", sweep, "-q", "-o", files.PathOf("out"));
        Assert.Equal(2, forgetful.ExitCode);
        Assert.Equal(
            $"error: {files.PathOf("out")}: found an unfinished sweep; expected --resume to go on with it, or --restart to discard it", forgetful.Error.Trim());
        WriteLong(files, Divided);
        Assert.Equal(0, FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("out"), "--restart").ExitCode);
    }

    [Fact]
    public async Task An_unfinished_sweep_of_other_inputs_is_not_resumed()
    {
        using SweepFiles files = new();
        string sweep = WriteLong(files, Endless);
        using CancellationTokenSource stop = new();
        Task<int> sweeping = Begin(sweep, files.PathOf("out"), stop.Token);
        WaitForJournal(files.PathOf("out"), () => sweeping.IsCompleted);
        await stop.CancelAsync();
        Assert.Equal(130, await sweeping);

        string system = files.PathOf("systems", "SOW-U1-POR.json");
        File.WriteAllText(system, File.ReadAllText(system).Replace("6683", "6684", StringComparison.Ordinal));
        FastSimProgram.Outcome outcome = FastSimProgram.Run("sweep", "-c", sweep, "-q", "-o", files.PathOf("out"), "--resume");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(
            $"error: {files.PathOf("out")}: found an unfinished sweep of other files, options or another build; expected those it began with (--restart discards it)",
            outcome.Error.Trim());
    }

    [Fact]
    public void Two_processes_on_one_folder_are_refused()
    {
        using SweepFiles files = new();
        string sweep = WriteLong(files, Endless);
        using Process first = Start("sweep", "-c", sweep, "-o", files.PathOf("out"), "--threads", "1");
        WaitForJournal(files.PathOf("out"), first);
        FastSimProgram.Outcome second = FastSimProgram.Run("sweep", "-c", sweep, "-q", "-o", files.PathOf("out"), "--resume");
        first.Kill();
        first.WaitForExit();
        Assert.Equal(2, second.ExitCode);
        Assert.Equal($"error: {files.PathOf("out")}: another process is writing a sweep there; expected a folder of its own", second.Error.Trim());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(60)]
    public void Shards_merge_to_the_bytes_of_the_whole(int shards)
    {
        using SweepFiles files = new();
        string sweep = WriteLong(files, Divided);
        Assert.Equal(0, FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("whole")).ExitCode);
        if (shards == 1)
        {
            Assert.Equal(0, FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("parts"), "--shard", "1/1").ExitCode);
        }
        else
        {
            for (int shard = shards; shard >= 1; shard--)
            {
                Assert.Equal(
                    0,
                    FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("parts"), "--shard", string.Create(CultureInfo.InvariantCulture, $"{shard}/{shards}")).ExitCode);
            }

            Assert.Equal(0, FastSimProgram.Run("merge", "-q", "-c", sweep, "-o", files.PathOf("parts")).ExitCode);
        }

        AssertSame(files.PathOf("whole"), files.PathOf("parts"));
    }

    [Fact]
    public void A_merge_names_the_shard_that_is_missing_or_unfinished()
    {
        using SweepFiles files = new();
        string sweep = WriteLong(files, Divided);
        FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("out"), "--shard", "2/3");
        Assert.Equal(
            $"error: {files.PathOf("out")}: found 1 shards of 3; expected shard-1-of-3, shard-3-of-3 as well",
            FastSimProgram.Run("merge", "-q", "-c", sweep, "-o", files.PathOf("out")).Error.Trim());
        FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("out"), "--shard", "1/3");
        FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("out"), "--shard", "3/3");

        // Killed between the last block's rows and its mark.
        string journal = files.PathOf("out", "shard-3-of-3", "sweep_result.journal");
        File.WriteAllLines(journal, File.ReadAllLines(journal)[..^1]);

        Assert.Matches(
            "shard-3-of-3: found [0-9]+ of [0-9]+ blocks; expected a finished shard \\(sweep --shard 3/3 --resume goes on\\)",
            FastSimProgram.Run("merge", "-q", "-c", sweep, "-o", files.PathOf("out")).Error);
        Assert.Equal(0, FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("out"), "--shard", "3/3", "--resume").ExitCode);
        Assert.Equal(0, FastSimProgram.Run("merge", "-q", "-c", sweep, "-o", files.PathOf("out")).ExitCode);
    }

    [Fact]
    public void A_full_disk_is_an_error_and_the_sweep_goes_on_elsewhere_or_later()
    {
        using SweepFiles files = new();
        string sweep = WriteLong(files, Divided);
        string disk = files.PathOf("disk");
        Directory.CreateDirectory(disk);
        if (!OperatingSystem.IsLinux() || Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk) != 0)
        {
            Assert.Skip("a small disk takes the right to mount one");
        }

        try
        {
            FastSimProgram.Outcome outcome = FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", Path.Combine(disk, "out"));
            Assert.Equal(2, outcome.ExitCode);
            Assert.StartsWith($"error: {Path.Combine(disk, "out", "sweep_result.partial")}: cannot be written: ", outcome.Error, StringComparison.Ordinal);
            Assert.Single(outcome.Error.Trim().Split('\n'));
            Assert.False(File.Exists(Path.Combine(disk, "out", "sweep_result.csv")));

            Assert.Equal(0, Run("mount", "-o", "remount,size=80m", disk));
            Assert.Equal(0, FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", Path.Combine(disk, "out"), "--resume").ExitCode);
            Assert.Equal(0, FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("whole")).ExitCode);
            AssertSame(files.PathOf("whole"), Path.Combine(disk, "out"));
        }
        finally
        {
            Run("umount", disk);
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        using SweepFiles files = new();
        string sweep = WriteLong(files, Divided);
        files.Write("taken", "");
        FastSimProgram.Outcome outcome = FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("taken", "out"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith($"error: {files.PathOf("taken", "out")}: the folder of the results cannot be created: ", outcome.Error, StringComparison.Ordinal);
    }

    private static string WriteLong(SweepFiles files) => WriteLong(files, Long);

    private static string WriteLong(SweepFiles files, string axes) =>
        files.Write("long.json", $$"""{"runtime": "decode.json", "output": "out", "axes": [{{axes}}], "cost": "gib + gbps / 100"}""");

    private static void AssertSame(string expected, string actual) => Assert.All(
        Results,
        name => Assert.True(File.ReadAllBytes(Path.Combine(expected, name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(actual, name))), name));

    private static IEnumerable<string> FileNames(string folder) =>
        Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    /// <summary>Waits until a sweep has begun to write, or is over.</summary>
    private static void WaitForJournal(string folder, Process process) => WaitForJournal(folder, () => process.HasExited);

    private static void WaitForJournal(string folder, Func<bool> isOver)
    {
        string journal = Path.Combine(folder, "sweep_result.journal");
        while (!(File.Exists(journal) && File.ReadAllText(journal).Count(letter => letter == '\n') > 1) && !isOver())
        {
            Thread.Sleep(2);
        }
    }

    /// <summary>A sweep in this process, where no process has to die.</summary>
    private static Task<int> Begin(string sweep, string folder, CancellationToken stop) => Task.Run(
        () => SweepCommand.Run(
            new SweepOptions(sweep, folder, null, false, true, false, 1, LaneWidths.Best, false, false, new Shard(1, 1), false, null, false),
            new Terminal(TextWriter.Null, TextWriter.Null, isInteractive: false),
            stop),
        CancellationToken.None);

    /// <summary>The program in a process of its own, which can be killed.</summary>
    private static Process Start(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "fastsim.dll"), .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        if (!IgnoresInterrupts())
        {
            return Process.Start(start)!;
        }

        // A shell starts what runs in the background with interrupts ignored, and a process hands that on: the program is to get them.
        Handle(InterruptSignal, DefaultHandling);
        try
        {
            return Process.Start(start)!;
        }
        finally
        {
            Handle(InterruptSignal, Ignored);
        }
    }

    private static bool IgnoresInterrupts() => File.Exists(StatusFile)
        && File.ReadLines(StatusFile).FirstOrDefault(line => line.StartsWith(IgnoredMask, StringComparison.Ordinal)) is { } mask
        && (Convert.ToUInt64(mask[IgnoredMask.Length..].Trim(), 16) & (1ul << (InterruptSignal - 1))) != 0;

    private static int Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    [DllImport("libc", EntryPoint = "signal")]
    private static extern nint Handle(int signal, nint handler);

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Interrupt(int process, int signal);
}

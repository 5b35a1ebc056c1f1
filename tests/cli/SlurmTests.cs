using System.Diagnostics;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>The job-array script of docs/cluster on a real Slurm of one node.</summary>
public sealed class SlurmTests
{
    [Fact]
    public async Task A_job_array_leaves_the_bytes_of_one_run()
    {
        if (!OperatingSystem.IsLinux() || !new[] { "/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/bin/sbatch" }.All(File.Exists))
        {
            Assert.Skip("Slurm is not installed");
        }

        TestLength.SkipUnlessLong("a cluster of one node is started");

        using SweepFiles files = new();
        string sweep = files.Write(
            "long.json",
            """
            {"runtime": "decode.json", "output": "out", "axes": [
              {"name": "gib", "path": "system.mem1.GiB", "geometric": [36, 288, 200]},
              {"name": "gbps", "path": "system.mem1.GBps", "geometric": [2000, 16000, 100]}]}
            """);
        Assert.Equal(0, FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("whole")).ExitCode);
        ProcessStartInfo start = new(
            Repository.PathOf("tests", "cluster", "single-node-slurm.sh"),
            [files.PathOf("slurm"), Repository.PathOf("docs", "cluster", "sweep.sbatch"), sweep, files.PathOf("parts")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["FASTSIM"] = $"dotnet {Path.Combine(AppContext.BaseDirectory, "fastsim.dll")}";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{output}\n{await error}\n{Logs(files)}");
        foreach (string name in new[] { "sweep_result.csv", "best.csv", "sensitivity.csv", "report.html" })
        {
            Assert.True(
                File.ReadAllBytes(files.PathOf("whole", name)).AsSpan().SequenceEqual(File.ReadAllBytes(files.PathOf("parts", name))), name);
        }
    }

    private static string Logs(SweepFiles files) => Directory.Exists(files.PathOf("slurm", "log"))
        ? string.Join('\n', Directory.EnumerateFiles(files.PathOf("slurm", "log")).Select(File.ReadAllText))
        : "";
}

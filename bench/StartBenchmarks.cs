using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;

namespace FastSim.Bench;

/// <summary>The whole process: start, the README's sample job, tables written, exit.</summary>
[MedianColumn]
[SimpleJob(RunStrategy.Monitoring, launchCount: 1, warmupCount: 2, iterationCount: 15)]
public class StartBenchmarks
{
    private readonly string output = Directory.CreateTempSubdirectory("fastsim-bench-").FullName;

    /// <summary>One run of the program.</summary>
    [Benchmark]
    public int Process()
    {
        string program = typeof(Cli.Commands.RunCommand).Assembly.Location;
        using Process process = System.Diagnostics.Process.Start(new ProcessStartInfo(
            "dotnet", [program, "run", "-c", BenchInputs.PathOf("data", "runtimes", "sample.json"), "-o", output, "-q"]))!;
        process.WaitForExit();
        return process.ExitCode == 0 ? 0 : throw new InvalidOperationException("the sample run failed");
    }

    /// <summary>Removes what was written.</summary>
    [GlobalCleanup]
    public void Remove() => Directory.Delete(output, recursive: true);
}

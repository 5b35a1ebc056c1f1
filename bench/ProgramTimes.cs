using System.Diagnostics;
using System.Runtime.InteropServices;

namespace FastSim.Bench;

/// <summary>Processor time and wall time of programs, as the system counts them.</summary>
internal static class ProgramTimes
{
    private const int Children = -1;
    private const double MicrosecondsPerSecond = 1e6;

    /// <summary>Runs a program to its end, and says what it took.</summary>
    /// <param name="program">The program; of a managed one its assembly.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static (double ProcessorSeconds, double Seconds) Of(string program, params string[] arguments)
    {
        bool isManaged = program.EndsWith(".dll", StringComparison.Ordinal);
        ProcessStartInfo start = new(isManaged ? "dotnet" : program, isManaged ? [program, .. arguments] : arguments)
        {
            RedirectStandardOutput = true,
        };
        double before = ProcessorSeconds();
        Stopwatch watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double seconds = watch.Elapsed.TotalSeconds;
        return process.ExitCode == 0
            ? (ProcessorSeconds() - before, seconds)
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}");
    }

    /// <summary>The least of several runs: whatever else the machine does only adds to it.</summary>
    public static (double ProcessorSeconds, double Seconds) LeastOf(int runs, string program, params string[] arguments)
    {
        (double ProcessorSeconds, double Seconds)[] all = [.. Enumerable.Range(0, runs).Select(_ => Of(program, arguments))];
        return (all.Min(run => run.ProcessorSeconds), all.Min(run => run.Seconds));
    }

    private static double ProcessorSeconds()
    {
        Usage usage = default;
        if (GetUsage(Children, ref usage) != 0)
        {
            throw new InvalidOperationException("the system does not say what processes took");
        }

        return usage.UserSeconds + usage.SystemSeconds + ((usage.UserMicroseconds + usage.SystemMicroseconds) / MicrosecondsPerSecond);
    }

    [DllImport("libc", EntryPoint = "getrusage")]
    private static extern int GetUsage(int who, ref Usage usage);

    /// <summary>What the C library calls <c>struct rusage</c>: two times, and fourteen numbers of no account here.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 18 * sizeof(long))]
    private struct Usage
    {
        public long UserSeconds;
        public long UserMicroseconds;
        public long SystemSeconds;
        public long SystemMicroseconds;
    }
}

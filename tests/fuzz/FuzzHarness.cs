using System.Diagnostics;
using System.Globalization;
using FastSim.Cli.Commands;
using FastSim.Tests;

namespace FastSim.Fuzz.Tests;

/// <summary>
/// Runs the program in this process on one spoilt input after another, and holds every run to what a user may rely on: an exit code that
/// is documented, an error in one line, an end within ten seconds, a gigabyte of memory at most, no number that is none, and nothing left
/// of what failed.
/// </summary>
internal static class FuzzHarness
{
    private const long MostBytes = 1L << 30;
    private const int MostFaults = 5;
    private const int PatientWaits = 6;
    private const int StackBytes = 8 << 20;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly string[] NoNumbers = ["NaN", "-NaN", "Infinity", "-Infinity", "∞", "-∞"];

    /// <summary>Runs some inputs.</summary>
    /// <param name="format">Their format.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Number of the first; each input has a number that makes it again.</param>
    /// <returns>How many exits there were of each code.</returns>
    public static IReadOnlyDictionary<int, int> Run(FuzzFormat format, int count, int seed)
    {
        using TemporaryFolder folder = new();
        format.Prepare(folder);
        SortedDictionary<int, int> exits = [];
        List<string> faults = [];
        for (int input = seed; input < seed + count && faults.Count < MostFaults; input++)
        {
            FuzzCommand command = format.Next(new Random(input), folder);
            if (Check(command, folder, exits) is { } fault)
            {
                faults.Add($"{format.Name} {input}: {fault}; kept in {Keep(format, input, folder)}");
            }

            Clean(folder);
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        return exits;
    }

    private static string? Check(FuzzCommand command, TemporaryFolder folder, SortedDictionary<int, int> exits)
    {
        long allocated = GC.GetTotalAllocatedBytes();
        FastSimProgram.Outcome? outcome = null;
        Exception? thrown = null;
        Stopwatch watch = Stopwatch.StartNew();
        Thread thread = new(
            () =>
            {
                try
                {
                    outcome = FastSimProgram.Run(command.Arguments);
                }
                catch (Exception exception)
                {
                    thrown = exception;
                }
            },
            StackBytes)
        { IsBackground = true };
        thread.Start();
        if (!Ends(thread))
        {
            return "no end within 10 s";
        }

        if (thrown is not null)
        {
            return $"thrown: {thrown}";
        }

        exits[outcome!.ExitCode] = exits.GetValueOrDefault(outcome.ExitCode) + 1;
        long bytes = GC.GetTotalAllocatedBytes() - allocated;
        using Process self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64 > MostBytes
            ? string.Create(CultureInfo.InvariantCulture, $"{self.PeakWorkingSet64 >> 20} MiB held, {bytes >> 20} MiB allocated, after {watch.Elapsed.TotalSeconds:0.0} s")
            : Misbehaviour(command, folder, outcome);
    }

    /// <summary>Whether a run ends in time: of the process's own time, since others may have the machine, but not for ever.</summary>
    private static bool Ends(Thread thread)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        for (int wait = 0; wait < PatientWaits; wait++)
        {
            if (thread.Join(Longest))
            {
                return true;
            }

            if (Environment.CpuUsage.TotalTime - before > Longest)
            {
                return false;
            }
        }

        return false;
    }

    private static string? Misbehaviour(FuzzCommand command, TemporaryFolder folder, FastSimProgram.Outcome outcome)
    {
        string[] lines = outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] errors = [.. lines.Where(line => !line.StartsWith("warning: ", StringComparison.Ordinal))];
        string said = $"exit {outcome.ExitCode}: {string.Join(" | ", lines)}";
        switch (outcome.ExitCode)
        {
            case ExitCodes.Success or ExitCodes.NoPlan or ExitCodes.Interrupted when errors.Length == 0:
                break;
            case ExitCodes.BadInput when errors is [['e', 'r', 'r', 'o', 'r', ':', ' ', ..]]:
                break;
            default:
                return said;
        }

        if (outcome.Error.Contains("(Parameter '", StringComparison.Ordinal) || outcome.Error.Contains("   at ", StringComparison.Ordinal)
            || outcome.Error.Contains("Object reference", StringComparison.Ordinal) || outcome.Error.Contains('\0', StringComparison.Ordinal))
        {
            return said;
        }

        string[] left = [.. command.Outputs.SelectMany(pattern => Matching(folder, pattern))];
        if (outcome.ExitCode == ExitCodes.BadInput && left.Length > 0)
        {
            return $"{said}, and yet it left {string.Join(", ", left)}";
        }

        if (Directory.GetFiles(folder.Root, "*.tmp", SearchOption.AllDirectories) is { Length: > 0 } temporary)
        {
            return $"{said}, and it left {string.Join(", ", temporary)}";
        }

        return NoNumberIn(outcome.Output) ?? left.Select(NoNumberOf).FirstOrDefault(found => found is not null);
    }

    private static string? NoNumberOf(string file)
    {
        if (file.EndsWith(".csv", StringComparison.Ordinal))
        {
            CsvTable table = CsvTable.Load(file);
            string[]? row = table.Rows.FirstOrDefault(row => row.Length != table.Header.Count || row.Any(NoNumbers.Contains));
            return row is null ? null : $"{Path.GetFileName(file)}: {string.Join(',', row)}";
        }

        return file.EndsWith(".svg", StringComparison.Ordinal) || file.EndsWith(".json", StringComparison.Ordinal) ? NoNumberIn(File.ReadAllText(file)) : null;
    }

    private static string? NoNumberIn(string text) => Array.Find(NoNumbers, word => text.Contains(word, StringComparison.Ordinal)) is { } found
        ? $"{found} among what it says: {text[..Math.Min(300, text.Length)]}"
        : null;

    private static string[] Matching(TemporaryFolder folder, string pattern)
    {
        string path = folder.PathOf(pattern);
        string parent = Path.GetDirectoryName(path)!;
        return Directory.Exists(parent) ? Directory.GetFiles(parent, Path.GetFileName(path)) : [];
    }

    /// <summary>Outputs go; inputs are written anew or stay.</summary>
    private static void Clean(TemporaryFolder folder)
    {
        foreach (string path in Directory.GetFileSystemEntries(folder.Root))
        {
            string name = Path.GetFileName(path);
            if (name == "out" && Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else if (name is "out.csv" or "out.svg" or "converted.json" or "calibrated.json")
            {
                File.Delete(path);
            }
        }
    }

    private static string Keep(FuzzFormat format, int input, TemporaryFolder folder)
    {
        string kept = Path.Combine(Path.GetTempPath(), "fastsim-fuzz", string.Create(CultureInfo.InvariantCulture, $"{format.Name}-{input}"));
        foreach (string file in Directory.GetFiles(folder.Root, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(kept, Path.GetRelativePath(folder.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            try
            {
                File.Copy(file, target, overwrite: true);
            }
            catch (IOException)
            {
                // A run that did not end still holds it.
            }
        }

        return kept;
    }
}

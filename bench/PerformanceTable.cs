using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics;
using System.Text;
using FastSim.Kernels.Lanes;
using static FastSim.Bench.PerformanceRows;

namespace FastSim.Bench;

/// <summary>
/// <c>bench/performance</c>: what the kernel, a sweep and predictions cost on this processor, ratios first, as a table of docs/performance.md between marks
/// that name the processor. A table of the same processor is replaced.
/// </summary>
internal static class PerformanceTable
{
    private const int KernelRounds = 21;
    private const int KernelRunsPerRound = 20;
    private const int KernelCandidates = 4096;
    private const double Jobs = 2;

    private const string SweepText =
        """
        {"runtime": "RUNTIME", "output": "OUTPUT", "result": "RESULT", "report": false, "axes": [
          {"name": "gib", "path": "system.mem1.GiB", "geometric": [60, 400, STEPS]}, {"name": "gbps", "path": "system.mem1.GBps", "geometric": [2000, 20000, STEPS]},
          {"name": "tflops", "path": "system.matrix.float8.tflops", "geometric": [1000, 10000, STEPS]}, {"name": "link", "path": "system.networks[0].bandwidth", "geometric": [100, 2000, STEPS]}]}
        """;

    /// <summary>Measures and writes.</summary>
    /// <returns>0; 2 where options are missing or unknown.</returns>
    public static int Run(string[] words)
    {
        if (PerformanceOptions.Of(words) is not { } options)
        {
            Console.Error.WriteLine(PerformanceOptions.Usage);
            return 2;
        }

        string processor = Processor();
        string table = Table(processor, options.Commit, options.IsShort, Path.GetFullPath(options.Native), Path.GetFullPath(options.Managed));
        string? file = options.Into ?? (options.IsShort ? null : BenchInputs.PathOf("docs", "performance.md"));
        if (file is null)
        {
            Console.Write(table);
            return 0;
        }

        File.WriteAllText(file, Placed(File.Exists(file) ? File.ReadAllText(file) : "", processor, table));
        return 0;
    }

    /// <summary>Measures the kernel alone, and prints its rows.</summary>
    /// <returns>0.</returns>
    public static int RunKernel()
    {
        PerformanceRows rows = new();
        Kernel(rows);
        Console.Write(rows);
        return 0;
    }

    /// <summary>A text with a table in the place of an earlier one of the processor, or after the last.</summary>
    internal static string Placed(string text, string processor, string table)
    {
        (string start, string end) = Marks(processor);
        int from = text.IndexOf(start, StringComparison.Ordinal);
        int to = from < 0 ? -1 : text.IndexOf(end, from, StringComparison.Ordinal);
        if (to >= 0)
        {
            int after = to + end.Length;
            return text[..from] + table + text[(after < text.Length && text[after] == '\n' ? after + 1 : after)..];
        }

        const string AnyEnd = "<!-- end of table: ";
        int last = text.LastIndexOf(AnyEnd, StringComparison.Ordinal);
        int place = last < 0 ? text.Length : text.IndexOf('\n', last) + 1;
        return $"{text[..place]}\n{table}{text[place..]}";
    }

    private static (string Start, string End) Marks(string processor) => ($"<!-- table: {processor} -->", $"<!-- end of table: {processor} -->");

    private static string Table(string processor, string commit, bool isShort, string native, string managed)
    {
        (string start, string end) = Marks(processor);
        StringBuilder text = new();
        string form = isShort ? ", short form" : "";
        text.Append(CultureInfo.InvariantCulture, $"{start}\n### {processor}\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} processors, vectors of {(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128)} bits, .NET {Environment.Version}, commit {commit}{form}; processor time unless said otherwise.\n\n");
        text.Append("| what | ratio | measured |\n|---|---|---|\n");
        PerformanceRows rows = new();
        double bare = Kernel(rows);
        SearchRows.Add(rows, isShort);
        using Folder folder = new();
        Sweeps(rows, bare, isShort, folder, native, managed);
        Predictions(rows, isShort, native, managed);
        Starts(rows, folder, native, managed);
        text.Append(rows);
        text.Append(CultureInfo.InvariantCulture, $"{end}\n");
        return text.ToString();
    }

    /// <summary>The kernel against the bare loop, interleaved in this process.</summary>
    /// <returns>Nanoseconds a candidate of the bare loop.</returns>
    private static double Kernel(PerformanceRows rows)
    {
        LimitBenchmarks limit = new();
        limit.Setup();
        KernelBenchmarks flat = new() { Tables = false };
        flat.Setup();
        KernelBenchmarks tables = new() { Tables = true };
        tables.Setup();
        bool isWide = LaneWidths.Best == LaneWidth.Bits512;
        (string Name, Action Run)[] all =
        [
            ("bare loop", limit.BareLoop),
            ("chips, flat", isWide ? flat.ChipsBits512 : flat.ChipsBits256),
            ("chips, tables", isWide ? tables.ChipsBits512 : tables.ChipsBits256),
            ("batches, flat", isWide ? flat.Bits512 : flat.Bits256),
            ("batches, tables", isWide ? tables.Bits512 : tables.Bits256),
            ("chips, one lane", flat.ChipsScalar),
            ("reference", () => flat.Reference()),
        ];
        double[][] times = [.. all.Select(_ => new double[KernelRounds])];

        // The first rounds bring the compiler's last tier into place everywhere.
        for (int round = -KernelRounds; round < KernelRounds; round++)
        {
            for (int index = 0; index < all.Length; index++)
            {
                Stopwatch watch = Stopwatch.StartNew();
                for (int run = 0; run < KernelRunsPerRound; run++)
                {
                    all[index].Run();
                }

                times[index][Math.Max(0, round)] = watch.Elapsed.TotalNanoseconds / KernelRunsPerRound / KernelCandidates;
            }
        }

        double[] medians = [.. times.Select(each => each.Order().ElementAt(KernelRounds / 2))];
        rows.Add($"kernel at {LaneWidths.Best}: chips, flat, to the bare loop", medians[1] / medians[0], $"{Digits(medians[1])} to {Digits(medians[0])} ns a candidate");
        rows.Add("chips, tables to flat", medians[2] / medians[1], $"{Digits(medians[2])} ns");
        rows.Add("batches of one chip, tables to flat", medians[4] / medians[3], $"{Digits(medians[4])} to {Digits(medians[3])} ns");
        rows.Add("chips, one lane to vectors", medians[5] / medians[1], $"{Digits(medians[5])} ns");
        rows.Add("batches of one chip to the bare loop", medians[3] / medians[0], $"{Digits(medians[3])} ns");
        rows.Add("the reference evaluator to chips", medians[6] / medians[1], $"{Digits(medians[6])} ns");
        return medians[0];
    }

    private static void Sweeps(PerformanceRows rows, double bare, bool isShort, Folder folder, string native, string managed)
    {
        int steps = isShort ? 14 : 32;
        double answers = Math.Pow(steps, 4) * Jobs;
        string large = folder.Sweep("large.json", steps, "rows.csv");
        string columns = folder.Sweep("columns.json", steps, "rows.parquet");
        string small = folder.Sweep("small.json", 10, "rows.csv");
        (double csv, double wall) = ProgramTimes.Of(native, "sweep", "-q", "-c", large);
        (double parquet, _) = ProgramTimes.Of(native, "sweep", "-q", "-c", columns);
        (double managedCsv, _) = ProgramTimes.Of(managed, "sweep", "-q", "-c", large);
        (double ten, double tenWall) = ProgramTimes.LeastOf(3, native, "sweep", "-q", "-c", small);
        double microseconds = csv / answers * 1e6;
        rows.Add(
            $"sweep of {steps * steps * (double)steps * steps:N0} variants × 2 jobs, native, an answer with its row and tables to bare-loop candidates",
            microseconds * 1000 / bare,
            $"{Digits(microseconds)} µs an answer, {Digits(csv)} s, {Digits(wall)} s of wall time");
        rows.Add("the same, native to managed", csv / managedCsv, $"{Digits(csv)} to {Digits(managedCsv)} s");
        rows.Add("the same, Parquet to CSV", parquet / csv, $"{Digits(parquet)} s");
        rows.Add("10,000 variants × 2 jobs as a native process, wall to processor time", tenWall / ten, $"{Digits(tenWall * 1000)} to {Digits(ten * 1000)} ms");
    }

    private static void Predictions(PerformanceRows rows, bool isShort, string native, string managed)
    {
        int count = isShort ? 10_000 : 100_000;
        double own = 0;
        foreach (bool hasOwnLengths in new[] { true, false })
        {
            DeploymentTable table = new(count, hasOwnLengths);
            string[] arguments =
            [
                "predict", "-q", "-t", table.Path, "-o", table.Output, "--models", BenchInputs.PathOf("bench", "inputs", "models"),
                "--systems", BenchInputs.PathOf("data", "systems"), "--threads", "1",
            ];
            (double seconds, _) = ProgramTimes.Of(native, arguments);
            double each = seconds / count * 1e6;
            if (hasOwnLengths)
            {
                own = each;
                (double byManaged, _) = ProgramTimes.Of(managed, arguments);
                rows.Add($"predict, {count:N0} rows of lengths of their own, native to managed", seconds / byManaged, $"{Digits(each)} µs a row, {Digits(seconds)} s");
            }
            else
            {
                rows.Add("predict, layouts that come again to lengths of their own", each / own, $"{Digits(each)} µs a row");
            }

            table.Remove();
        }
    }

    private static void Starts(PerformanceRows rows, Folder folder, string native, string managed)
    {
        (string What, string[] Arguments)[] all =
        [
            ("--version", ["--version"]),
            ("the README's sample job", ["run", "-q", "-c", BenchInputs.PathOf("data", "runtimes", "sample.json"), "-o", folder.PathOf("sample")]),
        ];
        foreach ((string what, string[] arguments) in all)
        {
            (double byNative, double wall) = ProgramTimes.LeastOf(5, native, arguments);
            (double byManaged, double managedWall) = ProgramTimes.LeastOf(5, managed, arguments);
            rows.Add($"{what}, native to managed", byNative / byManaged, $"{Digits(wall * 1000)} to {Digits(managedWall * 1000)} ms of wall time");
        }
    }

    private static string Processor()
    {
        const string Name = "model name";
        const string Cpus = "/proc/cpuinfo";
        string[] lines = File.Exists(Cpus) ? File.ReadAllLines(Cpus) : [];
        string Field(string name) => lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
        return $"{Field(Name)}, family {Field("cpu family")}, model {Field("model\t")}";
    }

    /// <summary>Sweeps and their results in a folder of their own.</summary>
    private sealed class Folder : IDisposable
    {
        private readonly string path = Directory.CreateTempSubdirectory("fastsim-performance-").FullName;

        public string PathOf(string name) => Path.Combine(path, name);

        public string Sweep(string name, int steps, string result)
        {
            string text = SweepText
                .Replace("RUNTIME", BenchInputs.PathOf("data", "runtimes", "sample.json"), StringComparison.Ordinal)
                .Replace("OUTPUT", PathOf($"{name}.out"), StringComparison.Ordinal)
                .Replace("RESULT", result, StringComparison.Ordinal)
                .Replace("STEPS", steps.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            File.WriteAllText(PathOf(name), text);
            return PathOf(name);
        }

        public void Dispose() => Directory.Delete(path, recursive: true);
    }
}

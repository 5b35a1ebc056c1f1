using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace FastSim.Bench;

/// <summary>
/// Compares two results, or two builds that it measures first: the ratio of medians of each benchmark, and the band that the quartiles of
/// both span. Exit code 1 when some benchmark's whole band lies above the threshold.
/// </summary>
internal static class Comparison
{
    private const double DefaultThreshold = 1.1;

    public static int Run(string[] arguments)
    {
        double threshold = DefaultThreshold;
        bool isValid = arguments.Length == 2
            || (arguments.Length == 4 && arguments[2] == "--threshold"
                && double.TryParse(arguments[3], NumberStyles.Float, CultureInfo.InvariantCulture, out threshold) && threshold > 0);
        if (!isValid || !Array.TrueForAll(arguments[..2], Path.Exists))
        {
            Console.Error.WriteLine(
                "error: expected two paths that exist and, if wanted, --threshold RATIO; each path is a folder of a benchmark build"
                + " (with FastSim.Bench.dll), or a BenchmarkDotNet JSON result, or a folder of them");
            return 2;
        }

        Dictionary<string, Spread> before = Measure(arguments[0]);
        Dictionary<string, Spread> after = Measure(arguments[1]);
        bool isWorse = false;
        foreach ((string name, Spread old) in before.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!after.TryGetValue(name, out Spread? now))
            {
                Console.WriteLine($"{name}: only in the first");
                continue;
            }

            double low = now.LowerQuartile / old.UpperQuartile;
            double high = now.UpperQuartile / old.LowerQuartile;
            string verdict = low > threshold ? "slower" : high < 1 / threshold ? "faster" : "same";
            isWorse |= low > threshold;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{name}: {now.Median / old.Median:0.000} ({low:0.000} to {high:0.000}) {verdict}"));
        }

        return isWorse ? 1 : 0;
    }

    private static Dictionary<string, Spread> Measure(string path)
    {
        string program = Path.Combine(path, "FastSim.Bench.dll");
        if (!File.Exists(program))
        {
            return Read(path);
        }

        string artifacts = Directory.CreateTempSubdirectory("fastsim-compare-").FullName;
        ProcessStartInfo start = new(
            "dotnet", [program, "--filter", "*KernelBenchmarks*", "--exporters", "fulljson", "--artifacts", artifacts]);
        start.Environment[ProductConfig.InProcessVariable] = "1";
        start.Environment[ProductConfig.GuidanceVariable] = "0";
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        Dictionary<string, Spread> spreads = Read(artifacts);
        Directory.Delete(artifacts, recursive: true);
        return spreads;
    }

    private static Dictionary<string, Spread> Read(string path)
    {
        string[] files = Directory.Exists(path) ? Directory.GetFiles(path, "*-report-full*.json", SearchOption.AllDirectories) : [path];
        Dictionary<string, Spread> spreads = [];
        foreach (string file in files)
        {
            using JsonDocument report = JsonDocument.Parse(File.ReadAllText(file));
            foreach (JsonElement benchmark in report.RootElement.GetProperty("Benchmarks").EnumerateArray())
            {
                JsonElement statistics = benchmark.GetProperty("Statistics");
                if (statistics.ValueKind == JsonValueKind.Object)
                {
                    spreads[benchmark.GetProperty("FullName").GetString()!] = new Spread(
                        statistics.GetProperty("Median").GetDouble(),
                        statistics.GetProperty("Q1").GetDouble(),
                        statistics.GetProperty("Q3").GetDouble());
                }
            }
        }

        return spreads;
    }

    private sealed record Spread(double Median, double LowerQuartile, double UpperQuartile);
}

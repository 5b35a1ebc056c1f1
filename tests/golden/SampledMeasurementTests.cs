using System.Globalization;
using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>Truth that a clone has: samples of measured operators, kernels and serving runs (tests/golden/samples/README.md).</summary>
public sealed class SampledMeasurementTests
{
    private static readonly string Samples = Repository.PathOf("tests", "golden", "samples");

    private static readonly (string Family, double MostMedian)[] Families =
        [("gemm", 0.12), ("decode_attention", 0.15), ("prefill_attention", 0.15), ("experts", 0.2), ("all_reduce", 0.15)];

    private static readonly (string Module, double MostMedian)[] Modules =
        [("dsa_generation_module total", 0.15), ("dsa_context_module total", 0.15), ("mla_generation_module total", 0.12), ("mla_context_module total", 0.12)];

    [Fact]
    public void Operators_are_fitted_as_closely_as_they_must()
    {
        using JsonDocument printed = Calibrate("ops");
        Dictionary<string, JsonElement> families = printed.RootElement.GetProperty("families").EnumerateArray()
            .ToDictionary(family => family.GetProperty("family").GetString()!);
        Assert.All(Families, bound =>
        {
            double median = MeasuredCalibration.Median(families[bound.Family], "all");
            Assert.True(median <= bound.MostMedian, $"{bound.Family}: {median:P1}");
            Assert.True(median < MeasuredCalibration.Median(families[bound.Family], "flat"), bound.Family);
        });
    }

    [Fact]
    public void Blocks_come_as_close_as_they_must()
    {
        using JsonDocument printed = Calibrate("modules");
        Dictionary<string, JsonElement> modules = printed.RootElement.GetProperty("modules").EnumerateArray()
            .ToDictionary(module => module.GetProperty("module").GetString()!);
        Assert.All(Modules, bound =>
        {
            double median = MeasuredCalibration.Median(modules[bound.Module], "all");
            Assert.True(median <= bound.MostMedian, $"{bound.Module}: {median:P1}");
        });
    }

    [Fact]
    public void Serving_runs_come_as_close_as_they_must()
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "validate", "-t", Path.Combine(Samples, "serving.csv"), "--models", Path.Combine(Samples, "models"), "--systems", Repository.PathOf("data", "systems"), "--json");
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        Dictionary<string, JsonElement> kinds = json.RootElement.GetProperty("groups").EnumerateArray()
            .Where(group => group.GetProperty("group").GetString() == "all")
            .ToDictionary(group => group.GetProperty("by").GetString()!);
        Assert.InRange(Figure(kinds["agg"], "timePerOutputToken", "rows"), 200, 210);
        Assert.InRange(Figure(kinds["agg"], "timePerOutputToken", "medianError"), 0, 0.1);
        Assert.InRange(Figure(kinds["agg"], "timePerOutputToken", "meanError"), 0, 0.17);
        Assert.InRange(Figure(kinds["agg"], "timeToFirstToken", "medianError"), 0, 0.27);
        Assert.InRange(Figure(kinds["disagg"], "timePerOutputToken", "medianError"), 0, 0.16);
    }

    private static JsonDocument Calibrate(string folder)
    {
        using TemporaryFolder measured = new();
        foreach (string file in Directory.GetFiles(Path.Combine(Samples, folder, "h100_sxm"), "*.csv"))
        {
            CsvTable table = CsvTable.Load(file);
            MeasuredParquet.Write(
                measured.PathOf($"{Path.GetFileNameWithoutExtension(file)}_perf.parquet"),
                [.. table.Header.Select((name, column) => (name, Column([.. table.Rows.Select(row => row[column])])))]);
        }

        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "calibrate", "--ops", measured.PathOf("."), "--system", Repository.PathOf("data", "systems", "H100_SXM.json"), "-o", measured.PathOf("out.json"), "--json");
        Assert.Equal(0, outcome.ExitCode);
        return JsonDocument.Parse(outcome.Output);
    }

    private static Array Column(string[] texts) =>
        Array.TrueForAll(texts, text => double.TryParse(text, CultureInfo.InvariantCulture, out _))
            ? Array.ConvertAll(texts, text => double.Parse(text, CultureInfo.InvariantCulture))
            : texts;

    private static double Figure(JsonElement group, string latency, string name) => group.GetProperty(latency).GetProperty(name).GetDouble();
}

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

    [Fact]
    public void Operators_are_fitted_as_closely_as_they_must()
    {
        using JsonDocument printed = Calibrate("ops");
        MeasuredOperatorTests.Hold(printed, Families);
    }

    [Fact]
    public void Blocks_come_as_close_as_they_must()
    {
        using JsonDocument printed = Calibrate("modules");
        MeasuredModuleTests.HoldModules(printed);
    }

    [Fact]
    public void Serving_runs_come_as_close_as_they_must()
    {
        using MeasuredServing measured = MeasuredServing.Of(Path.Combine(Samples, "serving.csv"), Path.Combine(Samples, "models"));
        Assert.InRange(measured.Figure("agg", "timePerOutputToken", "rows"), 200, 210);
        Assert.InRange(measured.Figure("agg", "timePerOutputToken", "medianError"), 0, 0.1);
        Assert.InRange(measured.Figure("agg", "timePerOutputToken", "meanError"), 0, 0.17);
        Assert.InRange(measured.Figure("agg", "timeToFirstToken", "medianError"), 0, 0.27);
        Assert.InRange(measured.Figure("disagg", "timePerOutputToken", "medianError"), 0, 0.16);
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
}

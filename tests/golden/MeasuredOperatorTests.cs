using System.Text.Json;
using FastSim.Cli.Commands;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>Operators measured on real chips: what calibration must reach on each chip's own, on fewer cases than it usually fits to.</summary>
public sealed class MeasuredOperatorTests
{
    private const int Cases = 800;

    private static readonly (string Family, double MostMedian)[] Bounds =
        [("gemm", 0.12), ("decode_attention", 0.15), ("experts", 0.20), ("all_reduce", 0.15)];

    [Theory]
    [InlineData("a100_sxm", "A100_SXM_80GB")]
    [InlineData("h100_sxm", "H100_SXM")]
    [InlineData("b200_sxm", "B200")]
    public void Fitted_operators_come_as_close_as_they_must(string measured, string system)
    {
        string operators = Repository.SharedOrSkip("data", "measured", "ops", measured);
        using TemporaryFolder folder = new();
        using StringWriter output = new();
        using StringWriter error = new();
        CalibrateOptions options = new(
            [operators],
            Repository.PathOf("data", "systems", $"{system}.json"),
            folder.PathOf("out.json"),
            null,
            Environment.ProcessorCount,
            Quiet: false,
            Json: true);
        int exitCode = CalibrateCommand.Run(options with { MostCases = Cases }, new Terminal(output, error, isInteractive: false));
        Assert.Equal(0, exitCode);
        using JsonDocument json = JsonDocument.Parse(output.ToString());
        Dictionary<string, JsonElement> families = json.RootElement.GetProperty("families").EnumerateArray()
            .ToDictionary(family => family.GetProperty("family").GetString()!);
        Assert.All(Bounds, bound =>
        {
            JsonElement family = families[bound.Family];
            double median = Median(family, "all");
            Assert.True(median <= bound.MostMedian, $"{bound.Family}: {median:P1}");
            Assert.True(median < Median(family, "flat"), bound.Family);
        });
    }

    private static double Median(JsonElement family, string which) => family.GetProperty(which).GetProperty("medianError").GetDouble();
}

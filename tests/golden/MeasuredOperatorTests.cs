using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>Operators measured on real chips: what calibration must reach on each chip's own, on fewer cases than it usually fits to.</summary>
public sealed class MeasuredOperatorTests
{
    private const string Sample = "800";

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
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "calibrate", "--ops", operators, "--system", Repository.PathOf("data", "systems", $"{system}.json"), "-o", folder.PathOf("out.json"),
            "--sample", Sample, "--json");
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
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

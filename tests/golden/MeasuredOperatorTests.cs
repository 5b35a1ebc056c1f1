using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>Operators measured on real chips: what calibration must reach on each chip's own, on fewer cases than it usually fits to.</summary>
public sealed class MeasuredOperatorTests
{
    private static readonly (string Family, double MostMedian)[] Bounds =
        [("gemm", 0.12), ("decode_attention", 0.15), ("experts", 0.20), ("all_reduce", 0.15)];

    [Theory]
    [InlineData("a100_sxm", "A100_SXM_80GB")]
    [InlineData("h100_sxm", "H100_SXM")]
    [InlineData("b200_sxm", "B200")]
    public void Fitted_operators_come_as_close_as_they_must(string measured, string system)
    {
        TestLength.SkipUnlessLong("all that was measured on a chip, of which the repository has samples");
        using JsonDocument json = MeasuredCalibration.Run("ops", measured, system);
        Hold(json, Bounds);
    }

    /// <summary>Families come as close as they must, and closer than a flat efficiency.</summary>
    internal static void Hold(JsonDocument printed, (string Family, double MostMedian)[] bounds)
    {
        Dictionary<string, JsonElement> families = printed.RootElement.GetProperty("families").EnumerateArray()
            .ToDictionary(family => family.GetProperty("family").GetString()!);
        Assert.All(bounds, bound =>
        {
            JsonElement family = families[bound.Family];
            double median = MeasuredCalibration.Median(family, "all");
            Assert.True(median <= bound.MostMedian, $"{bound.Family}: {median:P1}");
            Assert.True(median < MeasuredCalibration.Median(family, "flat"), bound.Family);
        });
    }
}

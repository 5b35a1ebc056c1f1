using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>Attention of encoders, measured on real chips: what the timings of their systems are off by, and what calibration must reach.</summary>
public sealed class MeasuredEncoderTests
{
    private const double MostMedian = 0.15;
    private const string Sample = "400";

    [Theory]
    [InlineData("h100_sxm", "H100_SXM", 0.08)]
    [InlineData("b200_sxm", "B200", 0.09)]
    [InlineData("l40s", "L40S", MostMedian)]
    public void Fitted_attention_comes_as_close_as_it_must(string measured, string system, double most)
    {
        string operators = Path.Combine(Repository.SharedOrSkip("data", "measured", "modules", measured), "encoder_attention_perf.parquet");
        using TemporaryFolder output = new();
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "calibrate", "--ops", operators, "--system", Repository.PathOf("data", "systems", $"{system}.json"), "-o", output.PathOf("out.json"), "--sample", Sample, "--json");
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        JsonElement total = json.RootElement.GetProperty("families").EnumerateArray().Single(family => family.GetProperty("family").GetString() == "encoder_attention");
        Assert.InRange(MeasuredCalibration.Median(total, "all"), 0, most);
        Assert.Equal(
            ["bfloat16/64", "bfloat16/72", "bfloat16/80"],
            json.RootElement.GetProperty("kinds").EnumerateArray().Select(kind => kind.GetProperty("kind").GetString()));
    }
}

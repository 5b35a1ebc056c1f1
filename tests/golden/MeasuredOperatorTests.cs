using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>Measured operators of three chips, each fitted by its own.</summary>
public sealed class MeasuredOperatorTests
{
    /// <summary>Median errors that a fit may have at most, by family.</summary>
    private static readonly Dictionary<string, double> Most = new()
    {
        ["gemm"] = 0.12,
        ["decode attention"] = 0.15,
        ["prefill attention"] = 0.15,
        ["experts"] = 0.20,
        ["all-reduce"] = 0.15,
        ["other collectives"] = 0.15,
    };

    [Theory]
    [InlineData("a100_sxm", "A100_SXM_80GB.json")]
    [InlineData("h100_sxm", "H100_SXM.json")]
    [InlineData("b200_sxm", "B200.json")]
    public void A_calibrated_chip_times_its_operators(string operators, string system)
    {
        string folder = Repository.SharedOrSkip("data", "measured", "ops", operators);
        using TemporaryFolder temporary = new();
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "calibrate", "--ops", folder, "--system", Repository.PathOf("data", "systems", system), "--sample", "800", "--json",
            "-o", temporary.PathOf("calibrated.json"));
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        JsonElement[] families = [.. json.RootElement.GetProperty("families").EnumerateArray()];
        Assert.Equal(Most.Keys.Order(), families.Select(family => family.GetProperty("family").GetString()!).Order());
        foreach (JsonElement family in families)
        {
            string name = family.GetProperty("family").GetString()!;
            double error = family.GetProperty("medianError").GetDouble();
            Assert.True(error <= Most[name], $"{name}: {error}");
            Assert.True(error < family.GetProperty("flatMedianError").GetDouble(), name);
        }
    }
}

using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>Learned efficiencies against operators measured on real chips: what they must reach on shapes, and on chips, that they did not learn from.</summary>
public sealed class MeasuredSurrogateTests
{
    private static readonly (string Measured, string System)[] Chips =
        [("a100_sxm", "A100_SXM_80GB"), ("h100_sxm", "H100_SXM"), ("b200_sxm", "B200"), ("l40s", "L40S")];

    private static readonly (string Family, double MostMedian)[] Bounds = [("Product", 0.08), ("DecodeAttention", 0.10), ("Experts", 0.15)];

    [Fact]
    public void Held_out_shapes_come_as_close_as_they_must()
    {
        using TemporaryFolder folder = new();
        using JsonDocument json = Surrogate("", "train", "-o", folder.PathOf("model.onnx"));
        JsonElement[] groups = [.. json.RootElement.GetProperty("held-out shapes").EnumerateArray()];
        foreach ((string _, string system) in Chips)
        {
            Assert.All(Bounds, bound =>
            {
                JsonElement group = Find(groups, $"{system} {bound.Family}");
                double median = group.GetProperty("medianError").GetDouble();
                Assert.True(median <= bound.MostMedian, $"{system} {bound.Family}: {median:P1}");
                Assert.True(median < group.GetProperty("calibratedMedianError").GetDouble(), $"{system} {bound.Family}");
            });
        }

        Assert.InRange(new FileInfo(folder.PathOf("model.onnx")).Length, 1, 2 << 20);
    }

    /// <summary>Products alone and half the steps, for time.</summary>
    [Fact]
    public void Products_of_a_chip_that_was_not_learned_from_come_closer_than_carried_tables()
    {
        using JsonDocument json = Surrogate("gemm_perf.parquet", "evaluate", "--steps", "8000");
        JsonElement[] groups = [.. json.RootElement.GetProperty("held-out chips: trained, and calibrated, on the others").EnumerateArray()];
        foreach ((string _, string system) in Chips)
        {
            JsonElement group = Find(groups, $"{system} Product");
            double median = group.GetProperty("medianError").GetDouble();
            Assert.True(median <= 0.20, $"{system}: {median:P1}");
            Assert.True(median < group.GetProperty("tableMedianError").GetDouble(), system);
        }
    }

    private static JsonDocument Surrogate(string file, string verb, params string[] options)
    {
        string operators = Repository.SharedOrSkip("data", "measured", "ops");
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
        [
            "surrogate", verb, "--json",
            "--ops", .. Chips.Select(chip => Path.Combine(operators, chip.Measured, file)),
            "--systems", .. Chips.Select(chip => Repository.PathOf("data", "systems", $"{chip.System}.json")),
            .. options,
        ]);
        Assert.Equal(0, outcome.ExitCode);
        return JsonDocument.Parse(outcome.Output);
    }

    private static JsonElement Find(JsonElement[] groups, string name) => groups.Single(group => group.GetProperty("group").GetString() == name);
}

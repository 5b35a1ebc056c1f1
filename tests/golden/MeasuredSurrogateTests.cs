using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>Learned times against operators measured on real chips: what they must reach on shapes, and on chips, that they did not learn from.</summary>
public sealed class MeasuredSurrogateTests
{
    /// <summary>Set to 1 where training may take its minutes.</summary>
    private const string Permission = "FASTSIM_TRAINING";

    private static readonly (string Measured, string System)[] Chips =
        [("a100_sxm", "A100_SXM_80GB"), ("h100_sxm", "H100_SXM"), ("b200_sxm", "B200"), ("l40s", "L40S")];

    private static readonly (string Family, double MostMedian)[] Bounds = [("Product", 0.08), ("DecodeAttention", 0.10), ("Experts", 0.15)];

    private static readonly string Limits = Repository.PathOf("data", "surrogates", "limits.onnx");

    /// <summary>The shipped efficiencies on what was measured, four of five of which they learned from.</summary>
    [Theory]
    [InlineData("a100_sxm", "A100_SXM_80GB")]
    [InlineData("h100_sxm", "H100_SXM")]
    [InlineData("b200_sxm", "B200")]
    public void Shipped_efficiencies_come_as_close_as_they_must(string measured, string system)
    {
        TestLength.SkipUnlessLong("all that was measured on a chip, of which the repository has samples");
        using JsonDocument json = Judge("operators.onnx", measured, system);
        JsonElement[] groups = [.. json.RootElement.GetProperty("operators").EnumerateArray()];
        Assert.All(Bounds, bound =>
        {
            JsonElement group = groups.Single(each => each.GetProperty("group").GetString() == $"{system} {bound.Family}");
            double median = group.GetProperty("medianError").GetDouble();
            Assert.True(median <= bound.MostMedian, $"{bound.Family}: {median:P1}");
            Assert.True(median < group.GetProperty("calibratedMedianError").GetDouble(), bound.Family);
        });
    }

    /// <summary>The shipped times by limits on what was measured, four of five of which they learned from: closer than the best constant, and seven of ten within intervals that are made for chips that were not.</summary>
    [Theory]
    [InlineData("a100_sxm", "A100_SXM_80GB")]
    [InlineData("h100_sxm", "H100_SXM")]
    [InlineData("b200_sxm", "B200")]
    [InlineData("l40s", "L40S")]
    public void Shipped_limits_come_closer_than_a_constant_and_their_intervals_hold(string measured, string system)
    {
        TestLength.SkipUnlessLong("all that was measured on a chip, of which the repository has samples");
        using JsonDocument json = Judge("limits.onnx", measured, system);
        JsonElement[] groups = [.. json.RootElement.GetProperty("operators").EnumerateArray()];
        JsonElement[] families =
        [
            .. groups.Where(group => group.GetProperty("group").GetString()!.StartsWith(system, StringComparison.Ordinal)

                // Timing forms of launches of no family, exchanges, have no intervals.
                && group.TryGetProperty("withinInterval", out _)),
        ];
        Assert.Equal(7, families.Length);
        Assert.All(families, family =>
        {
            string name = family.GetProperty("group").GetString()!;
            Assert.True(family.GetProperty("medianError").GetDouble() < family.GetProperty("flatMedianError").GetDouble(), name);
            Assert.True(family.GetProperty("withinInterval").GetDouble() > 0.7, name);
        });
    }

    /// <summary>Minutes of training, so only where <c>FASTSIM_TRAINING</c> is 1: the shipped file to the byte, and what its documentation says of chips held out.</summary>
    [Fact]
    public void Shipped_limits_are_what_training_writes()
    {
        string operators = Repository.SharedOrSkip("data", "measured", "ops");
        string modules = Repository.SharedOrSkip("data", "measured", "modules");
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Permission) == "1", $"training takes minutes: {Permission}=1 permits it");
        using TemporaryFolder folder = new();
        string model = folder.PathOf("model.onnx");
        using JsonDocument json = Run(
        [
            "surrogate", "train", "--json", "-o", model,
            "--ops", .. Chips.SelectMany(chip => new[] { Path.Combine(operators, chip.Measured), Path.Combine(modules, chip.Measured) }),
            "--systems", .. Chips.SelectMany(chip => new[] { SystemFile(chip.System), SystemFile(chip.System) }),
        ]);
        Assert.Equal(File.ReadAllBytes(Limits), File.ReadAllBytes(model));
    }

    private static JsonDocument Judge(string model, string measured, string system) => Run(
        "surrogate", "judge", "--json", "--model", Repository.PathOf("data", "surrogates", model),
        "--ops", Repository.SharedOrSkip("data", "measured", "ops", measured), "--system", SystemFile(system));

    private static string SystemFile(string name) => Repository.PathOf("data", "systems", $"{name}.json");

    private static JsonDocument Run(params string[] arguments)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(arguments);
        Assert.Equal(0, outcome.ExitCode);
        return JsonDocument.Parse(outcome.Output);
    }
}

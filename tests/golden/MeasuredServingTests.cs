using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>Measured serving runs, which nothing is fitted to.</summary>
public sealed class MeasuredServingTests
{
    [Fact]
    public void Predictions_come_as_close_as_the_documentation_says()
    {
        string rows = Repository.SharedOrSkip("data", "measured", "serving.csv");
        string models = Repository.SharedOrSkip("data", "hf");
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "validate", "-t", rows, "--models", models, "--systems", Repository.PathOf("data", "systems"), "--json");
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        Dictionary<string, JsonElement> kinds = json.RootElement.GetProperty("groups").EnumerateArray()
            .Where(group => group.GetProperty("group").GetString() == "all")
            .ToDictionary(group => group.GetProperty("by").GetString()!);
        Assert.InRange(Figure(kinds["agg"], "timePerOutputToken", "rows"), 800, 969);
        Assert.InRange(Figure(kinds["agg"], "timePerOutputToken", "medianError"), 0, 0.10);
        Assert.InRange(Figure(kinds["agg"], "timePerOutputToken", "meanError"), 0, 0.15);
        Assert.InRange(Figure(kinds["agg"], "timeToFirstToken", "medianError"), 0, 0.25);
        Assert.InRange(Figure(kinds["disagg"], "timePerOutputToken", "rows"), 70, 450);
        Assert.InRange(Figure(kinds["disagg"], "timePerOutputToken", "medianError"), 0, 0.15);
    }

    private static double Figure(JsonElement group, string latency, string name) => group.GetProperty(latency).GetProperty(name).GetDouble();
}

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
        using MeasuredServing measured = MeasuredServing.Of(rows, models);
        Assert.InRange(measured.Figure("agg", "timePerOutputToken", "rows"), 800, 969);
        Assert.InRange(measured.Figure("agg", "timePerOutputToken", "medianError"), 0, 0.065);
        Assert.InRange(measured.Figure("agg", "timePerOutputToken", "meanError"), 0, 0.15);
        Assert.InRange(measured.Figure("agg", "timeToFirstToken", "medianError"), 0, 0.25);
        Assert.InRange(measured.Figure("disagg", "timePerOutputToken", "rows"), 70, 450);
        Assert.InRange(measured.Figure("disagg", "timePerOutputToken", "medianError"), 0, 0.12);
    }
}

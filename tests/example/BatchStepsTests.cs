using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>The batches that a search tries (docs/cost-model.md, "Plans and batches"), counted out for a unit of four sequences.</summary>
public sealed class BatchStepsTests
{
    [Fact]
    public void Fewer_than_a_unit_come_first_where_they_are_tried()
    {
        Assert.Equal([1, 2, 3, 4, 8, 12], Enumerable.Range(1, 6).Select(step => BatchSteps.WithFractions(4).At(step)));
        Assert.Equal([4, 8, 12], Enumerable.Range(1, 3).Select(step => ((BatchSteps)4).At(step)));
        Assert.Equal([1, 2, 3], Enumerable.Range(1, 3).Select(step => BatchSteps.WithFractions(1).At(step)));
    }

    /// <summary>Of 0, 1, 3, 4, 7, 8 and 12.5 sequences the last of 1, 2, 3, 4, 8, 12 that is no larger.</summary>
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.9, 0, 0)]
    [InlineData(1, 1, 0)]
    [InlineData(3, 3, 0)]
    [InlineData(4, 4, 1)]
    [InlineData(7, 4, 1)]
    [InlineData(8, 5, 2)]
    [InlineData(12.5, 6, 3)]
    public void The_last_step_within(double sequences, long withFractions, long units)
    {
        Assert.Equal(withFractions, BatchSteps.WithFractions(4).LastWithin(sequences));
        Assert.Equal(units, ((BatchSteps)4).LastWithin(sequences));
    }
}

using FastSim.Kernels.Models;

namespace FastSim.Example.Tests;

/// <summary>What evenly drawn lengths do to a load, computed by hand.</summary>
public sealed class ArrivalPatternTests
{
    /// <summary>Between 0.8 and 1: mean 0.9, deviation 0.2/√12 = 0.057735, a share of 0.06415 of the mean.</summary>
    [Fact]
    public void The_spread_of_drawn_lengths_is_their_deviation_over_their_mean()
    {
        Assert.Equal(0.9, ArrivalPattern.MeanDrawn(0.8), 12);
        Relative.Equal(0.0641500299, ArrivalPattern.Drawn(0.8).LengthSpread, 1e-9);
        Assert.Equal(0, ArrivalPattern.Drawn(1).LengthSpread);
        Assert.Equal(ArrivalPattern.Usual, ArrivalPattern.Drawn(1));
    }

    /// <summary>Answers of 900 steps on average, between 800 and 1,000, end evenly over 200: one in 200 of the others ends in the same step; of one length all do.</summary>
    [Fact]
    public void Of_a_wave_as_many_end_together_as_the_range_of_lengths_leaves()
    {
        Relative.Equal(1.0 / 200, ArrivalPattern.Drawn(0.8).EndTogether(900), 1e-12);
        Assert.Equal(1, ArrivalPattern.Usual.EndTogether(900));

        // Between 3.6 and 4.5 steps: within one.
        Assert.Equal(1, ArrivalPattern.Drawn(0.8).EndTogether(4.05));
    }

    /// <summary>The longest of eight evenly drawn between 0.8 and 1 is 0.8 + 0.2·8/9 = 0.97778 on average, 1.08642 times the mean of 0.9.</summary>
    [Fact]
    public void The_longest_of_several_is_the_mean_of_the_largest_drawn()
    {
        Relative.Equal((0.8 + (0.2 * 8 / 9)) / 0.9, ArrivalPattern.Drawn(0.8).Longest(8), 1e-12);
        Assert.Equal(1, ArrivalPattern.Drawn(0.8).Longest(1));
        Assert.Equal(1, ArrivalPattern.Usual.Longest(8));
    }
}

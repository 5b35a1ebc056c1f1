using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Plans;

namespace FastSim.Example.Tests;

/// <summary>How sure a time per output token is, and how alike two orders are.</summary>
public sealed class PerTokenIntervalTests
{
    /// <summary>A median error of a normal law with a standard deviation of a tenth: 0.1 · 0.67449.</summary>
    private const double Tenth = 0.067448975;

    /// <summary>
    /// Standard deviation 0.1 of products, 0.1 of the composition: √0.02 = 0.141421, times 1.281552 to the end of four fifths, exp = 1.198701.
    /// Carried, the products have 0.2: √0.05 = 0.223607, exp(0.286564) = 1.331843.
    /// </summary>
    [Theory]
    [InlineData(null, 1.198701)]
    [InlineData("OTHER", 1.331843)]
    public void A_step_of_one_part_is_off_by_its_family_and_by_the_composition(string? carriedFrom, double factor)
    {
        StepParts parts = default;
        parts[(int)StepPart.FeedForward] = 10_000;
        PerTokenInterval interval = Of(parts, 10, carriedFrom);
        Relative.Equal(10 * factor, interval.HighMilliseconds, 1e-6);
        Relative.Equal(10 / factor, interval.LowMilliseconds, 1e-6);
        Assert.True(interval.Holds(interval.HighMilliseconds) && !interval.Holds(interval.HighMilliseconds + 1e-9));
    }

    [Fact]
    public void Parts_are_off_independently_and_prompts_between_steps_count()
    {
        // 4 of 10 ms are products, 2 the host, 3 elementwise, whose error nobody states, 1 is prompts, of the larger of products' 0.1 and prefill
        // attention's unstated 0.15/0.67449 = 0.222390. Squares: (0.4·0.1)² + (0.3·0.222390)² + (0.1·0.222390)² + 0.1² = 0.0016 + 0.0044512 +
        // 0.0004946 + 0.01 = 0.0165457, root 0.128630, exp(1.281552 · 0.128630) = 1.179212.
        StepParts parts = default;
        parts[(int)StepPart.FeedForward] = 4000;
        parts[(int)StepPart.Host] = 2000;
        parts[(int)StepPart.Elementwise] = 3000;
        Relative.Equal(11.79212, Of(parts, 10, null).HighMilliseconds, 1e-5);
    }

    [Fact]
    public void Ranks_that_are_shared_are_their_mean()
    {
        // Ranks 0, 1.5, 1.5, 3 and 0, 2, 1, 3 about their mean: 4.5 / √(4.5 · 5).
        Assert.Equal(4.5 / Math.Sqrt(22.5), RankCorrelation.Of([1, 2, 2, 4], [1, 3, 2, 4]), 12);
        Assert.Equal(-1, RankCorrelation.Of([1, 2, 3], [9, 8, 7]), 12);
        Assert.True(double.IsNaN(RankCorrelation.Of([1, 1, 1], [1, 2, 3])));
        Assert.Throws<ArgumentException>(() => RankCorrelation.Of([1], [1, 2]));
    }

    private static PerTokenInterval Of(StepParts parts, double perToken, string? carriedFrom) => PerTokenInterval.Of(
        new ServingFigures(100, perToken, 1, 1, 1, parts),
        new OperatorTimings(100, carriedFrom, new Dictionary<(string, string), double[]>(), new Dictionary<string, double> { ["gemm"] = Tenth }),
        isLatent: false);
}

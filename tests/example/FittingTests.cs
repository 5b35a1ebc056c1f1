using FastSim.Kernels.Fitting;

namespace FastSim.Example.Tests;

/// <summary>Fitting, and what it is judged by.</summary>
public sealed class FittingTests
{
    private static readonly double[] Sizes = [.. Enumerable.Range(0, 60).Select(step => Math.Pow(1.3, step))];

    /// <summary>A floor and a rate: t = p0 + x/p1.</summary>
    private static readonly TimingModel Line = (parameters, microseconds) =>
    {
        for (int index = 0; index < Sizes.Length; index++)
        {
            microseconds[index] = parameters[0] + (Sizes[index] / parameters[1]);
        }
    };

    [Fact]
    public void A_fit_finds_the_parameters_that_made_the_measurements()
    {
        (double[] parameters, double loss) = Fit(Measured(7, 40), frozen: -1);
        Relative.Equal(7, parameters[0], 1e-2);
        Relative.Equal(40, parameters[1], 1e-2);
        Assert.InRange(loss, 0, 1e-3);
    }

    [Fact]
    public void A_few_wild_cases_do_not_decide()
    {
        double[] measured = Measured(7, 40);
        for (int index = 0; index < measured.Length; index += 10)
        {
            measured[index] *= 30;
        }

        (double[] parameters, _) = Fit(measured, frozen: -1);
        Relative.Equal(7, parameters[0], 2e-2);
        Relative.Equal(40, parameters[1], 2e-2);
    }

    [Fact]
    public void A_fit_stays_within_its_bounds()
    {
        (double[] parameters, _) = Fit(Measured(500, 40), frozen: -1);
        Assert.InRange(parameters[0], 90, 100);
        Assert.InRange(parameters[1], 1, 1000);
    }

    [Fact]
    public void A_frozen_parameter_stays_where_it_starts()
    {
        (double[] parameters, _) = Fit(Measured(7, 40), frozen: 1);
        Assert.Equal(10, parameters[1]);
    }

    [Fact]
    public void Errors_are_medians_and_means_of_distances_from_one()
    {
        // Distances 0.1, 0.2, 0.5, 1: median (0.2 + 0.5)/2, mean 1.8/4.
        FitErrors errors = FitErrors.Of([1.5, 0.9, 2, 0.8]);
        Assert.Equal(4, errors.Count);
        Relative.Equal(0.35, errors.Median, 1e-12);
        Relative.Equal(0.45, errors.Mean, 1e-12);
        Assert.True(double.IsNaN(FitErrors.Of([]).Median));
    }

    [Fact]
    public void The_flat_rooflines_constant_puts_the_closest_half_around_one()
    {
        // Of five, any three in a row: 0.5, 0.6, 0.7 lie closest (0.2/1.2; 0.1 to 0.6 are 0.5/0.7 apart). 2/(0.5 + 0.7) puts them at 0.83, 1, 1.17.
        double factor = FlatRoofline.Factor([0.6, 0.1, 0.7, 0.01, 0.5]);
        Relative.Equal(2 / 1.2, factor, 1e-12);
        Assert.Equal(1, FlatRoofline.Factor([]));
    }

    [Fact]
    public void No_other_constant_leaves_a_smaller_median()
    {
        double[] ratios = [.. Sizes.Select((size, index) => 0.01 + (0.3 * CaseHash.Of(size, index) / ulong.MaxValue))];
        double Median(double factor) => FitErrors.Of(ratios.Select(ratio => ratio * factor).Append(1e9)).Median;
        double best = FlatRoofline.Factor([.. ratios, 1e9]);
        Assert.All(Enumerable.Range(1, 400), step => Assert.True(Median(best) <= Median(step * 0.1) + 1e-12));
    }

    [Fact]
    public void Hashes_scatter_cases_evenly()
    {
        int[] parts = new int[5];
        for (int m = 1; m <= 100; m++)
        {
            for (int n = 1; n <= 100; n++)
            {
                parts[CaseHash.Of(m, n, 64) % 5]++;
            }
        }

        Assert.All(parts, part => Assert.InRange(part, 1850, 2150));
        Assert.NotEqual(CaseHash.Of(1, 2), CaseHash.Of(2, 1));
    }

    private static double[] Measured(double floor, double rate)
    {
        double[] measured = new double[Sizes.Length];
        Line([floor, rate], measured);
        return measured;
    }

    private static (double[] Parameters, double Loss) Fit(double[] measured, int frozen) =>
        RobustFit.Fit(Line, measured, [1, 10], [0.1, 1], [100, 1000], frozen, 60);
}

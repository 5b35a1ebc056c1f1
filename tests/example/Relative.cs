namespace FastSim.Example.Tests;

/// <summary>Agreement of a hand-computed figure with the program's, up to the rounding of a sum.</summary>
internal static class Relative
{
    private const double Tolerance = 1e-12;

    public static void Equal(double expected, double actual) =>
        Assert.True(
            actual == expected || Math.Abs(actual - expected) <= Tolerance * Math.Abs(expected),
            FormattableString.Invariant($"expected {expected:R}, found {actual:R}"));
}

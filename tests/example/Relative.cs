namespace FastSim.Example.Tests;

/// <summary>Agreement of a hand-computed figure with the program's, up to the rounding of a sum.</summary>
internal static class Relative
{
    private const double Tolerance = 1e-12;

    public static void Equal(double expected, double actual) => Equal(expected, actual, Tolerance);

    /// <summary>Equal to a tolerance of the test's own.</summary>
    public static void Equal(double expected, double actual, double tolerance) =>
        Assert.True(
            actual == expected || Math.Abs(actual - expected) <= tolerance * Math.Abs(expected),
            FormattableString.Invariant($"expected {expected:R}, found {actual:R}"));
}

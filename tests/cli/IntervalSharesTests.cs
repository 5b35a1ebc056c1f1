using FastSim.Cli.Surrogates;
using FastSim.Kernels.Fitting;

namespace FastSim.Cli.Tests;

/// <summary>What intervals hold of chips that were held out.</summary>
public sealed class IntervalSharesTests
{
    /// <summary>
    /// 300 of 400 and 76 of 100 operators of a chip: 376 of 500, families alike (0.75 + 0.76) / 2, both within 5 points of 80, off by 4.5. With 90 of 100 of another chip 466 of 600, families alike
    /// (0.75 + 0.76 + 0.9) / 3, off by (5 + 4 + 10) / 3 points. Kinds count in their families, and families without intervals not at all; a chip whose name begins as another's is one of its own.
    /// </summary>
    [Fact]
    public void Operators_and_families_are_counted_alike()
    {
        IReadOnlyList<IntervalShares> shares = IntervalShares.Of(
            ["one", "one more", "third"],
        [
            Held("one Product", 0, 400, 0.75), Held("  float16", 1, 400, 0.1), Held("one Experts", 0, 100, 0.76), Held("one DecodeAttention", 0, 50, double.NaN),
            Held("one more Product", 0, 100, 0.9), Held("third Product", 0, 100, double.NaN),
        ]);
        Assert.Equal(["one", "one more", "all chips"], shares.Select(each => each.Chip));
        Check(shares[0], 500, 376.0 / 500, 0.755, 2, 2, 0.045);
        Check(shares[1], 100, 0.9, 0.9, 1, 0, 0.1);
        Check(shares[2], 600, 466.0 / 600, 2.41 / 3, 3, 2, 0.19 / 3);
    }

    private static void Check(IntervalShares found, int rows, double ofRows, double ofFamilies, int families, int near, double off)
    {
        Assert.Equal((rows, families, near), (found.Rows, found.Families, found.Near));
        Assert.Equal(ofRows, found.OfRows, 12);
        Assert.Equal(ofFamilies, found.OfFamilies, 12);
        Assert.Equal(off, found.Off, 12);
    }

    private static SurrogateErrors Held(string group, int level, int rows, double within)
    {
        FitErrors errors = FitErrors.Of(Enumerable.Repeat(1.1, rows));
        return new SurrogateErrors(group, level, errors, within, errors, errors, errors, errors);
    }
}

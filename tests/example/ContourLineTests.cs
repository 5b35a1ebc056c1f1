using FastSim.Cli.Reports;

namespace FastSim.Example.Tests;

/// <summary>Lines of equal figures through small grids, by hand.</summary>
public sealed class ContourLineTests
{
    /// <summary>Of x + y the level 3 is the straight line from (0, 3) to (3, 0): one line, every point of it on it, both ends at the rim.</summary>
    [Fact]
    public void A_plane_is_cut_in_a_straight_line()
    {
        (double X, double Y)[] line = Assert.Single(ContourLines.Of(Grid(5, 5, (x, y) => x + y), 3));
        Assert.All(line, point => Assert.Equal(3, point.X + point.Y, 1e-12));
        Assert.Equal([(0.0, 3.0), (3.0, 0.0)], new[] { line[0], line[^1] }.OrderBy(point => point.X));
    }

    /// <summary>Around a peak of 1 in a plain of 0 the level 0.25 is a square on its point that closes, three quarters of the way to each neighbour.</summary>
    [Fact]
    public void A_peak_is_gone_around()
    {
        (double X, double Y)[] line = Assert.Single(ContourLines.Of(Grid(3, 3, (x, y) => x == 1 && y == 1 ? 1 : 0), 0.25));
        Assert.Equal(5, line.Length);
        Assert.Equal(line[0], line[^1]);
        Assert.Equal([(0.25, 1.0), (1.0, 0.25), (1.0, 1.75), (1.75, 1.0)], line[1..].Order());
    }

    /// <summary>Corners of 1 and 0 crosswise: at 0.4 the mean, 0.5, is above, so that the corners of 0 are cut off; at 0.6 those of 1.</summary>
    [Theory]
    [InlineData(0.4)]
    [InlineData(0.6)]
    public void A_saddle_is_cut_as_its_mean_says(double level)
    {
        IReadOnlyList<(double X, double Y)[]> lines = ContourLines.Of(Grid(2, 2, (x, y) => x == y ? 1 : 0), level);
        Assert.Equal(2, lines.Count);
        (double, double)[] corners = level < 0.5 ? [(1, 0), (0, 1)] : [(0, 0), (1, 1)];
        Assert.All(corners, corner => Assert.Contains(lines, line => line.All(point => Math.Abs(point.X - corner.Item1) + Math.Abs(point.Y - corner.Item2) <= 0.4 + 1e-12)));
    }

    /// <summary>A square with a corner without a figure has no line: of x over four columns the level 1.5 is cut where the gap is.</summary>
    [Fact]
    public void A_gap_is_left_out()
    {
        IReadOnlyList<(double X, double Y)[]> lines = ContourLines.Of(Grid(4, 6, (x, y) => x == 1 && y == 3 ? double.NaN : x), 1.5);
        Assert.Equal(2, lines.Count);
        Assert.Equal([2.0, 0.0, 5.0, 4.0], lines.OrderBy(line => line.Max(point => point.Y)).SelectMany(line => new[] { line.Max(point => point.Y), line.Min(point => point.Y) }));
        Assert.Empty(ContourLines.Of(Grid(4, 6, (x, _) => x), 7));
    }

    private static double[,] Grid(int wide, int tall, Func<int, int, double> figure)
    {
        double[,] grid = new double[wide, tall];
        for (int x = 0; x < wide; x++)
        {
            for (int y = 0; y < tall; y++)
            {
                grid[x, y] = figure(x, y);
            }
        }

        return grid;
    }
}

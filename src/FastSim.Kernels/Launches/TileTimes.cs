using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastSim.Kernels.Launches;

/// <summary>
/// How long the fastest tiles of a product compute, as far as its rows say by the number of tiles of the lowest height that they fill: the same for all numbers of rows that fill as many. What adding up the
/// parts of a split depth takes goes by the rows themselves, but is the same for every tile shape, so that of each split the least is the least with it, to the bit.
/// </summary>
internal readonly struct TileTimes
{
    private const double LowestRows = 16;

    private readonly double whole;
    private readonly Splits splits;
    private readonly int halvings;

    private TileTimes(double whole, in Splits splits, int halvings) => (this.whole, this.splits, this.halvings) = (whole, splits, halvings);

    /// <summary>Rows of tiles, lowest first: each height is twice the one before.</summary>
    public static ReadOnlySpan<double> Rows => [LowestRows, 32, 64, 128, 256];

    /// <summary>Columns of tiles, as many as a vector's lanes: tiles of one height are timed at once.</summary>
    public static Vector256<double> Columns => Vector256.Create(32d, 64, 128, 256);

    /// <summary>Tiles of the lowest height that rows fill.</summary>
    /// <param name="m">Rows.</param>
    public static double Lowest(double m) => Math.Ceiling(m / LowestRows);

    /// <summary>Times of a product's tiles.</summary>
    /// <param name="perDepth">What <see cref="GemmTiming.PerDepth"/> gives.</param>
    /// <param name="computeUnits">Compute units.</param>
    /// <param name="lowest">What <see cref="Lowest"/> says of its rows.</param>
    /// <param name="n">Columns.</param>
    /// <param name="k">Depth.</param>
    public static TileTimes Of(ReadOnlySpan<double> perDepth, double computeUnits, double lowest, double n, double k)
    {
        ref double first = ref MemoryMarshal.GetReference(perDepth[..GemmTiming.Tiles]);
        Vector256<double> wide = Vector256.Ceiling(Vector256.Create(n) / Columns);
        Vector256<double> units = Vector256.Create(computeUnits);
        Vector256<double> depth = Vector256.Create(k);
        Vector256<double> least = Vector256.Create(double.PositiveInfinity);
        Unsafe.SkipInit(out SplitLanes lanes);
        int most = 0;
        double high = lowest;
        for (int rows = 0; rows < Rows.Length && (rows == 0 || Rows[rows] < 2 * LowestRows * lowest); rows++)
        {
            Vector256<double> tiles = high * wide;
            Vector256<double> each = Vector256.LoadUnsafe(in first, (nuint)(rows * Vector256<double>.Count));
            least = Vector256.Min(least, Vector256.Ceiling(tiles / units) * each * depth);

            // The widest tiles are the fewest: where no two splits of them are offered, none of any are.
            if (2 * tiles.GetElement(Vector256<double>.Count - 1) <= 2 * computeUnits)
            {
                most = Split(units, tiles, each, k, ref lanes, most);
            }

            high = Math.Ceiling(high / 2);
        }

        Unsafe.SkipInit(out Splits splits);
        for (int halving = 0; halving < most; halving++)
        {
            splits[halving] = Least(lanes[halving]);
        }

        return new TileTimes(Least(least), splits, most);
    }

    /// <summary>What the fastest tiles take, with what adding up takes where they split the depth, microseconds.</summary>
    /// <param name="m">Rows.</param>
    /// <param name="n">Columns.</param>
    /// <param name="memoryRate">Bytes a microsecond.</param>
    /// <param name="splitMicroseconds">What a split takes by itself.</param>
    public double Least(double m, double n, double memoryRate, double splitMicroseconds)
    {
        double least = whole;
        for (int halving = 0; halving < halvings; halving++)
        {
            least = Math.Min(least, splits[halving] + GemmTiming.AddingUp(splitMicroseconds, halving + 1, m, n, memoryRate));
        }

        return least;
    }

    /// <summary>Tiles of one height, each width in a lane: as many splits of the depth as leave no unit with more than two of them.</summary>
    /// <returns>How often the depth has been halved at most, of this height or of one before.</returns>
    private static int Split(Vector256<double> units, Vector256<double> tiles, Vector256<double> perDepth, double k, ref SplitLanes lanes, int known)
    {
        Vector256<double> most = 2 * units;
        double splits = 2;
        int halvings = 0;
        for (; halvings < GemmTiming.MostHalvings && k / splits >= GemmTiming.LeastSplitDepth; halvings++)
        {
            Vector256<double> split = tiles * splits;
            Vector256<double> isOffered = Vector256.LessThanOrEqual(split, most);
            if (isOffered == Vector256<double>.Zero)
            {
                break;
            }

            Vector256<double> before = halvings < known ? lanes[halvings] : Vector256.Create(double.PositiveInfinity);
            Vector256<double> time = Vector256.Ceiling(split / units) * perDepth * (k / splits);
            lanes[halvings] = Vector256.ConditionalSelect(isOffered, Vector256.Min(before, time), before);
            splits *= 2;
        }

        return Math.Max(known, halvings);
    }

    private static double Least(Vector256<double> lanes) =>
        Math.Min(Math.Min(lanes.GetElement(0), lanes.GetElement(1)), Math.Min(lanes.GetElement(2), lanes.GetElement(3)));

    [InlineArray(GemmTiming.MostHalvings)]
    private struct Splits
    {
        private double first;
    }

    [InlineArray(GemmTiming.MostHalvings)]
    private struct SplitLanes
    {
        private Vector256<double> first;
    }
}

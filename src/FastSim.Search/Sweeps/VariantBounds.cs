using System.Numerics.Tensors;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;

namespace FastSim.Search.Sweeps;

/// <summary>
/// Bounds of every shape on every variant of a chunk: what of a card's throughput no batch exceeds, and the largest batches that fit and may meet the
/// limits. Serves one thread.
/// </summary>
internal sealed class VariantBounds
{
    private readonly PhaseShapes shapes;
    private readonly ChipColumns columns;
    private readonly LatencyCeiling ceiling;
    private readonly LaneWidth width;
    private readonly int chunk;
    private readonly double[] largest;
    private readonly double[] within;
    private readonly double[] bounds;
    private readonly double[] mostUnits;
    private readonly double[] unitsThatFit;
    private readonly double[] unitsWithin;

    /// <summary>Room for a chunk.</summary>
    /// <param name="shapes">The shapes.</param>
    /// <param name="columns">The chunk's chips.</param>
    /// <param name="chunk">Variants of a chunk at most.</param>
    /// <param name="width">Lane width.</param>
    public VariantBounds(PhaseShapes shapes, ChipColumns columns, int chunk, LaneWidth width)
    {
        (this.shapes, this.columns, this.chunk, this.width) = (shapes, columns, chunk, width);
        ceiling = new LatencyCeiling(shapes.Job.Limits.FirstTokenMilliseconds / 1000, shapes.Job.Limits.PerTokenMilliseconds / 1000);
        int count = shapes.Outlines.Length;
        largest = new double[chunk];
        within = new double[count * chunk];
        bounds = new double[count * chunk];
        mostUnits = new double[chunk];
        unitsThatFit = new double[chunk];
        unitsWithin = new double[chunk];
    }

    /// <summary>Bounds of a shape, a cell a variant.</summary>
    public Span<double> Of(int shape, int count) => bounds.AsSpan(shape * chunk, count);

    /// <summary>Largest batches of a shape that may meet the limits, in units, a cell a variant.</summary>
    public Span<double> WithinOf(int shape, int count) => within.AsSpan(shape * chunk, count);

    /// <summary>Bounds every shape on every variant; a variant's cells of a shape hold the throughput of a card.</summary>
    /// <param name="count">Variants.</param>
    /// <param name="countsWaiting">Whether batches count sequences that wait for their first token, too.</param>
    public void Evaluate(int count, bool countsWaiting)
    {
        mostUnits.AsSpan(0, count).Fill(1);
        unitsThatFit.AsSpan().Clear();
        unitsWithin.AsSpan().Clear();
        Span<double> fits = largest.AsSpan(0, count);
        (double mostBytes, double mostSecondBytes) = columns.MostCapacity(count);
        for (int shape = 0; shape < shapes.Outlines.Length; shape++)
        {
            Span<double> row = Of(shape, count);
            Span<double> remaining = WithinOf(shape, count);

            // What the largest memory of all does not hold, none does.
            if (shapes.Outlines[shape] is not { } outline || outline.Memory.LargestBatch(mostBytes, outline.Steps, mostSecondBytes) == 0)
            {
                row.Clear();
                remaining.Clear();
                continue;
            }

            ChipBound.Evaluate(outline, columns, count, ceiling, width, fits, remaining, row);
            if (countsWaiting)
            {
                OpenWaiting(fits, remaining, row);
            }

            ParallelLayout layout = shapes.Catalog.Shapes[shape].Layout;
            TensorPrimitives.Divide(row, (double)layout.TensorParallel * layout.PipelineParallel * layout.ContextParallel, row);
            double layouts = shapes.Catalog.Shapes[shape].UseCount;
            TensorPrimitives.Max(mostUnits.AsSpan(0, count), fits, mostUnits.AsSpan(0, count));
            TensorPrimitives.MultiplyAdd(fits, layouts, unitsThatFit.AsSpan(0, count), unitsThatFit.AsSpan(0, count));
            TensorPrimitives.MultiplyAdd(remaining, layouts, unitsWithin.AsSpan(0, count), unitsWithin.AsSpan(0, count));
        }
    }

    /// <summary>Counts what became of the candidates of some variants.</summary>
    /// <param name="count">Variants.</param>
    /// <param name="candidates">Candidates evaluated.</param>
    /// <param name="tally">Where to count.</param>
    public void Count(int count, long candidates, SweepTally tally)
    {
        double fitting = TensorPrimitives.Sum<double>(unitsThatFit.AsSpan(0, count));
        double open = TensorPrimitives.Sum<double>(unitsWithin.AsSpan(0, count));
        double most = TensorPrimitives.Sum<double>(mostUnits.AsSpan(0, count));
        double covered = shapes.Catalog.Covered * most;
        double indivisible = (shapes.Catalog.Covered - shapes.Catalog.Divisible + shapes.Unreachable) * most;
        double tooLarge = (shapes.Reachable * most) - fitting;
        tally.Count(covered, indivisible, tooLarge, fitting - open, candidates);
    }

    /// <summary>
    /// Where a batch counts sequences that wait, fewer than one may decode: what a bound of one refuses is left to the plan's own, as the best there may be.
    /// </summary>
    private static void OpenWaiting(ReadOnlySpan<double> fits, Span<double> remaining, Span<double> row)
    {
        for (int variant = 0; variant < row.Length; variant++)
        {
            (remaining[variant], row[variant]) = (fits[variant], row[variant] == 0 && fits[variant] > 0 ? double.MaxValue : row[variant]);
        }
    }
}

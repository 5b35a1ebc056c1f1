using System.Numerics.Tensors;
using FastSim.Search.Engines;

namespace FastSim.Search.Sweeps;

/// <summary>What the bounds of some variants promise of each shape: which shape each variant is searched in first, and in which order all are. Serves one thread.</summary>
internal sealed class PromisingShapes
{
    private const int None = -1;

    private readonly PhaseShapes shapes;
    private readonly VariantBounds bounds;
    private readonly int chunk;
    private readonly double[] highest;
    private readonly int[] mostPromising;
    private readonly int[] firstOfShape;
    private readonly int[] nextOfShape;
    private readonly int[] order;
    private readonly double[] promise;

    /// <summary>Makes room.</summary>
    /// <param name="shapes">The shapes.</param>
    /// <param name="bounds">Their bounds on the variants at hand.</param>
    /// <param name="chunk">Variants at once.</param>
    public PromisingShapes(PhaseShapes shapes, VariantBounds bounds, int chunk)
    {
        this.shapes = shapes;
        this.bounds = bounds;
        this.chunk = chunk;
        highest = new double[shapes.CardCounts * chunk];
        mostPromising = new int[shapes.CardCounts * chunk];
        nextOfShape = new int[shapes.CardCounts * chunk];
        firstOfShape = new int[shapes.Outlines.Length];
        order = new int[shapes.Outlines.Length];
        promise = new double[shapes.Outlines.Length];
    }

    /// <summary>Shapes by what all variants together may get of them, so that those which win for many come early and others need not be searched.</summary>
    /// <param name="count">The variants.</param>
    public int[] BestFirst(int count)
    {
        for (int shape = 0; shape < order.Length; shape++)
        {
            (order[shape], promise[shape]) = (shape, -TensorPrimitives.Sum<double>(bounds.Of(shape, count)));
        }

        Array.Sort(promise, order);
        return order;
    }

    /// <summary>Finds each variant's shape of the highest bound on each card count.</summary>
    /// <param name="count">The variants.</param>
    public void Find(int count)
    {
        firstOfShape.AsSpan().Fill(None);
        mostPromising.AsSpan().Fill(None);
        highest.AsSpan().Clear();
        for (int shape = 0; shape < firstOfShape.Length; shape++)
        {
            ReadOnlySpan<double> row = bounds.Of(shape, count);
            foreach (ShapeCatalog.Use use in shapes.Catalog.UsesOf(shape))
            {
                Span<double> most = highest.AsSpan(use.CardCount * chunk, count);
                Span<int> which = mostPromising.AsSpan(use.CardCount * chunk, count);
                for (int variant = 0; variant < count; variant++)
                {
                    if (row[variant] > most[variant])
                    {
                        most[variant] = row[variant];
                        which[variant] = shape;
                    }
                }
            }
        }

        for (int cell = mostPromising.Length - 1; cell >= 0; cell--)
        {
            if (mostPromising[cell] != None)
            {
                nextOfShape[cell] = firstOfShape[mostPromising[cell]];
                firstOfShape[mostPromising[cell]] = cell;
            }
        }
    }

    /// <summary>Variants that a shape was found to promise most, each once.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="variants">Room for all.</param>
    /// <returns>How many there are.</returns>
    public int VariantsOf(int shape, Span<int> variants)
    {
        int some = 0;
        for (int cell = firstOfShape[shape]; cell != None; cell = nextOfShape[cell])
        {
            int variant = cell % chunk;
            if (shapes.CardCounts == 1 || !variants[..some].Contains(variant))
            {
                variants[some] = variant;
                some++;
            }
        }

        return some;
    }
}

using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Search.Engines;

/// <summary>The distinct shapes of a phase over several card counts, and the layouts that use each.</summary>
internal sealed class ShapeCatalog
{
    /// <summary>Layouts that are held at a time; those of chips whose efficiencies are tables carry a curve each.</summary>
    private const int MostUses = 6_000_000;
    private const int MostUsesOfTables = 500_000;

    private readonly Dictionary<ShapeKey, int> numbers = [];
    private readonly List<Shape> shapes = [];
    private readonly List<Use> uses = [];
    private readonly SortedDictionary<LayoutRefusal, long> refused = [];

    /// <summary>Collects the shapes.</summary>
    /// <param name="spaces">Plan space of each card count.</param>
    /// <param name="batches">Stated batches; null leaves the batch to the search.</param>
    /// <param name="accounting">The job's accounting.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="leastRedundancyOnly">Whether layouts that others with fewer redundant experts make pointless are left out.</param>
    /// <exception cref="TooManyLayoutsException">There are more than a search can hold.</exception>
    public ShapeCatalog(
        IReadOnlyList<PlanSpace> spaces,
        IReadOnlyList<BatchTriple>? batches,
        Accounting accounting,
        ChipRates rates,
        bool leastRedundancyOnly)
    {
        int batchesPerLayout = batches?.Count ?? 1;
        int most = leastRedundancyOnly ? MostUses : MostUsesOfTables;
        for (int count = 0; count < spaces.Count; count++)
        {
            foreach (ParallelLayout layout in leastRedundancyOnly ? spaces[count].LeastRedundant() : spaces[count].Divisible())
            {
                if (uses.Count + batchesPerLayout > most)
                {
                    throw new TooManyLayoutsException(
                        $"found more than {most} layouts and batches to try for {spaces[count].Words}; expected fewer: fewer cards or redundant experts, or stated parallel and batch configurations");
                }

                for (int batch = 0; batch < batchesPerLayout; batch++)
                {
                    int microBatches = batches is null ? layout.PipelineParallel : batches[batch].MicroBatches;
                    int stated = batches is null ? 0 : batches[batch].Size;
                    Add(ShapeKey.Of(layout, microBatches, stated, accounting, rates), layout, count);
                }
            }

            Covered += spaces[count].Covered * batchesPerLayout;
            Divisible += spaces[count].CountDivisible() * batchesPerLayout;
            SplitBlocks += spaces[count].CountSplitBlocks() * batchesPerLayout;
            foreach ((LayoutRefusal refusal, long layouts) in spaces[count].Refused)
            {
                refused[refusal] = refused.GetValueOrDefault(refusal) + (layouts * batchesPerLayout);
            }
        }

        SortUses();
    }

    /// <summary>Distinct shapes, in the order they were met.</summary>
    public IReadOnlyList<Shape> Shapes => shapes;

    /// <summary>Layouts times stated batches, before any check.</summary>
    public long Covered { get; }

    /// <summary>Of those, the ones the model can be cut into, its quantization blocks left whole.</summary>
    public long Divisible { get; }

    /// <summary>Those that it could be cut into but for its quantization blocks.</summary>
    public long SplitBlocks { get; }

    /// <summary>Layouts that the model can be cut into and the engine cannot run, by why not.</summary>
    public IReadOnlyDictionary<LayoutRefusal, long> Refused => refused;

    /// <summary>Of those, the ones left out because another with fewer redundant experts is at least as good.</summary>
    public long Dominated => Divisible - uses.Count;

    /// <summary>Layouts that use a shape, in the order of card counts.</summary>
    public ReadOnlySpan<Use> UsesOf(int shape) =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(uses)[shapes[shape].FirstUse..(shapes[shape].FirstUse + shapes[shape].UseCount)];

    /// <summary>The batches that are tried of a shape.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="factory">Kind of plan.</param>
    public BatchSteps Steps<TPlan, TFactory>(int shape, TFactory factory)
        where TPlan : struct, IBatchPlan
        where TFactory : IPlanFactory<TPlan> =>
        shapes[shape].Key.StatedBatch is var stated and > 0 ? stated : factory.Steps(shapes[shape].Layout);

    private void Add(ShapeKey key, ParallelLayout layout, int count)
    {
        if (!numbers.TryGetValue(key, out int number))
        {
            number = shapes.Count;
            numbers.Add(key, number);
            shapes.Add(new Shape(key, layout, 0, 0));
        }

        shapes[number] = shapes[number] with { UseCount = shapes[number].UseCount + 1 };
        uses.Add(new Use(number, count, layout));
    }

    /// <summary>Groups the uses by shape, each group in the order of card counts.</summary>
    private void SortUses()
    {
        int first = 0;
        int[] next = new int[shapes.Count];
        for (int shape = 0; shape < shapes.Count; shape++)
        {
            next[shape] = first;
            shapes[shape] = shapes[shape] with { FirstUse = first };
            first += shapes[shape].UseCount;
        }

        Use[] unsorted = [.. uses];
        Span<Use> sorted = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(uses);
        foreach (Use use in unsorted)
        {
            sorted[next[use.Shape]] = use;
            next[use.Shape]++;
        }
    }

    /// <summary>A shape, the layout it was first met in, and where its uses stand.</summary>
    internal readonly record struct Shape(ShapeKey Key, ParallelLayout Layout, int FirstUse, int UseCount);

    /// <summary>A layout of a shape on a card count.</summary>
    internal readonly record struct Use(int Shape, int CardCount, ParallelLayout Layout);
}

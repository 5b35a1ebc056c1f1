using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;

namespace FastSim.Search.Sweeps;

/// <summary>
/// Finds the best plan of a phase on many variants of its chip at once. Each shape is bounded on all variants, then every variant's most
/// promising shape is searched in lanes that are variants, then whatever else some variant may still need. The reference decides batches
/// and ranks, so a variant gets what a search of its own would find, to the bit. Serves one thread.
/// </summary>
internal sealed class VariantSearch<TPlan, TFactory> : IVariantSearch
    where TPlan : struct, IBatchPlan
    where TFactory : struct, IPlanFactory<TPlan>
{
    /// <summary>Bounds kept at once: as many as the second-level cache holds.</summary>
    private const int BoundCells = 1 << 16;
    private const int FewestVariants = 32;
    private const int MostVariants = 1024;

    private readonly PhaseShapes shapes;
    private readonly TFactory factory;
    private readonly LatencyLimits limits;
    private readonly LatencyCeiling ceiling;
    private readonly LaneWidth width;
    private readonly ChipNumbers numbers;
    private readonly ChipColumns columns;
    private readonly VariantBounds bounds;
    private readonly LimitLanes lanes;
    private readonly Lazy<LaneBatchSearch> batches;
    private readonly ReferenceBatches<TPlan, TFactory> reference;
    private readonly PlanTables tables = new() { LearnsLater = true };
    private readonly PlanTables balancedTables = new();
    private readonly int chunk;
    private readonly double[] leastPerCard;
    private readonly int[] wanted;
    private readonly PromisingShapes promising;
    private readonly int[] lastWinners;
    private readonly TPlan[]? own;
    private readonly bool countsWaiting;
    private readonly WorkOrder workOrder = new();
    private readonly bool remembersTimes;
    private readonly PlanRank[] ranks;
    private readonly VariantMisses<TPlan, TFactory> misses;
    private readonly Lazy<LeastLatency<TPlan, TFactory>> leastLatency;
    private readonly IntervalEnds<TPlan, TFactory> ends;
    private long evaluated;

    /// <summary>A searcher.</summary>
    /// <param name="shapes">The phase's shapes.</param>
    /// <param name="factory">Kind of plan.</param>
    /// <param name="ends">The same at both ends of learned times' intervals; none where there are no intervals.</param>
    /// <param name="width">Lane width.</param>
    /// <param name="expectedVariants">Variants to make room for.</param>
    public VariantSearch(PhaseShapes shapes, TFactory factory, IReadOnlyList<TFactory> ends, LaneWidth width, int expectedVariants)
    {
        this.shapes = shapes;
        this.factory = factory;
        this.ends = new IntervalEnds<TPlan, TFactory>(ends);
        this.width = width;
        limits = shapes.Job.Limits;
        ceiling = new LatencyCeiling(limits.FirstTokenMilliseconds / 1000, limits.PerTokenMilliseconds / 1000);
        numbers = factory.Rates.Numbers.Copy();
        int count = shapes.Outlines.Length;
        int most = Math.Clamp(expectedVariants, FewestVariants, MostVariants);
        chunk = Math.Clamp(BoundCells / Math.Max(1, count), FewestVariants, most);
        int tiers = factory.Rates.Chip.Networks.Count;
        columns = new ChipColumns(chunk, tiers);
        bounds = new VariantBounds(shapes, columns, chunk, width);
        lanes = new LimitLanes(chunk, tiers, width);
        batches = new Lazy<LaneBatchSearch>(() => new LaneBatchSearch(width), isThreadSafe: false);
        reference = new ReferenceBatches<TPlan, TFactory>(factory, limits, chunk, tiers, width);
        leastPerCard = new double[shapes.CardCounts * chunk];
        wanted = new int[chunk];
        promising = new PromisingShapes(shapes, bounds, chunk);
        lastWinners = new int[count > 0 ? shapes.CardCounts : 0];
        own = OwnPlans();
        remembersTimes = shapes.Job.Engine is not null || factory.Rates.Learned is not null;
        countsWaiting = own is not null && Array.Exists(own, plan => plan.CountsWaiting);
        ranks = new PlanRank[shapes.CardCounts * chunk];
        misses = new VariantMisses<TPlan, TFactory>(shapes, factory, numbers, columns, lanes, chunk);
        leastLatency = new Lazy<LeastLatency<TPlan, TFactory>>(() => new LeastLatency<TPlan, TFactory>(shapes, factory, EngineKind.Bound, width), isThreadSafe: false);
    }

    /// <inheritdoc/>
    public SweepTally Tally { get; } = new();

    /// <inheritdoc/>
    public int NumbersPerVariant => numbers.Values.Length;

    /// <inheritdoc/>
    public void Solve(ReadOnlySpan<double> values, int count, Span<VariantPlan> plans, Span<VariantMiss> missed)
    {
        plans[..(count * shapes.CardCounts)].Clear();
        lastWinners.AsSpan().Clear();
        for (int start = 0; start < count; start += chunk)
        {
            int variants = Math.Min(chunk, count - start);
            SolveChunk(
                values.Slice(start * NumbersPerVariant, variants * NumbersPerVariant),
                variants,
                plans.Slice(start * shapes.CardCounts, variants * shapes.CardCounts),
                missed.Slice(start, variants));
        }
    }

    /// <inheritdoc/>
    public VariantPlan? LeastLatency(ReadOnlySpan<double> values, int cardCount, KeptRate rate)
    {
        Retune(values, 0);
        if (leastLatency.Value.Best(cardCount, rate) is not { } best)
        {
            return null;
        }

        ShapeKey key = shapes.Catalog.Shapes[best.Shape].Key;
        TPlan plan = factory.Create(best.Layout, key.MicroBatches, balancedTables);
        BatchBound batchBound = key.StatedBatch > 0 ? BatchBound.Stated : BatchBound.Rate;
        return Plan(plan, best.Choice, key, batchBound, plan.Shares(best.Choice.Sequences).Bound) with { Layout = best.Layout };
    }

    /// <inheritdoc/>
    public bool HasIntervals => ends.HasIntervals;

    /// <inheritdoc/>
    public PlanInterval Interval(ReadOnlySpan<double> values, in VariantPlan plan)
    {
        values.CopyTo(numbers.Values);
        return ends.Of(numbers, plan);
    }

    /// <summary>
    /// A plan of each shape that stays, where lanes do not evaluate all, or where learned times are kept with it that the next chip may share; null where lanes do.
    /// </summary>
    private TPlan[]? OwnPlans()
    {
        TPlan[] plans = new TPlan[shapes.Outlines.Length];
        bool someStream = shapes.Catalog.Shapes.Any(shape => !shape.Layout.Second.IsNone);
        for (int shape = 0; shape < plans.Length; shape++)
        {
            (ShapeKey key, ParallelLayout layout, _, _) = shapes.Catalog.Shapes[shape];
            plans[shape] = factory.Create(layout, key.MicroBatches, null);
            if (plans[shape].HasLanes && !someStream && factory.Rates.Learned is null)
            {
                return null;
            }
        }

        return plans.Length == 0 ? null : plans;
    }

    private void SolveChunk(ReadOnlySpan<double> values, int count, Span<VariantPlan> plans, Span<VariantMiss> missed)
    {
        long evaluatedBefore = lanes.Evaluated;
        SetColumns(values, count);
        bounds.Evaluate(count, countsWaiting);
        if (own is null)
        {
            SearchInLanes(values, count, plans);
        }
        else
        {
            SearchOneByOne(values, count, plans);
        }

        bounds.Count(count, lanes.Evaluated - evaluatedBefore + evaluated, Tally);
        evaluated = 0;
        misses.Explain(values, count, plans, missed);
    }

    private void SetColumns(ReadOnlySpan<double> values, int count)
    {
        for (int variant = 0; variant < count; variant++)
        {
            Retune(values, variant);
            columns.Set(variant, factory.Rates);
        }
    }

    private void SearchInLanes(ReadOnlySpan<double> values, int count, Span<VariantPlan> plans)
    {
        SearchMostPromising(values, count, plans);
        foreach (int shape in promising.BestFirst(count))
        {
            int some = Wanting(shape, count);
            if (some > 0)
            {
                Search(shape, wanted.AsSpan(0, some), values, plans);
            }
        }
    }

    /// <summary>Plans that stay, a variant at a time: first what won for the variant before, which leaves little that others can better.</summary>
    private void SearchOneByOne(ReadOnlySpan<double> values, int count, Span<VariantPlan> plans)
    {
        leastPerCard.AsSpan().Clear();
        int[] shapesInOrder = promising.BestFirst(count);
        foreach (int variant in workOrder.Of(values, count, NumbersPerVariant, remembersTimes))
        {
            Retune(values, variant);
            foreach (int shape in lastWinners)
            {
                Try(shape, variant, plans);
            }

            foreach (int shape in shapesInOrder)
            {
                Try(shape, variant, plans);
            }
        }
    }

    private void Try(int shape, int variant, Span<VariantPlan> plans)
    {
        ref double bound = ref bounds.Of(shape, chunk)[variant];
        double least = LeastOf(shape, variant);
        if (!(bound > 0) || bound * Slack.Above < least)
        {
            return;
        }

        bound = 0;
        ShapeKey key = shapes.Catalog.Shapes[shape].Key;
        ParallelLayout layout = shapes.Catalog.Shapes[shape].Layout;
        BatchSteps steps = shapes.Outlines[shape]!.Steps;
        TPlan plan = factory.Refreshed(own![shape]);
        long fitting = plan.LargestBatch(steps);
        long most = key.StatedBatch > 0 ? Math.Min(1, fitting) : fitting;
        if (most == 0)
        {
            return;
        }

        long remaining = plan.CountsWaiting ? most : (long)Math.Min(bounds.WithinOf(shape, chunk)[variant], most);
        double perRank = least * layout.TensorParallel * layout.PipelineParallel * layout.ContextParallel;
        BatchChoice? choice = plan.IsMonotone
            ? batches.Value.Solve(plan, limits, steps, most, remaining, perRank)
            : batches.Value.RunByRunAbove(plan, limits, steps, remaining, perRank);
        evaluated += batches.Value.Evaluated;
        if (choice is { Outcome: BatchOutcome.Found } found)
        {
            Take(shape, variant, plan, found, steps.At(most), default, null, plans);
        }
    }

    /// <summary>Each variant's shape of the highest bound on each card count, shape by shape.</summary>
    private void SearchMostPromising(ReadOnlySpan<double> values, int count, Span<VariantPlan> plans)
    {
        promising.Find(count);
        leastPerCard.AsSpan().Clear();
        for (int shape = 0; shape < shapes.Outlines.Length; shape++)
        {
            int some = promising.VariantsOf(shape, wanted);
            if (some > 0)
            {
                Search(shape, wanted.AsSpan(0, some), values, plans);
            }
        }
    }

    /// <summary>Variants for which some card count may still need a shape: its bound reaches the best found there.</summary>
    private int Wanting(int shape, int count)
    {
        ReadOnlySpan<double> row = bounds.Of(shape, count);
        int some = 0;
        foreach (ShapeCatalog.Use use in shapes.Catalog.UsesOf(shape))
        {
            ReadOnlySpan<double> least = leastPerCard.AsSpan(use.CardCount * chunk, count);
            int before = some;
            for (int variant = 0; variant < count; variant++)
            {
                if (row[variant] > 0 && row[variant] * Slack.Above >= least[variant] && !wanted.AsSpan(0, before).Contains(variant))
                {
                    wanted[some] = variant;
                    some++;
                }
            }
        }

        return some;
    }

    private void Search(int shape, ReadOnlySpan<int> variants, ReadOnlySpan<double> values, Span<VariantPlan> plans)
    {
        (ShapeKey key, ParallelLayout layout, _, _) = shapes.Catalog.Shapes[shape];
        TPlan plan = factory.Create(layout, key.MicroBatches, tables);
        BatchSteps steps = shapes.Outlines[shape]!.Steps;
        double perRank = (double)layout.TensorParallel * layout.PipelineParallel * layout.ContextParallel;
        bool inLanes = plan.IsMonotone;
        if (inLanes)
        {
            lanes.Solve(plan, limits, steps, columns, variants, bounds.WithinOf(shape, chunk));
            if (reference.TryLoad(plan))
            {
                Settle(shape, plan, variants, perRank, values, plans);
                return;
            }
        }

        for (int index = 0; index < variants.Length; index++)
        {
            int variant = variants[index];
            double least = LeastOf(shape, variant);
            bounds.Of(shape, chunk)[variant] = 0;
            if (inLanes && lanes.Units[index] > 0 && lanes.TokensPerRankSecond[index] < least * perRank * Slack.Below)
            {
                continue;
            }

            Retune(values, variant);
            plan = factory.Refreshed(plan);
            long fitting = plan.LargestBatch(steps);
            long most = key.StatedBatch > 0 ? Math.Min(1, fitting) : fitting;
            if (most == 0)
            {
                continue;
            }

            long remaining = (long)Math.Min(bounds.WithinOf(shape, chunk)[variant], most);
            BatchChoice? choice = inLanes
                ? BatchEdge.At(plan, limits, steps, 1, most, (long)Math.Clamp(lanes.Units[index], 1, most))
                : plan.IsMonotone
                    ? batches.Value.Solve(plan, limits, steps, most, remaining, least * perRank)
                    : batches.Value.RunByRunAbove(plan, limits, steps, remaining, least * perRank);
            evaluated += inLanes ? 0 : batches.Value.Evaluated;
            if (choice is { Outcome: BatchOutcome.Found } found)
            {
                Take(shape, variant, plan, found, steps.At(most), default, null, plans);
            }
        }
    }

    /// <summary>Settles what lanes found of a shape for some variants, all that may better what is known of one at once.</summary>
    private void Settle(int shape, TPlan plan, ReadOnlySpan<int> variants, double perRank, ReadOnlySpan<double> values, Span<VariantPlan> plans)
    {
        ShapeKey key = shapes.Catalog.Shapes[shape].Key;
        ShapeOutline outline = shapes.Outlines[shape]!;
        BatchSteps steps = outline.Steps;
        Span<double> open = bounds.Of(shape, chunk);
        (double capacity, double secondCapacity, long fitting) = (double.NaN, double.NaN, 0);
        for (int index = 0; index < variants.Length; index++)
        {
            int variant = variants[index];
            open[variant] = 0;
            if (!(lanes.Units[index] > 0) || lanes.TokensPerRankSecond[index] < LeastOf(shape, variant) * perRank * Slack.Below)
            {
                continue;
            }

            if (columns.CapacityOf(variant) != capacity || columns.SecondCapacityOf(variant) != secondCapacity)
            {
                (capacity, secondCapacity) = (columns.CapacityOf(variant), columns.SecondCapacityOf(variant));
                fitting = outline.Memory.LargestBatch(capacity, steps, secondCapacity);
            }

            long most = key.StatedBatch > 0 ? Math.Min(1, fitting) : fitting;
            if (most > 0)
            {
                reference.Add(variant, (long)Math.Min(lanes.Units[index], most), most, steps);
            }
        }

        reference.Evaluate(columns);
        for (int index = 0; index < reference.Count; index++)
        {
            (int variant, long batch, long most) = reference[index];
            TPlan tuned = plan;
            if (factory.HasFiguresByChip)
            {
                Retune(values, variant);
                tuned = factory.Refreshed(plan);
            }

            if (reference.ChoiceOf(tuned, index) is { } choice)
            {
                Take(shape, variant, tuned, choice, steps.At(most), values, reference.BoundOf(index), plans);
                continue;
            }

            Retune(values, variant);
            tuned = factory.Refreshed(plan);
            BatchChoice smaller = BatchEdge.At(tuned, limits, steps, 1, most, batch);
            if (smaller.Outcome == BatchOutcome.Found)
            {
                Take(shape, variant, tuned, smaller, steps.At(most), values, null, plans);
            }
        }
    }

    /// <summary>Throughput of a card that a shape must reach on a variant to be of use to some card count.</summary>
    private double LeastOf(int shape, int variant)
    {
        double least = double.PositiveInfinity;
        foreach (ShapeCatalog.Use use in shapes.Catalog.UsesOf(shape))
        {
            least = Math.Min(least, leastPerCard[(use.CardCount * chunk) + variant]);
        }

        return least;
    }

    /// <summary>Takes a plan where it is the best so far of a variant.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="variant">The variant.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="choice">Its batch.</param>
    /// <param name="largestSequences">The largest batch that fits.</param>
    /// <param name="values">Numbers of the variants; empty where the chip has the variant's.</param>
    /// <param name="timeBound">What takes most of its time, where that is known.</param>
    /// <param name="plans">The best plans.</param>
    private void Take(
        int shape,
        int variant,
        in TPlan plan,
        BatchChoice choice,
        double largestSequences,
        ReadOnlySpan<double> values,
        TimeBound? timeBound,
        Span<VariantPlan> plans)
    {
        ShapeKey key = shapes.Catalog.Shapes[shape].Key;
        VariantPlan explained = default;
        bool isExplained = false;
        foreach (ShapeCatalog.Use use in shapes.Catalog.UsesOf(shape))
        {
            PlanRank rank = new(
                choice.Figures.TokensPerSecondOf(use.Layout.DataParallel), use.Layout, choice.Sequences, key.MicroBatches);
            int cell = (use.CardCount * chunk) + variant;
            ref VariantPlan known = ref plans[(variant * shapes.CardCounts) + use.CardCount];
            if (known.IsFound && !rank.Precedes(ranks[cell]))
            {
                continue;
            }

            if (!isExplained)
            {
                if (!values.IsEmpty)
                {
                    Retune(values, variant);
                }

                BatchBound batchBound = BoundOf(plan, choice, key, shapes.Outlines[shape]!.Steps, largestSequences);
                explained = Plan(plan, choice, key, batchBound, timeBound ?? plan.Shares(choice.Sequences).Bound);
                isExplained = true;
            }

            known = explained with { Layout = use.Layout, Figures = choice.Figures with { DataParallel = use.Layout.DataParallel } };
            ranks[cell] = rank;
            lastWinners[use.CardCount] = shape;
            leastPerCard[cell] = rank.TokensPerSecond / use.Layout.Cards;
        }
    }

    private BatchBound BoundOf(in TPlan plan, BatchChoice choice, ShapeKey key, BatchSteps steps, double largestSequences)
    {
        if (key.StatedBatch > 0)
        {
            return BatchBound.Stated;
        }

        if (choice.Sequences >= largestSequences)
        {
            return BatchBound.Capacity;
        }

        return !plan.IsMonotone && limits.Accept(plan.At(steps.At(steps.LastWithin(choice.Sequences) + 1))) ? BatchBound.Efficiency : BatchBound.LatencyLimit;
    }

    private static VariantPlan Plan(in TPlan plan, BatchChoice choice, ShapeKey key, BatchBound bound, TimeBound timeBound) => new(
        default,
        key.MicroBatches,
        choice.Sequences,
        choice.Figures,
        plan.MemoryBytes(choice.Sequences),
        timeBound,
        bound,
        plan.IsBeyondTraining(choice.Sequences),
        plan.Draw(choice.Sequences))
    {
        SecondMemoryBytes = plan.SecondMemoryBytes(choice.Sequences),
    };

    private void Retune(ReadOnlySpan<double> values, int variant)
    {
        values.Slice(variant * NumbersPerVariant, NumbersPerVariant).CopyTo(numbers.Values);
        factory.Retune(numbers);
    }
}

using FastSim.Kernels.Lanes;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;

namespace FastSim.Search.Engines;

/// <summary>
/// Finds, of the plans and batches of a phase on a number of cards that keep a rate, the one of least latency. Shapes are taken best-first by a
/// lower bound: the latency, by <see cref="StageBound"/>, of the smallest batch that may keep the rate. Serves one thread.
/// </summary>
/// <param name="shapes">The phase's shapes.</param>
/// <param name="factory">Kind of plan; its chip may be retuned between searches.</param>
/// <param name="kind">The engine: exhaustive looks at every batch of every shape.</param>
/// <param name="width">Lane width; the results do not depend on it.</param>
internal sealed class LeastLatency<TPlan, TFactory>(PhaseShapes shapes, TFactory factory, EngineKind kind, LaneWidth width)
    where TPlan : struct, IBatchPlan
    where TFactory : IPlanFactory<TPlan>
{
    private readonly KeptRateLanes lanes = new(width);
    private readonly PlanTables tables = new();
    private readonly List<Look> looks = [];
    private readonly List<(int Shape, ParallelLayout Layout)>[] usesOn = UsesOn(shapes);

    /// <summary>The best, at its batch.</summary>
    /// <param name="cardCount">Place of the number of cards in the phase's list.</param>
    /// <param name="rate">The rate to keep.</param>
    /// <returns>The layout's shape, the layout and the batch; null when no plan keeps the rate.</returns>
    public (int Shape, ParallelLayout Layout, BatchChoice Choice)? Best(int cardCount, KeptRate rate)
    {
        looks.Clear();
        foreach ((int shape, ParallelLayout layout) in usesOn[cardCount])
        {
            if (shapes.Outlines[shape] is { } outline && LookAt(shape, layout, outline, rate) is { } look)
            {
                looks.Add(look);
            }
        }

        looks.Sort(static (one, other) => one.LeastSeconds.CompareTo(other.LeastSeconds));
        (int Shape, ParallelLayout Layout, BatchChoice Choice)? best = null;
        LatencyRank bestRank = default;
        foreach (Look look in looks)
        {
            if (best is not null && look.LeastSeconds * Slack.Below > bestRank.LatencySeconds)
            {
                break;
            }

            int microBatches = shapes.Catalog.Shapes[look.Shape].Key.MicroBatches;
            if (Solve(look, microBatches, rate) is { } choice
                && LatencyRank.Of(choice, look.Layout, microBatches) is var rank
                && (best is null || rank.Precedes(bestRank)))
            {
                best = (look.Shape, look.Layout, choice);
                bestRank = rank;
            }
        }

        return best;
    }

    private BatchChoice? Solve(Look look, int microBatches, KeptRate rate)
    {
        TPlan plan = factory.Create(look.Layout, microBatches, tables);
        BatchSteps steps = shapes.Outlines[look.Shape]!.Steps;
        if (!plan.HasLanes)
        {
            return KeptRateSearch.Least(plan, shapes.Job.Limits, steps, Math.Min(look.Largest, plan.LargestBatch(steps)), rate);
        }

        return kind == EngineKind.Exhaustive
            ? lanes.Exhaust(plan, shapes.Job.Limits, steps, look.Largest, rate, look.Layout.DataParallel)
            : lanes.Solve(plan, shapes.Job.Limits, steps, look.First, look.Largest, rate, look.Layout.DataParallel);
    }

    /// <summary>A first look that evaluates no operator; null when no batch fits, or none can keep the rate.</summary>
    private Look? LookAt(int shape, ParallelLayout layout, ShapeOutline outline, KeptRate rate)
    {
        long largest = Math.Min(outline.Memory.LargestBatch(factory.CapacityBytes, outline.Steps, factory.Rates.SecondCapacityBytes), outline.MostUnits);
        if (largest == 0 || kind == EngineKind.Exhaustive)
        {
            return largest == 0 ? null : new Look(shape, layout, 1, largest, 0);
        }

        StageBound bound = new(outline.Sums, factory.Rates);
        double wanted = rate.TokensPerRankSecond(layout.DataParallel) * Slack.Below;
        if (outline.MostTokensPerRankSecond(bound, largest) < wanted)
        {
            return null;
        }

        (long lacking, long enough) = (0, largest);
        while (enough - lacking > 1)
        {
            long middle = lacking + ((enough - lacking) / 2);
            (lacking, enough) = outline.MostTokensPerRankSecond(bound, middle) < wanted ? (middle, enough) : (lacking, middle);
        }

        return new Look(shape, layout, enough, largest, outline.LeastLatencySeconds(bound, enough));
    }

    private static List<(int Shape, ParallelLayout Layout)>[] UsesOn(PhaseShapes shapes)
    {
        List<(int, ParallelLayout)>[] uses = [.. Enumerable.Range(0, shapes.CardCounts).Select(_ => new List<(int, ParallelLayout)>())];
        for (int shape = 0; shape < shapes.Outlines.Length; shape++)
        {
            foreach (ShapeCatalog.Use use in shapes.Catalog.UsesOf(shape))
            {
                uses[use.CardCount].Add((shape, use.Layout));
            }
        }

        return uses;
    }

    /// <summary>A shape that may keep the rate.</summary>
    /// <param name="Shape">The shape.</param>
    /// <param name="Layout">Its layout on the number of cards.</param>
    /// <param name="First">Smallest batch that may keep it, in units.</param>
    /// <param name="Largest">Largest batch that fits, in units.</param>
    /// <param name="LeastSeconds">No batch that keeps it has less latency.</param>
    private readonly record struct Look(int Shape, ParallelLayout Layout, long First, long Largest, double LeastSeconds);
}

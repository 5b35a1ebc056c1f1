using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Search.Engines;

/// <summary>
/// Searches a phase on several card counts at once, shape by shape, in lanes. The bound engine looks at each shape, takes them best-first by
/// the throughput of a card that they cannot exceed, and searches the batch of those that some card count may still need; the exhaustive
/// engine evaluates every batch of every shape. Rounds have a fixed size, so neither the answer nor the counters depend on the threads.
/// </summary>
internal sealed class ShapeEngine<TPlan, TFactory>
    where TPlan : struct, IBatchPlan
    where TFactory : IPlanFactory<TPlan>
{
    /// <summary>Plans that are kept from the first look on at most, some tens of kilobytes each.</summary>
    private const int MostKept = 512;

    private readonly TFactory factory;
    private readonly LatencyLimits limits;
    private readonly EngineSettings settings;
    private readonly ShapeCatalog catalog;
    private readonly ShapeState[] states;
    private readonly TPlan[]? looked;
    private readonly ShapeWorkers workers;
    private readonly RankedPlans[] best;

    private ShapeEngine(
        TFactory factory, ChipRates rates, Job job, PlanRestriction restriction, IReadOnlyList<PlanSpace> spaces, EngineSettings settings, int kept)
    {
        this.factory = factory;
        this.settings = settings;
        limits = job.Limits;
        catalog = new ShapeCatalog(
            spaces, restriction.Batches, job.Accounting, rates, leastRedundancyOnly: rates.HasFlatEfficiency);
        states = new ShapeState[catalog.Shapes.Count];

        // What was found of an engine's launches to bound them is what they are priced from.
        looked = job.Engine is not null && states.Length <= MostKept ? new TPlan[states.Length] : null;
        workers = new ShapeWorkers(settings, states.Length);
        best = [.. spaces.Select(_ => new RankedPlans(kept))];
    }

    /// <summary>The best plan on each card count.</summary>
    public static PlanChoice<TPlan>?[] Best(
        TFactory factory,
        ChipRates rates,
        Job job,
        PlanRestriction restriction,
        IReadOnlyList<PlanSpace> spaces,
        EngineSettings settings,
        SearchTally tally)
    {
        ShapeEngine<TPlan, TFactory> engine = new(factory, rates, job, restriction, spaces, settings, kept: 1);
        engine.Search();
        engine.Count(tally);
        return Array.ConvertAll(engine.best, plans => plans.Count > 0 ? engine.PlanOf(plans[0]) : (PlanChoice<TPlan>?)null);
    }

    /// <summary>The best plans on each card count, best first, of layouts that differ in more than redundant experts and micro-batches.</summary>
    public static IReadOnlyList<PlanRank>[] Ranked(
        TFactory factory, Job job, PlanRestriction restriction, IReadOnlyList<PlanSpace> spaces, EngineSettings settings, int count)
    {
        ShapeEngine<TPlan, TFactory> engine = new(factory, factory.Rates, job, restriction, spaces, settings, count);
        engine.Search();
        return Array.ConvertAll(engine.best, plans => plans.InOrder());
    }

    private void Search()
    {
        workers.LookThenBestFirst(
            states, Look, shape => states[shape].Figure * Slack.Above >= LeastPerCard(shape), Solve, round => round.ForEach(TakeBest));
        if (Array.TrueForAll(best, plans => plans.Count == 0))
        {
            workers.ForEach([.. Enumerable.Range(0, states.Length).Where(shape => states[shape].Outcome == ShapeOutcome.TooSlow)], Miss);
        }
    }

    private void Look(int shape, LaneBatchSearch search)
    {
        (ShapeKey key, Kernels.Stages.ParallelLayout layout, _, _) = catalog.Shapes[shape];
        TPlan plan = factory.Create(layout, key.MicroBatches, looked is null ? search.BoundTables : null);
        if (looked is not null)
        {
            looked[shape] = plan;
        }

        states[shape] = ShapeState.Of(plan, key, catalog.Steps<TPlan, TFactory>(shape, factory), limits, settings.Kind);
    }

    /// <summary>Throughput of a card that a shape must reach to be of use: the least that any card count it serves has already.</summary>
    private double LeastPerCard(int shape)
    {
        double least = double.PositiveInfinity;
        foreach (ShapeCatalog.Use use in catalog.UsesOf(shape))
        {
            least = Math.Min(least, best[use.CardCount].LeastTokensPerSecond / use.Layout.Cards);
        }

        return least;
    }

    private void Solve(int shape, LaneBatchSearch search)
    {
        (ShapeKey key, Kernels.Stages.ParallelLayout layout, _, _) = catalog.Shapes[shape];
        ShapeState state = states[shape];
        TPlan plan = looked is null ? factory.Create(layout, key.MicroBatches, search.Tables) : looked[shape];
        BatchSteps steps = catalog.Steps<TPlan, TFactory>(shape, factory);
        double leastPerRank = LeastPerCard(shape) * layout.TensorParallel * layout.PipelineParallel * layout.ContextParallel;
        BatchChoice? choice = settings.Kind == EngineKind.Exhaustive
            ? search.Exhaust(plan, limits, steps, state.Largest)
            : search.Solve(plan, limits, steps, state.Largest, state.Within, leastPerRank);
        state = state with { Evaluated = search.Evaluated, EvaluatedTooSlow = search.EvaluatedTooSlow };
        states[shape] = state;
        if (choice is { } found)
        {
            states[shape] = state with
            {
                Outcome = found.Outcome == BatchOutcome.Found ? ShapeOutcome.Solved : ShapeOutcome.TooSlow,
                Choice = found,
            };
        }
    }

    /// <summary>The figures by which shapes miss their limit, for a phase that has no plan on any card count.</summary>
    private void Miss(int shape, LaneBatchSearch search)
    {
        // Where latency may fall with the batch, one that a bound refuses may still be the nearest: then all batches must have been looked at.
        if (states[shape].Choice.Outcome == BatchOutcome.TooSlow
            && (factory.Rates.HasFlatEfficiency || states[shape].Within == states[shape].Largest))
        {
            return;
        }

        (ShapeKey key, Kernels.Stages.ParallelLayout layout, _, _) = catalog.Shapes[shape];
        BatchSteps steps = catalog.Steps<TPlan, TFactory>(shape, factory);
        TPlan plan = factory.Create(layout, key.MicroBatches, search.Tables);
        states[shape] = states[shape] with
        {
            Choice = plan.IsMonotone ? LaneBatchSearch.Refused(plan, steps) : search.RunByRun(plan, limits, steps, states[shape].Largest),
        };
    }

    private void TakeBest(int shape)
    {
        ShapeState state = states[shape];
        if (state.Outcome != ShapeOutcome.Solved)
        {
            return;
        }

        foreach (ShapeCatalog.Use use in catalog.UsesOf(shape))
        {
            best[use.CardCount].Take(new PlanRank(
                state.Choice.Figures.TokensPerSecondOf(use.Layout.DataParallel),
                use.Layout,
                state.Choice.Sequences,
                catalog.Shapes[shape].Key.MicroBatches));
        }
    }

    private PlanChoice<TPlan> PlanOf(PlanRank rank)
    {
        TPlan plan = factory.Create(rank.Layout, rank.MicroBatches);
        return new PlanChoice<TPlan>(plan, rank.Sequences, plan.At(rank.Sequences));
    }

    private void Count(SearchTally tally)
    {
        long most = 1;
        foreach (ShapeState state in states)
        {
            most = Math.Max(most, state.Largest);
        }

        double capacity = factory.CapacityBytes;
        for (int shape = 0; shape < states.Length; shape++)
        {
            ShapeState state = states[shape];
            int layouts = catalog.Shapes[shape].UseCount;
            switch (state.Outcome)
            {
                case ShapeOutcome.Unreachable:
                    tally.CountUnreachable(layouts);
                    break;
                case ShapeOutcome.TooLarge:
                    tally.CountTooLarge(state.Figure, capacity, layouts);
                    break;
                case ShapeOutcome.TooSlow:
                    tally.CountTooSlow(state.Choice.Outcome == BatchOutcome.TooSlow ? LatencyMiss.Of(state.Choice.Figures, limits) : null, layouts);
                    break;
                case ShapeOutcome.Open:
                    tally.CountOutbid(layouts);
                    break;
                default:
                    tally.CountFeasible(layouts);
                    break;
            }

            CountBatches(tally, shape, most);
        }

        tally.CountOutbid(catalog.Dominated);
        tally.Refuse(catalog.Refused, most);
        tally.Cover(
            catalog.Covered,
            catalog.Covered - catalog.Divisible - catalog.SplitBlocks - catalog.Refused.Values.Sum(),
            catalog.SplitBlocks,
            most);
        tally.CountEvaluated(states.Sum(state => state.Evaluated));
    }

    private void CountBatches(SearchTally tally, int shape, long most)
    {
        int layouts = catalog.Shapes[shape].UseCount;
        ShapeState state = states[shape];
        BatchSteps steps = catalog.Steps<TPlan, TFactory>(shape, factory);
        double unreachable = state.Outcome == ShapeOutcome.Unreachable ? most : 0;

        // Batches that were evaluated count as such, whatever came of it. Beyond the chosen one the rest is too slow where latency never falls.
        double tooSlow = state.Outcome switch
        {
            ShapeOutcome.TooSlow => state.Largest - state.Evaluated,
            ShapeOutcome.Solved when factory.Rates.HasFlatEfficiency => Math.Clamp(
                state.Largest - steps.LastWithin(state.Choice.Sequences) - state.EvaluatedTooSlow, 0, state.Largest - state.Evaluated),
            ShapeOutcome.Solved or ShapeOutcome.Open => state.Largest - state.Within,
            _ => 0,
        };
        tally.CountBatches(layouts, unreachable, most - state.Largest - unreachable, tooSlow);
    }
}

using CommunityToolkit.HighPerformance.Helpers;
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
    private const int FewestShapesPerRound = 4;
    private const int MostShapesPerRound = 64;

    private readonly TFactory factory;
    private readonly LatencyLimits limits;
    private readonly EngineSettings settings;
    private readonly ShapeCatalog catalog;
    private readonly ShapeState[] states;
    private readonly LaneBatchSearch[] searches;
    private readonly PlanRank?[] best;

    private ShapeEngine(
        TFactory factory, ChipRates rates, Job job, PlanRestriction restriction, IReadOnlyList<PlanSpace> spaces, EngineSettings settings)
    {
        this.factory = factory;
        this.settings = settings;
        limits = job.Limits;
        catalog = new ShapeCatalog(
            spaces, restriction.Batches, job.Accounting, rates, leastRedundancyOnly: rates.HasFlatEfficiency);
        states = new ShapeState[catalog.Shapes.Count];
        searches = new LaneBatchSearch[Math.Min(settings.Workers, states.Length)];
        for (int worker = 0; worker < searches.Length; worker++)
        {
            searches[worker] = new LaneBatchSearch(settings.Width);
        }

        best = new PlanRank?[spaces.Count];
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
        ShapeEngine<TPlan, TFactory> engine = new(factory, rates, job, restriction, spaces, settings);
        engine.ForEach(Enumerable.Range(0, engine.states.Length).ToArray(), engine.Look);
        engine.SolveBestFirst();
        if (Array.TrueForAll(engine.best, choice => choice is null))
        {
            engine.ForEach([.. engine.ShapesThat(ShapeOutcome.TooSlow)], engine.Miss);
        }

        engine.Count(tally);
        return Array.ConvertAll(engine.best, choice => choice is { } found ? engine.PlanOf(found) : (PlanChoice<TPlan>?)null);
    }

    private IEnumerable<int> ShapesThat(ShapeOutcome outcome) =>
        Enumerable.Range(0, states.Length).Where(shape => states[shape].Outcome == outcome);

    private void Look(int shape, LaneBatchSearch search)
    {
        (ShapeKey key, Kernels.Stages.ParallelLayout layout, _, _) = catalog.Shapes[shape];
        TPlan plan = factory.Create(layout, key.MicroBatches, search.BoundTables);
        if (!plan.IsReachable)
        {
            states[shape] = new ShapeState(ShapeOutcome.Unreachable, 0, 0, 0);
            return;
        }

        BatchSteps steps = key.StatedBatch > 0 ? key.StatedBatch : factory.Steps(layout);
        long fitting = plan.LargestBatch(steps);
        if (fitting == 0)
        {
            states[shape] = new ShapeState(ShapeOutcome.TooLarge, 0, plan.MemoryBytes(steps.First), 0);
            return;
        }

        long largest = key.StatedBatch > 0 ? 1 : fitting;
        if (settings.Kind == EngineKind.Exhaustive)
        {
            states[shape] = new ShapeState(ShapeOutcome.Open, largest, double.PositiveInfinity, largest);
            return;
        }

        BatchLook look = LaneBatchSearch.Look(plan, limits, steps, largest);
        states[shape] = new ShapeState(
            look.Within > 0 ? ShapeOutcome.Open : ShapeOutcome.TooSlow,
            largest,
            look.TokensPerRankSecond / ((double)layout.TensorParallel * layout.PipelineParallel),
            look.Within);
    }

    private void SolveBestFirst()
    {
        int[] order = ShapesThat(ShapeOutcome.Open)
            .OrderByDescending(shape => states[shape].Figure)
            .ToArray();
        List<int> round = new(MostShapesPerRound);
        int roundSize = FewestShapesPerRound;
        for (int next = 0; next < order.Length; roundSize = Math.Min(2 * roundSize, MostShapesPerRound))
        {
            round.Clear();
            for (; next < order.Length && round.Count < roundSize; next++)
            {
                if (states[order[next]].Figure * Slack.Above >= LeastPerCard(order[next]))
                {
                    round.Add(order[next]);
                }
            }

            ForEach([.. round], Solve);
            round.ForEach(TakeBest);
        }
    }

    /// <summary>Throughput of a card that a shape must reach to be of use: the least that any card count it serves has already.</summary>
    private double LeastPerCard(int shape)
    {
        double least = double.PositiveInfinity;
        foreach (ShapeCatalog.Use use in catalog.UsesOf(shape))
        {
            least = Math.Min(least, best[use.CardCount] is { } known ? known.TokensPerSecond / use.Layout.Cards : 0);
        }

        return least;
    }

    private void Solve(int shape, LaneBatchSearch search)
    {
        (ShapeKey key, Kernels.Stages.ParallelLayout layout, _, _) = catalog.Shapes[shape];
        ShapeState state = states[shape];
        TPlan plan = factory.Create(layout, key.MicroBatches, search.Tables);
        BatchSteps steps = key.StatedBatch > 0 ? key.StatedBatch : factory.Steps(layout);
        double leastPerRank = LeastPerCard(shape) * layout.TensorParallel * layout.PipelineParallel;
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
        BatchSteps steps = key.StatedBatch > 0 ? key.StatedBatch : factory.Steps(layout);
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
            PlanRank rank = new(
                state.Choice.Figures.TokensPerSecondOf(use.Layout.DataParallel),
                use.Layout,
                state.Choice.Sequences,
                catalog.Shapes[shape].Key.MicroBatches);
            ref PlanRank? known = ref best[use.CardCount];
            if (known is not { } other || rank.Precedes(other))
            {
                known = rank;
            }
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
        tally.Cover(catalog.Covered, catalog.Covered - catalog.Divisible - catalog.SplitBlocks, catalog.SplitBlocks, most);
        tally.CountEvaluated(states.Sum(state => state.Evaluated));
    }

    private void CountBatches(SearchTally tally, int shape, long most)
    {
        (ShapeKey key, Kernels.Stages.ParallelLayout layout, _, int layouts) = catalog.Shapes[shape];
        ShapeState state = states[shape];
        BatchSteps steps = key.StatedBatch > 0 ? key.StatedBatch : factory.Steps(layout);
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

    /// <summary>Works through shapes on all workers, each with lanes of its own; a worker takes every n-th, so the split is fixed.</summary>
    private void ForEach(int[] shapes, Action<int, LaneBatchSearch> work)
    {
        int workers = Math.Min(searches.Length, shapes.Length);
        if (workers > 0)
        {
            ParallelHelper.For(0, workers, new Worker(shapes, work, searches, workers));
        }
    }

    private readonly struct Worker(
        int[] shapes, Action<int, LaneBatchSearch> work, LaneBatchSearch[] searches, int workers) : IAction
    {
        public void Invoke(int worker)
        {
            LaneBatchSearch search = searches[worker];
            for (int index = worker; index < shapes.Length; index += workers)
            {
                work(shapes[index], search);
            }
        }
    }
}

using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Search.Fronts;

/// <summary>
/// Finds, on each of several card counts, the plans and batches of a phase that fit, meet the limits of latency and of which no other yields as much for as
/// little work a token: whatever a limit of energy leaves, the best deployment is made of them. The bound engine takes shapes best-first by the throughput that
/// they cannot exceed, and leaves one out that something known beats at the work of its largest batch. The others look at every batch.
/// </summary>
internal sealed class FrugalSearch<TPlan, TFactory>
    where TPlan : struct, IBatchPlan
    where TFactory : IPlanFactory<TPlan>
{
    private readonly TFactory factory;
    private readonly LatencyLimits limits;
    private readonly EngineKind kind;
    private readonly ShapeCatalog catalog;
    private readonly ShapeState[] states;
    private readonly double[] leastWork;
    private readonly List<FrugalPlan>[] found;
    private readonly FrugalLine[] lines;

    private FrugalSearch(TFactory factory, Job job, PlanRestriction restriction, IReadOnlyList<PlanSpace> spaces, EngineKind kind)
    {
        this.factory = factory;
        this.kind = kind;
        limits = job.Limits;
        catalog = new ShapeCatalog(
            spaces, restriction.Batches, job.Accounting, factory.Rates, leastRedundancyOnly: factory.Rates.HasFlatEfficiency);
        states = new ShapeState[catalog.Shapes.Count];
        leastWork = new double[states.Length];
        found = [.. states.Select(_ => new List<FrugalPlan>())];
        lines = [.. spaces.Select(_ => new FrugalLine())];
    }

    /// <summary>The plans on each card count.</summary>
    /// <param name="factory">Kind of plan.</param>
    /// <param name="job">The job.</param>
    /// <param name="restriction">What is fixed of the phase's plans.</param>
    /// <param name="spaces">Layouts of each card count.</param>
    /// <param name="settings">The engine; the plans do not depend on it.</param>
    public static FrugalLine[] Of(TFactory factory, Job job, PlanRestriction restriction, IReadOnlyList<PlanSpace> spaces, EngineSettings settings)
    {
        if (settings.Kind == EngineKind.Scalar)
        {
            return [.. spaces.Select(space => OneByOne(factory, job.Limits, restriction.Batches, space))];
        }

        FrugalSearch<TPlan, TFactory> search = new(factory, job, restriction, spaces, settings.Kind);
        new ShapeWorkers(settings, search.states.Length).LookThenBestFirst(
            search.states, search.Look, search.IsOpen, search.Solve, search.Take);
        return search.lines;
    }

    /// <summary>Every layout of a space by itself.</summary>
    private static FrugalLine OneByOne(TFactory factory, LatencyLimits limits, IReadOnlyList<BatchTriple>? batches, PlanSpace space)
    {
        FrugalBatches search = new();
        List<FrugalPlan> all = [];
        foreach (ParallelLayout layout in factory.Rates.HasFlatEfficiency ? space.LeastRedundant() : space.Divisible())
        {
            for (int batch = 0; batch < (batches?.Count ?? 1); batch++)
            {
                int microBatches = batches is null ? layout.PipelineParallel : batches[batch].MicroBatches;
                BatchSteps steps = batches is null ? factory.Steps(layout) : batches[batch].Size;
                TPlan plan = factory.Create(layout, microBatches);
                long largest = !plan.IsReachable ? 0 : Math.Min(plan.LargestBatch(steps), batches is null ? long.MaxValue : 1);
                if (largest > 0)
                {
                    search.Find(
                        plan, limits, steps, largest, isCounted: true, (sequences, figures, draw) => all.Add(new FrugalPlan(layout, microBatches, sequences, figures, draw)));
                }
            }
        }

        FrugalLine line = new();
        line.Add(all);
        return line;
    }

    /// <summary>Bounds a shape: the throughput of a card, and the work a token at the largest batch that fits.</summary>
    private void Look(int shape, LaneBatchSearch search)
    {
        ShapeCatalog.Shape looked = catalog.Shapes[shape];
        TPlan plan = factory.Create(looked.Layout, looked.Key.MicroBatches, search.BoundTables);
        BatchSteps steps = catalog.Steps<TPlan, TFactory>(shape, factory);
        states[shape] = ShapeState.Of(plan, looked.Key, steps, limits, kind);
        if (states[shape].Outcome == ShapeOutcome.Open && kind == EngineKind.Bound)
        {
            double largest = steps.At(states[shape].Largest);
            leastWork[shape] = looked.Layout.Cards * plan.Draw(largest).WorkWatts / plan.At(largest).TokensPerSecond;
        }
    }

    private bool IsOpen(int shape)
    {
        if (kind != EngineKind.Bound)
        {
            return true;
        }

        foreach (ShapeCatalog.Use use in catalog.UsesOf(shape))
        {
            if (!lines[use.CardCount].Beats(states[shape].Figure * use.Layout.Cards * Slack.Above, leastWork[shape] * Slack.Below))
            {
                return true;
            }
        }

        return false;
    }

    private void Solve(int shape, LaneBatchSearch search)
    {
        ShapeCatalog.Shape solved = catalog.Shapes[shape];
        TPlan plan = factory.Create(solved.Layout, solved.Key.MicroBatches, search.Tables);
        BatchSteps steps = catalog.Steps<TPlan, TFactory>(shape, factory);
        new FrugalBatches().Find(
            plan,
            limits,
            steps,
            kind == EngineKind.Bound ? states[shape].Within : states[shape].Largest,
            isCounted: kind != EngineKind.Bound,
            (sequences, figures, draw) => found[shape].Add(new FrugalPlan(solved.Layout, solved.Key.MicroBatches, sequences, figures, draw)));
    }

    private void Take(List<int> round)
    {
        List<FrugalPlan>?[] open = new List<FrugalPlan>?[lines.Length];
        foreach (int shape in round)
        {
            foreach (ShapeCatalog.Use use in catalog.UsesOf(shape))
            {
                foreach (FrugalPlan plan in found[shape])
                {
                    (open[use.CardCount] ??= []).Add(plan with { Layout = use.Layout, Figures = plan.Figures with { DataParallel = use.Layout.DataParallel } });
                }
            }

            found[shape].Clear();
        }

        for (int count = 0; count < lines.Length; count++)
        {
            lines[count].Add(open[count] ?? []);
        }
    }
}

using FastSim.Kernels.Plans;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Search.Fronts;

/// <summary>
/// Finds, on each of several card counts, all plans and batches (<see cref="FrontBatches"/>) of a phase that fit, meet the limits and that no other
/// beats. Shapes are taken best-first by the throughput of a card that they cannot exceed. Where latency and throughput never fall with the batch
/// (cost model B7) nothing between two batches is better than the larger's throughput at the smaller's latency: a stretch that something known
/// beats by that is left out unevaluated. Of a fusion what takes too much energy beats nothing: it is not taken in. Other engines than the bound engine evaluate every batch. Rounds have a fixed size.
/// </summary>
internal sealed class FrontSearch<TPlan, TFactory>
    where TPlan : struct, IBatchPlan
    where TFactory : IPlanFactory<TPlan>
{
    private readonly TFactory factory;
    private readonly LatencyLimits limits;
    private readonly double? energyLimit;
    private readonly EngineKind kind;
    private readonly ShapeCatalog catalog;
    private readonly ShapeState[] states;
    private readonly Merit[] corners;
    private readonly List<FrontPlan>[] found;
    private readonly FrontLine<FrontPlan>[] lines;

    private FrontSearch(TFactory factory, Job job, PlanRestriction restriction, IReadOnlyList<PlanSpace> spaces, EngineKind kind)
    {
        this.factory = factory;
        this.kind = kind;
        limits = job.Limits;
        energyLimit = job.Mode == ServingMode.Fusion ? job.EnergyLimit : null;
        catalog = new ShapeCatalog(
            spaces, restriction.Batches, job.Accounting, factory.Rates, leastRedundancyOnly: factory.Rates.HasFlatEfficiency);
        states = new ShapeState[catalog.Shapes.Count];
        corners = new Merit[states.Length];
        found = [.. states.Select(_ => new List<FrontPlan>())];
        lines = [.. spaces.Select(_ => new FrontLine<FrontPlan>(FrontPlan.Order))];
    }

    /// <summary>The front on each card count.</summary>
    /// <param name="factory">Kind of plan.</param>
    /// <param name="job">The job.</param>
    /// <param name="restriction">What is fixed of the phase's plans.</param>
    /// <param name="spaces">Layouts of each card count.</param>
    /// <param name="settings">The engine; the front does not depend on it.</param>
    public static FrontLine<FrontPlan>[] Of(
        TFactory factory, Job job, PlanRestriction restriction, IReadOnlyList<PlanSpace> spaces, EngineSettings settings)
    {
        FrontSearch<TPlan, TFactory> search = new(factory, job, restriction, spaces, settings.Kind);
        new ShapeWorkers(settings, search.states.Length).LookThenBestFirst(
            search.states, search.Look, shape => !search.IsBeaten(shape, search.corners[shape]), search.Solve, search.Take);
        return search.lines;
    }

    /// <summary>Bounds a shape: its merit on one attention rank at the highest throughput and the least latencies that any of its batches may have.</summary>
    private void Look(int shape, LaneBatchSearch search)
    {
        ShapeCatalog.Shape looked = catalog.Shapes[shape];
        TPlan plan = factory.Create(looked.Layout, looked.Key.MicroBatches, search.BoundTables);
        BatchSteps steps = catalog.Steps<TPlan, TFactory>(shape, factory);
        states[shape] = ShapeState.Of(plan, looked.Key, steps, limits, kind);
        if (states[shape].Outcome != ShapeOutcome.Open || kind != EngineKind.Bound)
        {
            corners[shape] = new Merit(double.PositiveInfinity, 0, 0);
            return;
        }

        // Of sequences some of which wait fewer than one may decode.
        double fewest = plan.CountsWaiting ? 0 : steps.First;
        StageBound bound = plan.Bound(steps.First);
        PlanFigures least = plan.FiguresOf(bound.StageSeconds(fewest), bound.StepSeconds(fewest), fewest);
        corners[shape] = Merit.Of(least, 1) with
        {
            TokensPerSecond = states[shape].Figure * looked.Layout.TensorParallel * looked.Layout.PipelineParallel * looked.Layout.ContextParallel,
        };
    }

    private void Solve(int shape, LaneBatchSearch search)
    {
        ShapeCatalog.Shape solved = catalog.Shapes[shape];
        TPlan plan = factory.Create(solved.Layout, solved.Key.MicroBatches, search.Tables);
        BatchSteps steps = catalog.Steps<TPlan, TFactory>(shape, factory);
        long last = states[shape].Largest;
        if (plan.IsMonotone)
        {
            BatchChoice largest = BatchSearch.Bisect(plan, limits, steps, states[shape].Within);
            if (largest.Outcome != BatchOutcome.Found)
            {
                return;
            }

            last = steps.LastWithin(largest.Sequences);
        }

        FrontBatches batches = new(last);
        if (plan.IsMonotone && kind == EngineKind.Bound)
        {
            int end = batches.Count - 1;
            Merit first = Evaluate(shape, plan, steps.At(batches.At(0)));
            Close(shape, plan, steps, batches, (0, first), (end, end > 0 ? Evaluate(shape, plan, steps.At(last)) : first));
            return;
        }

        for (int place = 0; place < batches.Count; place++)
        {
            Evaluate(shape, plan, steps.At(batches.At(place)));
        }
    }

    private void Close(int shape, in TPlan plan, BatchSteps steps, in FrontBatches batches, (int Place, Merit Merit) low, (int Place, Merit Merit) high)
    {
        if (high.Place - low.Place <= 1 || IsBeaten(shape, low.Merit with { TokensPerSecond = high.Merit.TokensPerSecond }))
        {
            return;
        }

        int place = low.Place + ((high.Place - low.Place) / 2);
        (int Place, Merit Merit) middle = (place, Evaluate(shape, plan, steps.At(batches.At(place))));
        Close(shape, plan, steps, batches, low, middle);
        Close(shape, plan, steps, batches, middle, high);
    }

    /// <summary>Evaluates a batch, and notes it if it meets the limits.</summary>
    /// <returns>Its merit on one attention rank.</returns>
    private Merit Evaluate(int shape, in TPlan plan, double sequences)
    {
        PlanFigures figures = plan.At(sequences);
        if (limits.Accept(figures) && IsFrugal(shape, plan, sequences, figures))
        {
            found[shape].Add(new FrontPlan(catalog.Shapes[shape].Layout, catalog.Shapes[shape].Key.MicroBatches, sequences, figures));
        }

        return Merit.Of(figures, 1);
    }

    /// <summary>Whether a plan that does both meets the limit of energy by itself; a split's phases share theirs.</summary>
    private bool IsFrugal(int shape, in TPlan plan, double sequences, PlanFigures figures) =>
        energyLimit is not { } most || new CardPool(catalog.Shapes[shape].Layout.Cards, figures.TokensPerSecond, plan.Draw(sequences)).JoulesPerToken <= most * Slack.Above;

    /// <summary>Whether something known beats a merit that a shape has on one attention rank, rounding allowed for, wherever the shape is of use.</summary>
    private bool IsBeaten(int shape, Merit ofRank)
    {
        foreach (ShapeCatalog.Use use in catalog.UsesOf(shape))
        {
            Merit merit = new(
                ofRank.TokensPerSecond * use.Layout.DataParallel * Slack.Above, ofRank.FirstTokenSeconds * Slack.Below, ofRank.PerTokenSeconds * Slack.Below);
            if (!lines[use.CardCount].Beats(merit))
            {
                return false;
            }
        }

        return true;
    }

    private void Take(List<int> round)
    {
        List<(Merit, FrontPlan)>?[] open = new List<(Merit, FrontPlan)>?[lines.Length];
        foreach (int shape in round)
        {
            foreach (ShapeCatalog.Use use in catalog.UsesOf(shape))
            {
                foreach (FrontPlan plan in found[shape])
                {
                    Merit merit = Merit.Of(plan.Figures, use.Layout.DataParallel);
                    if (!lines[use.CardCount].Beats(merit))
                    {
                        FrontPlan used = plan with { Layout = use.Layout, Figures = plan.Figures with { DataParallel = use.Layout.DataParallel } };
                        (open[use.CardCount] ??= []).Add((merit, used));
                    }
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

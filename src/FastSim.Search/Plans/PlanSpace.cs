using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Search.Plans;

/// <summary>The layouts of a phase on a number of cards (cost model A3).</summary>
public sealed class PlanSpace
{
    private readonly TransformerModel model;
    private readonly ExpertPlacement placement;
    private readonly List<AttentionTriple> attention;
    private readonly List<ExpertTriple> experts;
    private readonly EngineLayouts? engine;
    private readonly TransformerModel? draft;
    private readonly IReadOnlyList<SecondMemoryShares> second;
    private readonly ContextUse context;
    private IReadOnlyList<(LayoutRefusal Refusal, long Layouts)>? refused;

    /// <summary>A plan space.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cards">Cards; every layout uses all of them.</param>
    /// <param name="restriction">Layouts the user fixed; those for another number of cards are passed over.</param>
    /// <param name="placement">Expert replicas to try.</param>
    /// <param name="engine">What an engine can run, where layouts that it cannot are left out; null leaves none out.</param>
    /// <param name="draft">A draft model that is cut as the model is; null for none.</param>
    /// <param name="context">What the cards do with a sequence's tokens.</param>
    public PlanSpace(
        TransformerModel model, int cards, PlanRestriction restriction, ExpertPlacement placement, EngineLayouts? engine = null, TransformerModel? draft = null, ContextUse context = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(restriction);
        this.model = model;
        this.placement = placement;
        this.engine = engine;
        this.draft = draft;
        second = restriction.Second;
        this.context = context;
        Words = $"{model.Name} on {cards} cards with {placement.Redundancy.Count} numbers of redundant experts";
        List<(int First, int Second, int Third)> products = Products(cards);
        attention = restriction.Attention is { } given
            ? [.. given.SelectMany(triple => restriction.Shared(triple, cards)).Where(triple => triple.Cards == cards).SelectMany(restriction.Spread).Distinct()]
            : [.. Contexts(restriction, cards).SelectMany(
                shared => Products(cards / shared).Select(product => new AttentionTriple(product.Third, product.Second, product.First, shared)).SelectMany(restriction.Spread))];
        if (model.Experts is null)
        {
            experts = [new ExpertTriple(1, 1, 0)];
        }
        else
        {
            experts = restriction.Experts is { } givenExperts
                ? givenExperts.Where(triple => triple.Cards == cards).Distinct().ToList()
                : products.ConvertAll(product => new ExpertTriple(product.First, product.Second, product.Third));
        }
    }

    /// <summary>The layouts that a job asks for in a phase on a number of cards.</summary>
    /// <param name="job">The job.</param>
    /// <param name="phase">The phase.</param>
    /// <param name="cards">Cards.</param>
    /// <param name="restriction">What is fixed of the phase's plans.</param>
    public static PlanSpace Of(Job job, Phase phase, int cards, PlanRestriction restriction)
    {
        ArgumentNullException.ThrowIfNull(job);
        Kernels.Chips.Chip chip = phase == Phase.Prefill ? job.PrefillChip : job.DecodeChip;
        EngineLayouts? engine = job.LeavesUnlaunchable && job.Engine is { } known
            ? new EngineLayouts(known.Name, job.Model, chip, job.Prediction.DraftTokens)
            : null;
        return new PlanSpace(job.Model, cards, restriction, ExpertPlacement.Of(job, phase), engine, phase == Phase.Decode && job.Prediction.DraftTokens > 0 ? job.Prediction.Draft?.Model : null, ContextUse.Of(job, phase));
    }

    /// <summary>What is laid out, in words.</summary>
    public string Words { get; }

    /// <summary>Layouts before any check: every attention layout with every expert layout, number of redundant experts and share in the second memory.</summary>
    public long Covered => (long)attention.Count * experts.Count * placement.Redundancy.Count * second.Count;

    /// <summary>
    /// Layouts that the model can be cut into and that leave quantization blocks whole, in an order that rises in TP, PP, EP, MoE-TP and redundancy.
    /// </summary>
    public IEnumerable<ParallelLayout> Divisible() => Divisible(leastRedundancyOnly: false, runnable: true);

    /// <summary>
    /// Of each group of layouts that differ in redundancy alone, the one with the least. With flat tables no other can be better: more
    /// replicas take memory and are read, and nothing gets faster for them.
    /// </summary>
    public IEnumerable<ParallelLayout> LeastRedundant() => Divisible(leastRedundancyOnly: true, runnable: true);

    /// <summary>How many <see cref="Divisible()"/> yields.</summary>
    public long CountDivisible() => CountCut() - Refused.Sum(refusal => refusal.Layouts);

    /// <summary>Layouts that the model can be cut into and the engine cannot run, by why not.</summary>
    public IReadOnlyList<(LayoutRefusal Refusal, long Layouts)> Refused => refused ??= engine is null
        ? []
        : [.. Divisible(leastRedundancyOnly: false, runnable: false).CountBy(layout => engine.Refusal(layout)).Select(pair => (pair.Key, (long)pair.Value))];

    private long CountCut() => Count(
        attention.FindAll(triple => IsCut(triple) && LeavesBlocksWhole(triple)),
        experts.FindAll(triple => WholeBlocks.Obstacle(model, triple) is null));

    /// <summary>Layouts that the model can be cut into, but only through blocks of weights that share a quantization scale.</summary>
    public long CountSplitBlocks() => model.Structure is null && draft?.Structure is null
        ? 0
        : Count(attention.FindAll(IsCut), experts) - CountCut();

    private long Count(List<AttentionTriple> outer, List<ExpertTriple> inner)
    {
        return second.Count * (model.Experts is { } modelExperts
            ? inner.Sum(triple =>
                Divisibility.CountRedundancies(modelExperts, triple, placement.Redundancy, placement.SharedOnEveryCard)
                * outer.Count(stage => Divisibility.LieInside(stage, triple)))
            : (long)outer.Count * inner.Count);
    }

    /// <summary>The layouts, each with everything that may lie in the second memory; those that the engine can run, or those that it cannot.</summary>
    private IEnumerable<ParallelLayout> Divisible(bool leastRedundancyOnly, bool runnable)
    {
        if (second is [{ IsNone: true }])
        {
            return OfOneMemory(leastRedundancyOnly, runnable);
        }

        // What an engine can run it cannot with something in the second memory.
        SecondMemoryShares[] run = engine is null ? [.. second] : [.. second.Where(shares => shares.IsNone)];
        return runnable
            ? With(OfOneMemory(leastRedundancyOnly, runnable: true), run)
            : With(OfOneMemory(leastRedundancyOnly, runnable: false), second).Concat(With(OfOneMemory(leastRedundancyOnly, runnable: true), second.Except(run)));
    }

    private static IEnumerable<ParallelLayout> With(IEnumerable<ParallelLayout> layouts, IEnumerable<SecondMemoryShares> second) =>
        layouts.SelectMany(_ => second, (layout, shares) => layout with { Second = shares });

    /// <summary>Layouts that the engine can run, or those that it cannot.</summary>
    private IEnumerable<ParallelLayout> OfOneMemory(bool leastRedundancyOnly, bool runnable)
    {
        foreach (AttentionTriple outer in attention)
        {
            if (!IsCut(outer) || !LeavesBlocksWhole(outer))
            {
                continue;
            }

            foreach (ExpertTriple inner in experts)
            {
                if (model.Experts is null)
                {
                    ParallelLayout dense = Layout(outer, inner, 0, 0);
                    if (IsRunnable(dense) == runnable)
                    {
                        yield return dense;
                    }

                    continue;
                }

                if (!Divisibility.LieInside(outer, inner) || WholeBlocks.Obstacle(model, inner) is not null)
                {
                    continue;
                }

                int shared = placement.SharedOnEveryCard ? inner.ExpertParallel : model.Experts.SharedReplicas;
                foreach (int redundant in Divisibility.Redundancies(model.Experts, inner, placement.Redundancy, placement.SharedOnEveryCard))
                {
                    ParallelLayout layout = Layout(outer, inner, redundant, shared);
                    if (IsRunnable(layout) != runnable)
                    {
                        continue;
                    }

                    yield return layout;
                    if (leastRedundancyOnly)
                    {
                        break;
                    }
                }
            }
        }
    }

    private bool IsCut(AttentionTriple triple) => Divisibility.Obstacle(model, draft, triple) is null && ContextCuts.Obstacle(model, draft, triple, context) is null && FeedForwardCuts.Obstacle(model, triple, context) is null;

    private bool LeavesBlocksWhole(AttentionTriple triple) =>
        WholeBlocks.Obstacle(model, triple) is null
        && ContextCuts.SplitBlocks(model, triple, context) is null
        && FeedForwardCuts.SplitBlocks(model, triple, context) is null
        && (draft is null || WholeBlocks.Obstacle(draft, triple) is null);

    private bool IsRunnable(in ParallelLayout layout) => engine is null || engine.Refusal(layout) == LayoutRefusal.None;

    private static ParallelLayout Layout(AttentionTriple attention, ExpertTriple experts, int redundant, int shared) =>
        new(
            attention.DataParallel,
            attention.PipelineParallel,
            attention.TensorParallel,
            experts.ExpertParallel,
            experts.TensorParallel,
            experts.DataParallel,
            redundant,
            shared,
            attention.ContextParallel,
            attention.AttentionDataParallel,
            attention.SequenceParallel)
        {
            FeedForward = attention.FeedForward,
        };

    private static IEnumerable<int> Contexts(PlanRestriction restriction, int cards) =>
        restriction.ContextParallel is { } given ? given.Where(shared => cards % shared == 0).Distinct().Order() : Divisors.Of(cards);

    private static List<(int First, int Second, int Third)> Products(int number)
    {
        List<(int, int, int)> products = [];
        foreach (int first in Divisors.Of(number))
        {
            foreach (int second in Divisors.Of(number / first))
            {
                products.Add((first, second, number / first / second));
            }
        }

        return products;
    }
}

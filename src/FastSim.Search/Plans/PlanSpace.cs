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

    /// <summary>A plan space.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cards">Cards; every layout uses all of them.</param>
    /// <param name="restriction">Layouts the user fixed; those for another number of cards are passed over.</param>
    /// <param name="placement">Expert replicas to try.</param>
    public PlanSpace(TransformerModel model, int cards, PlanRestriction restriction, ExpertPlacement placement)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(restriction);
        this.model = model;
        this.placement = placement;
        Words = $"{model.Name} on {cards} cards with {placement.Redundancy.Count} numbers of redundant experts";
        List<(int First, int Second, int Third)> products = Products(cards);
        attention = restriction.Attention is { } given
            ? given.Where(triple => triple.Cards == cards).Distinct().ToList()
            : products.ConvertAll(product => new AttentionTriple(product.Third, product.Second, product.First));
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

    /// <summary>What is laid out, in words.</summary>
    public string Words { get; }

    /// <summary>Layouts before any check: every attention layout with every expert layout and number of redundant experts.</summary>
    public long Covered => (long)attention.Count * experts.Count * placement.Redundancy.Count;

    /// <summary>
    /// Layouts that the model can be cut into and that leave quantization blocks whole, in an order that rises in TP, PP, EP, MoE-TP and redundancy.
    /// </summary>
    public IEnumerable<ParallelLayout> Divisible() => Divisible(leastRedundancyOnly: false);

    /// <summary>
    /// Of each group of layouts that differ in redundancy alone, the one with the least. With flat tables no other can be better: more
    /// replicas take memory and are read, and nothing gets faster for them.
    /// </summary>
    public IEnumerable<ParallelLayout> LeastRedundant() => Divisible(leastRedundancyOnly: true);

    /// <summary>How many <see cref="Divisible()"/> yields.</summary>
    public long CountDivisible() => Count(
        attention.FindAll(triple => Divisibility.Obstacle(model, triple) is null && WholeBlocks.Obstacle(model, triple) is null),
        experts.FindAll(triple => WholeBlocks.Obstacle(model, triple) is null));

    /// <summary>Layouts that the model can be cut into, but only through blocks of weights that share a quantization scale.</summary>
    public long CountSplitBlocks() => model.Structure is null
        ? 0
        : Count(attention.FindAll(triple => Divisibility.Obstacle(model, triple) is null), experts) - CountDivisible();

    private long Count(List<AttentionTriple> outer, List<ExpertTriple> inner)
    {
        return model.Experts is { } modelExperts
            ? inner.Sum(triple =>
                Divisibility.CountRedundancies(modelExperts, triple, placement.Redundancy, placement.SharedOnEveryCard)
                * outer.Count(stage => Divisibility.LieInside(stage, triple)))
            : (long)outer.Count * inner.Count;
    }

    private IEnumerable<ParallelLayout> Divisible(bool leastRedundancyOnly)
    {
        foreach (AttentionTriple outer in attention)
        {
            if (Divisibility.Obstacle(model, outer) is not null || WholeBlocks.Obstacle(model, outer) is not null)
            {
                continue;
            }

            foreach (ExpertTriple inner in experts)
            {
                if (model.Experts is null)
                {
                    yield return Layout(outer, inner, 0, 0);
                    continue;
                }

                if (!Divisibility.LieInside(outer, inner) || WholeBlocks.Obstacle(model, inner) is not null)
                {
                    continue;
                }

                int shared = placement.SharedOnEveryCard ? inner.ExpertParallel : model.Experts.SharedReplicas;
                foreach (int redundant in Divisibility.Redundancies(model.Experts, inner, placement.Redundancy, placement.SharedOnEveryCard))
                {
                    yield return Layout(outer, inner, redundant, shared);
                    if (leastRedundancyOnly)
                    {
                        break;
                    }
                }
            }
        }
    }

    private static ParallelLayout Layout(AttentionTriple attention, ExpertTriple experts, int redundant, int shared) =>
        new(
            attention.DataParallel,
            attention.PipelineParallel,
            attention.TensorParallel,
            experts.ExpertParallel,
            experts.TensorParallel,
            experts.DataParallel,
            redundant,
            shared);

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

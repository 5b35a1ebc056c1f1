using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Search.Modes;

/// <summary>The plans of a phase on several card counts: those that no other beats, and the best by rank.</summary>
/// <param name="job">The job.</param>
/// <param name="phase">The phase.</param>
/// <param name="factory">Kind of plan.</param>
/// <param name="restriction">What is fixed of its plans.</param>
/// <param name="cardCounts">Card counts.</param>
/// <param name="settings">The engine.</param>
internal sealed class PhaseFront<TPlan, TFactory>(
    Job job, Phase phase, TFactory factory, PlanRestriction restriction, IReadOnlyList<int> cardCounts, EngineSettings settings)
    where TPlan : struct, IBatchPlan
    where TFactory : struct, IPlanFactory<TPlan>
{
    private readonly PlanSpace[] spaces =
        [.. cardCounts.Select(cards => PlanSpace.Of(job, phase, cards, restriction))];

    /// <summary>The front on each card count.</summary>
    public FrontLine<FrontPlan>[] Lines() => FrontSearch<TPlan, TFactory>.Of(factory, job, restriction, spaces, settings);

    /// <summary>The best plans on each card count.</summary>
    /// <param name="count">How many.</param>
    public FrontPlan[][] Ranked(int count) => Array.ConvertAll(
        ShapeEngine<TPlan, TFactory>.Ranked(factory, job, restriction, spaces, settings with { Kind = EngineKind.Bound }, count),
        plans => plans.Select(plan => At(plan.Layout, plan.MicroBatches, plan.Sequences)).ToArray());

    /// <summary>What the cards of the phase's plans draw; each plan is looked at once.</summary>
    public Func<FrontPlan, CardPool> Pools()
    {
        Dictionary<FrontPlan, CardPool> known = [];
        return plan =>
        {
            if (!known.TryGetValue(plan, out CardPool pool))
            {
                pool = new CardPool(plan.Layout.Cards, plan.Merit.TokensPerSecond, factory.Create(plan.Layout, plan.MicroBatches).Draw(plan.Sequences));
                known.Add(plan, pool);
            }

            return pool;
        };
    }

    /// <summary>A winner as a plan of the front.</summary>
    public FrontPlan? Of(PhaseWinner? winner) => winner is { } won ? At(won.Layout, won.Shape.MicroBatches, won.Sequences) : null;

    private FrontPlan At(Kernels.Stages.ParallelLayout layout, int microBatches, double sequences) =>
        new(layout, microBatches, sequences, factory.Create(layout, microBatches).At(sequences));
}

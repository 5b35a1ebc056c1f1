using FastSim.Kernels.Lanes;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;

namespace FastSim.Search.Sweeps;

/// <summary>
/// Settles the batches that lanes found for one plan on many variants, by the reference, all at once (<see cref="ReferenceLanes"/>). Where lanes evaluated the next larger
/// batch, or a bound refused it, the reference refuses it, too: they refuse beyond <see cref="Slack"/>. So what is left to see is that it accepts the batch itself.
/// Serves one thread.
/// </summary>
internal sealed class ReferenceBatches<TPlan, TFactory>(TFactory factory, LatencyLimits limits, int capacity, int networkTiers, LaneWidth width)
    where TPlan : struct, IBatchPlan
    where TFactory : struct, IPlanFactory<TPlan>
{
    private readonly ReferenceLanes lanes = new(capacity, networkTiers, width);
    private readonly int[] variants = new int[capacity];
    private readonly long[] units = new long[capacity];
    private readonly long[] mosts = new long[capacity];

    /// <summary>Variants whose batches are to be settled.</summary>
    public int Count { get; private set; }

    /// <summary>Takes a plan, and forgets the variants of the last.</summary>
    /// <returns>Whether the reference has lanes for it.</returns>
    public bool TryLoad(in TPlan plan)
    {
        Count = 0;
        return factory.TryLoad(plan, lanes);
    }

    /// <summary>Adds a variant.</summary>
    /// <param name="variant">Its place in the chunk.</param>
    /// <param name="batch">The batch that lanes found, in units.</param>
    /// <param name="most">The largest that fits, in units.</param>
    /// <param name="steps">The batches that are tried.</param>
    public void Add(int variant, long batch, long most, BatchSteps steps)
    {
        (variants[Count], units[Count], mosts[Count]) = (variant, batch, most);
        lanes.Sequences[Count] = steps.At(batch);
        Count++;
    }

    /// <summary>Evaluates what was added.</summary>
    public void Evaluate(ChipColumns columns) => lanes.Evaluate(columns, variants.AsSpan(0, Count));

    /// <summary>A variant, the batch that lanes found for it and the largest that fits, in units.</summary>
    public (int Variant, long Batch, long Most) this[int index] => (variants[index], units[index], mosts[index]);

    /// <summary>A variant's batch; null where the reference does not accept it, so that a smaller one must be looked for.</summary>
    public BatchChoice? ChoiceOf(in TPlan plan, int index)
    {
        PlanFigures figures = factory.FiguresOf(plan, lanes, index);
        return limits.Accept(figures) ? new BatchChoice(BatchOutcome.Found, lanes.Sequences[index], figures, 0) : null;
    }

    /// <summary>What takes most of a variant's time at its batch.</summary>
    public TimeBound BoundOf(int index) => lanes.SharesOf(index).Bound;
}

using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Search.Engines;

/// <summary>Where a shape stands.</summary>
internal enum ShapeOutcome
{
    /// <summary>The network does not reach across its exchanges.</summary>
    Unreachable,

    /// <summary>It does not fit the memory at its smallest batch.</summary>
    TooLarge,

    /// <summary>Every batch that fits misses a limit.</summary>
    TooSlow,

    /// <summary>It fits, and its best batch has not been searched.</summary>
    Open,

    /// <summary>Its best batch is known.</summary>
    Solved,
}

/// <summary>What is known of a shape.</summary>
/// <param name="Outcome">Where it stands.</param>
/// <param name="Largest">Largest batch that fits, in units; 0 when none does.</param>
/// <param name="Figure">Upper bound of a card's throughput; for one that is too large, the bytes its smallest batch needs.</param>
/// <param name="Within">Largest batch that may meet the limits, in units.</param>
/// <param name="Evaluated">Batches evaluated in lanes.</param>
/// <param name="EvaluatedTooSlow">Of those, the ones seen to miss a limit where latency never falls with the batch.</param>
/// <param name="Choice">Its best batch, or how it misses when that was asked for.</param>
internal readonly record struct ShapeState(
    ShapeOutcome Outcome, long Largest, double Figure, long Within, long Evaluated, long EvaluatedTooSlow, BatchChoice Choice)
{
    /// <summary>A shape that was looked at.</summary>
    public ShapeState(ShapeOutcome outcome, long largest, double figure, long within)
        : this(outcome, largest, figure, within, 0, 0, default)
    {
    }

    /// <summary>A first look at a shape, which evaluates nothing.</summary>
    /// <param name="plan">A plan of it.</param>
    /// <param name="key">The shape.</param>
    /// <param name="steps">The batches that are tried.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="kind">The engine: all but the bound engine leave every batch open.</param>
    public static ShapeState Of<TPlan>(in TPlan plan, ShapeKey key, BatchSteps steps, LatencyLimits limits, EngineKind kind)
        where TPlan : struct, IBatchPlan
    {
        if (!plan.IsReachable)
        {
            return new ShapeState(ShapeOutcome.Unreachable, 0, 0, 0);
        }

        long fitting = plan.LargestBatch(steps);
        if (fitting == 0)
        {
            return new ShapeState(ShapeOutcome.TooLarge, 0, BatchSearch.MissedBytes(plan, steps.First), 0);
        }

        long largest = key.StatedBatch > 0 ? 1 : fitting;
        if (kind != EngineKind.Bound)
        {
            return new ShapeState(ShapeOutcome.Open, largest, double.PositiveInfinity, largest);
        }

        BatchLook look = LaneBatchSearch.Look(plan, limits, steps, largest);
        return new ShapeState(
            look.Within > 0 ? ShapeOutcome.Open : ShapeOutcome.TooSlow,
            largest,
            look.TokensPerRankSecond / ((double)key.TensorParallel * key.PipelineParallel * key.ContextParallel),
            look.Within);
    }
}

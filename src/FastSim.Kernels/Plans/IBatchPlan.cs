using FastSim.Kernels.Reference;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>A deployment whose only open question is the batch. Batches are counted in sequences of a rank's micro-batch.</summary>
public interface IBatchPlan
{
    /// <summary>First memory of a card, bytes.</summary>
    double CapacityBytes { get; }

    /// <summary>
    /// Whether latency never falls and throughput never falls as the batch grows, so that the best batch is the largest
    /// feasible one (cost model B7). False where an efficiency depends on an operator's size.
    /// </summary>
    bool IsMonotone { get; }

    /// <summary>Whether throughput never falls as the batch grows, though latency may.</summary>
    bool IsRising { get; }

    /// <summary>Whether lanes can evaluate it: what has none is evaluated by <see cref="At"/> alone, and is monotone.</summary>
    bool HasLanes { get; }

    /// <summary>Whether a batch counts sequences that wait for their first token, too: bounds are of those that decode.</summary>
    bool CountsWaiting { get; }

    /// <summary>Whether the chip's network reaches across every exchange.</summary>
    bool IsReachable { get; }

    /// <summary>Puts the plan into lanes, for many batches at once.</summary>
    void Load(PlanLanes lanes);

    /// <summary>Puts the plan into lanes that are chips, each at a batch of its own.</summary>
    void Load(ChipLanes lanes);

    /// <summary>Finds the runs of batches over which every efficiency stays the same.</summary>
    /// <param name="runs">Receives them.</param>
    /// <param name="steps">The batches that are tried.</param>
    void Load(EfficiencyRuns runs, BatchSteps steps);

    /// <summary>Whether every efficiency is the same at two batches.</summary>
    bool HasSameEfficiencies(double sequences, double other);

    /// <summary>What bounds the plan on any chip of the same tables and network shape.</summary>
    /// <param name="sequences">The batch near which the bound is close.</param>
    /// <param name="steps">The batches that are tried.</param>
    /// <param name="mostUnits">Largest batch to consider, in units.</param>
    ShapeOutline Outline(double sequences, BatchSteps steps, long mostUnits);

    /// <summary>Bytes a card holds in its first memory.</summary>
    double MemoryBytes(double sequences);

    /// <summary>Bytes a card holds in its second memory.</summary>
    double SecondMemoryBytes(double sequences);

    /// <summary>Whether a batch fits a card's memories.</summary>
    bool Fits(double sequences);

    /// <summary>Last of the batches tried that fits, as a step; 0 when not even the first does.</summary>
    long LargestBatch(BatchSteps steps);

    /// <summary>Latency and throughput.</summary>
    PlanFigures At(double sequences);

    /// <summary>Whether a learned efficiency answers for operators at a batch that are unlike all it was trained among.</summary>
    bool IsBeyondTraining(double sequences);

    /// <summary>What the time of the plan's stage goes to; of the decode stage where there are two.</summary>
    TimeShares Shares(double sequences);

    /// <summary>What a card costs, and draws on average while the plan runs at a batch.</summary>
    /// <param name="sequences">The batch.</param>
    CardDraw Draw(double sequences);

    /// <summary>Tokens/s that no batch up to one yields within a limit, a rank; infinite where <see cref="Bound"/> says enough.</summary>
    /// <param name="sequences">The batch.</param>
    /// <param name="perTokenSeconds">Limit of the time per output token; infinite for none.</param>
    /// <param name="wanted">Tokens/s a rank; where the bound leaves as many it is made closer. Infinite for never.</param>
    double MostTokensPerRankSecond(double sequences, double perTokenSeconds, double wanted);

    /// <summary>Sequences that no batch up to one exceeds which meets a limit, as far as few operations say; 0 where none meets it.</summary>
    /// <param name="sequences">The batch.</param>
    /// <param name="perTokenSeconds">Limit of the time per output token; infinite for none.</param>
    double MostSequences(double sequences, double perTokenSeconds);

    /// <summary>A bound of the plan's stage at any batch, from which <see cref="FiguresOf"/> makes figures that the plan does not exceed.</summary>
    /// <param name="sequences">The batch near which the bound is close.</param>
    StageBound Bound(double sequences);

    /// <summary>Latency and throughput that follow from a stage's time.</summary>
    /// <param name="stageSeconds">The stage.</param>
    /// <param name="stepSeconds">The stage and the send to the next.</param>
    /// <param name="sequences">The batch.</param>
    PlanFigures FiguresOf(double stageSeconds, double stepSeconds, double sequences);
}

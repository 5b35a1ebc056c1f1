using FastSim.Kernels.Memory;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>An instance that prefills and decodes (cost model B4): in the steady state as many requests start as finish.</summary>
public readonly record struct FusionPlan : IBatchPlan
{
    private readonly double firstTokenSeconds;
    private readonly double prefillStepSeconds;
    private readonly double sequencesPerRank;

    /// <summary>Joins the two phases of one layout.</summary>
    /// <param name="decode">The decode half.</param>
    /// <param name="prefill">The prefill half, one sequence at a time.</param>
    public FusionPlan(DecodePlan decode, PrefillPlan prefill)
    {
        IsReachable = decode.IsReachable && prefill.IsReachable;
        StageTime onePrefill = IsReachable ? StageTime.Of(prefill.Table, prefill.Rates, 1) : default;
        Memory = decode.Memory.WithPrefixes(decode.Table.Shape).WithEncoder(decode.Table.Shape) with
        {
            FloorWorkingBytes = prefill.Memory.WorkingBytesPerSequence + prefill.Memory.GatheredWeightBytes,
        };
        Decode = decode with { Memory = Memory };
        Prefill = prefill;
        prefillStepSeconds = onePrefill.StepSeconds;
        firstTokenSeconds = decode.Table.Shape.Layout.PipelineParallel * onePrefill.StepSeconds;
        sequencesPerRank = decode.Table.Shape.MicroBatches;
    }

    /// <summary>The formulas of <see cref="At"/>, for lanes; one prompt's prefill takes the same time at any batch.</summary>
    private LatencyForm Form => (Decode.Form with
    {
        FirstTokenWaitsForToken = true,
        PromptsPerToken = sequencesPerRank / Decode.Table.Shape.Lengths.Output,
        PromptsToFirstToken = Decode.Table.Shape.Layout.PipelineParallel,
    }).WithPrompt(prefillStepSeconds);

    /// <summary>The decode half, with the memory of both.</summary>
    public DecodePlan Decode { get; }

    /// <summary>The prefill half.</summary>
    public PrefillPlan Prefill { get; }

    /// <summary>What a card holds: the decoding batch, and working space for whichever half needs more.</summary>
    public MemoryFootprint Memory { get; }

    /// <inheritdoc/>
    public double CapacityBytes => Decode.CapacityBytes;

    /// <inheritdoc/>
    public bool IsMonotone => Decode.IsMonotone;

    /// <inheritdoc/>
    public bool IsRising => Decode.IsRising;

    /// <inheritdoc/>
    public bool HasLanes => Decode.HasLanes && Prefill.HasLanes;

    /// <inheritdoc/>
    public bool CountsWaiting => false;

    /// <inheritdoc/>
    public double MostTokensPerRankSecond(double sequences, double perTokenSeconds, double wanted) => double.PositiveInfinity;

    /// <inheritdoc/>
    public double MostSequences(double sequences, double perTokenSeconds) => sequences;

    /// <inheritdoc/>
    public bool IsReachable { get; }

    /// <inheritdoc/>
    public void Load(PlanLanes lanes)
    {
        ArgumentNullException.ThrowIfNull(lanes);
        lanes.Load(Decode.Table, Decode.Rates, Form);
    }

    /// <inheritdoc/>
    public void Load(ChipLanes lanes)
    {
        ArgumentNullException.ThrowIfNull(lanes);
        lanes.Load(Decode.Table, Decode.Rates, Form, Prefill.Table, Prefill.Rates);
    }

    /// <inheritdoc/>
    public void Load(EfficiencyRuns runs, BatchSteps steps) => Decode.Load(runs, steps);

    /// <inheritdoc/>
    public bool HasSameEfficiencies(double sequences, double other) => Decode.HasSameEfficiencies(sequences, other);

    /// <inheritdoc/>
    public ShapeOutline Outline(double sequences, BatchSteps steps, long mostUnits) => new(
        new StageSums(Decode.Table, Decode.Rates, sequences, holdsForAnyChip: true),
        new StageSums(Prefill.Table, Prefill.Rates, 1, holdsForAnyChip: true),
        Form,
        Memory,
        steps,
        mostUnits);

    /// <inheritdoc/>
    public double MemoryBytes(double sequences) => Memory.TotalBytes(sequences);

    /// <inheritdoc/>
    public double SecondMemoryBytes(double sequences) => Memory.SecondBytes(sequences);

    /// <inheritdoc/>
    public bool Fits(double sequences) => Decode.Fits(sequences);

    /// <inheritdoc/>
    public long LargestBatch(BatchSteps steps) => Decode.LargestBatch(steps);

    /// <inheritdoc/>
    public PlanFigures At(double sequences) =>
        FiguresOf(0, StageTime.Of(Decode.Table, Decode.Rates, sequences).StepSeconds, sequences);

    /// <inheritdoc/>
    public bool IsBeyondTraining(double sequences) => Decode.IsBeyondTraining(sequences) || Prefill.IsBeyondTraining(1);

    /// <inheritdoc/>
    public TimeShares Shares(double sequences) => Decode.Shares(sequences);

    /// <inheritdoc/>
    /// <remarks>The passes that decode, and a pass for each prompt that takes the place of a finished answer.</remarks>
    public CardDraw Draw(double sequences)
    {
        double decoding = StageEnergy.Joules(Decode.Table, Decode.Rates, sequences);
        double prompt = StageEnergy.Joules(Prefill.Table, Prefill.Rates, 1);
        if (double.IsNaN(decoding + prompt))
        {
            return CardDraw.Of(Decode.Rates, double.NaN);
        }

        DeploymentShape shape = Decode.Table.Shape;
        double perToken = (decoding / (sequences * shape.Prediction.TokensPerStep)) + (prompt / shape.Lengths.Output);
        return CardDraw.Of(Decode.Rates, perToken * At(sequences).TokensPerRankSecond);
    }

    /// <inheritdoc/>
    public StageBound Bound(double sequences) => Decode.Bound(sequences);

    /// <summary>
    /// <c>TPOT = t_decode(b) + (b/out)·t_prefill(1)</c> with <c>b</c> the sequences decoding per rank, <c>TTFT = t_prefill + TPOT</c>,
    /// and the throughput that follows.
    /// </summary>
    public PlanFigures FiguresOf(double stageSeconds, double stepSeconds, double sequences)
    {
        double finishedPerToken = sequencesPerRank * sequences / Decode.Table.Shape.Lengths.Output;
        double perToken = Decode.PerTokenSeconds(stepSeconds) + (finishedPerToken * prefillStepSeconds);
        return new PlanFigures(
            firstTokenSeconds + perToken, perToken, sequencesPerRank * sequences, perToken, Decode.Table.Shape.Layout.DataParallel);
    }
}

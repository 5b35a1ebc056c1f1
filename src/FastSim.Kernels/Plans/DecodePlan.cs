using FastSim.Kernels.Clocks;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>An instance that decodes (cost model A3, B6).</summary>
/// <param name="Table">Its stage.</param>
/// <param name="Rates">Its chip.</param>
/// <param name="Memory">What a card holds.</param>
public readonly record struct DecodePlan(OperatorTable Table, ChipRates Rates, MemoryFootprint Memory) : IBatchPlan
{
    /// <summary>What rounding may move a bound by.</summary>
    private const double Above = 1 + 1e-12;

    private readonly LearnedFloor? floor = Rates.Learned is null ? null : new LearnedFloor();

    /// <summary>The formulas of <see cref="At"/>, for lanes.</summary>
    internal LatencyForm Form => new(
        Table.Shape.PipelineSlots / Table.Shape.Prediction.TokensPerStep,
        0,
        0,
        double.NaN,
        false,
        Table.Shape.MicroBatches,
        PassIsStage: false);

    /// <inheritdoc/>
    public double CapacityBytes => Rates.CapacityBytes;

    /// <inheritdoc/>
    public bool IsMonotone => Rates.HasFlatEfficiency;

    /// <inheritdoc/>
    public bool IsRising => Rates.HasRisingEfficiency;

    /// <inheritdoc/>
    /// <remarks>Lanes know of no power cap, of one memory and of no cache before it: it is the reference alone whose time these change.</remarks>
    public bool HasLanes => !Rates.HasPowerCap && !Rates.KeepsActivations && !StreamTime.Has(Table);

    /// <inheritdoc/>
    public bool CountsWaiting => false;

    /// <inheritdoc/>
    /// <remarks>Of learned times that were asked for; else nothing is known. As much as can be said where some batch may yield what is wanted.</remarks>
    public double MostTokensPerRankSecond(double sequences, double perTokenSeconds, double wanted)
    {
        if (!HasFloor)
        {
            return double.PositiveInfinity;
        }

        double perStep = PerTokenSeconds(1);
        double perRatio = Table.Shape.MicroBatches / perStep;
        double ratio = floor!.MostWithin(Table, Rates, sequences, perTokenSeconds * Above / perStep, wanted / perRatio);
        return ratio < double.MaxValue ? perRatio * ratio : ratio;
    }

    /// <inheritdoc/>
    public double MostSequences(double sequences, double perTokenSeconds) =>
        HasFloor ? floor!.LargestWithin(Table, Rates, sequences, perTokenSeconds * Above / PerTokenSeconds(1)) : sequences;

    private bool HasFloor => floor is not null && HasLanes && Table.Curves is { Points: > 0 };

    /// <inheritdoc/>
    public bool IsReachable => StageTime.IsReachable(Table, Rates);

    /// <inheritdoc/>
    public void Load(PlanLanes lanes)
    {
        ArgumentNullException.ThrowIfNull(lanes);
        lanes.Load(Table, Rates, Form);
    }

    /// <inheritdoc/>
    public void Load(ChipLanes lanes)
    {
        ArgumentNullException.ThrowIfNull(lanes);
        lanes.Load(Table, Rates, Form);
    }

    /// <inheritdoc/>
    public void Load(EfficiencyRuns runs, BatchSteps steps)
    {
        ArgumentNullException.ThrowIfNull(runs);
        runs.Load(Table, Rates, steps);
    }

    /// <inheritdoc/>
    public bool HasSameEfficiencies(double sequences, double other) => StageEfficiency.IsSame(Table, Rates, sequences, other);

    /// <inheritdoc/>
    public ShapeOutline Outline(double sequences, BatchSteps steps, long mostUnits) =>
        new(new StageSums(Table, Rates, sequences, holdsForAnyChip: true), null, Form, Memory, steps, mostUnits);

    /// <inheritdoc/>
    public double MemoryBytes(double sequences) => Memory.TotalBytes(sequences);

    /// <inheritdoc/>
    public double SecondMemoryBytes(double sequences) => Memory.SecondBytes(sequences);

    /// <inheritdoc/>
    public bool Fits(double sequences) => Memory.Fits(sequences, CapacityBytes, Rates.SecondCapacityBytes);

    /// <inheritdoc/>
    public long LargestBatch(BatchSteps steps) => Memory.LargestBatch(CapacityBytes, steps, Rates.SecondCapacityBytes);

    /// <inheritdoc/>
    public PlanFigures At(double sequences) => FiguresOf(0, StageTime.Of(Table, Rates, sequences).StepSeconds, sequences);

    /// <inheritdoc/>
    public bool IsBeyondTraining(double sequences) => LaunchPricing.IsBeyondTraining(Table, Rates, sequences) ?? false;

    /// <inheritdoc/>
    public TimeShares Shares(double sequences) => TimeShares.Of(Table, Rates, sequences);

    /// <inheritdoc/>
    /// <remarks>A pass through a stage yields <c>s·tokens per step</c> of a rank's tokens.</remarks>
    public CardDraw Draw(double sequences)
    {
        double joules = StageEnergy.Joules(Table, Rates, sequences);
        return CardDraw.Of(
            Rates, double.IsNaN(joules) ? joules : joules * At(sequences).TokensPerRankSecond / (sequences * Table.Shape.Prediction.TokensPerStep));
    }

    /// <inheritdoc/>
    public StageBound Bound(double sequences) => new(new StageSums(Table, Rates, sequences), Rates);

    /// <summary>Seconds between two tokens of a sequence: <c>PP·(stage + p2p)</c>, over the tokens a step yields.</summary>
    public double PerTokenSeconds(double stepSeconds) => Table.Shape.PipelineSlots * stepSeconds / Table.Shape.Prediction.TokensPerStep;

    /// <inheritdoc/>
    public PlanFigures FiguresOf(double stageSeconds, double stepSeconds, double sequences)
    {
        double perToken = PerTokenSeconds(stepSeconds);
        return new PlanFigures(
            double.NaN, perToken, Table.Shape.MicroBatches * sequences, perToken, Table.Shape.Layout.DataParallel);
    }
}

using FastSim.Kernels.Clocks;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>An instance that prefills (cost model B2).</summary>
/// <param name="Table">Its stage.</param>
/// <param name="Rates">Its chip.</param>
/// <param name="Memory">What a card holds.</param>
public readonly record struct PrefillPlan(OperatorTable Table, ChipRates Rates, MemoryFootprint Memory) : IBatchPlan
{
    /// <summary>The formulas of <see cref="At"/>, for lanes.</summary>
    internal LatencyForm Form => new(
        double.NaN,
        0,
        Table.Shape.Layout.PipelineParallel,
        0,
        false,
        Table.Shape.Lengths.Input,
        PassIsStage: true);

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
    public double MostTokensPerRankSecond(double sequences, double perTokenSeconds, double wanted) => double.PositiveInfinity;

    /// <inheritdoc/>
    public double MostSequences(double sequences, double perTokenSeconds) => sequences;

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
    public PlanFigures At(double sequences)
    {
        StageTime time = StageTime.Of(Table, Rates, sequences);
        return FiguresOf(time.StageSeconds, time.StepSeconds, sequences);
    }

    /// <inheritdoc/>
    public bool IsBeyondTraining(double sequences) => LaunchPricing.IsBeyondTraining(Table, Rates, sequences) ?? false;

    /// <inheritdoc/>
    public TimeShares Shares(double sequences) => TimeShares.Of(Table, Rates, sequences);

    /// <inheritdoc/>
    /// <remarks>A pass through a stage takes <c>s·seq</c> of a rank's prompt tokens.</remarks>
    public CardDraw Draw(double sequences)
    {
        double joules = StageEnergy.Joules(Table, Rates, sequences);
        return CardDraw.Of(
            Rates, double.IsNaN(joules) ? joules : joules * At(sequences).TokensPerRankSecond / (sequences * Table.Shape.Lengths.Input));
    }

    /// <inheritdoc/>
    public StageBound Bound(double sequences) => new(new StageSums(Table, Rates, sequences), Rates);

    /// <summary>First token: <c>PP·(stage + p2p)</c>; throughput: <c>DP·bs·seq/stage</c> in the steady state.</summary>
    public PlanFigures FiguresOf(double stageSeconds, double stepSeconds, double sequences) => new(
        Table.Shape.Layout.PipelineParallel * stepSeconds,
        double.NaN,
        sequences * Table.Shape.Lengths.Input,
        stageSeconds,
        Table.Shape.Layout.DataParallel);
}

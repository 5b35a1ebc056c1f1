using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;

namespace FastSim.Search.Modes;

/// <summary>Lowers a job's layouts for one phase.</summary>
internal readonly struct PhaseLowering(Job job, Phase phase)
{
    private readonly ChipRates rates = Bind(job, phase);

    public ChipRates Rates => rates;

    public OperatorTable Lower(ParallelLayout layout, int microBatches, PlanTables? tables)
    {
        DeploymentShape shape = new(
            job.Model, job.Lengths, job.Precision, job.Accounting, job.Prediction, phase, layout, microBatches)
        {
            Prefix = job.Prefix,
            Prefixes = job.Prefixes,
            ContextExchange = job.ContextExchange,
            KeepsPromptWeights = phase == Phase.Decode && job.Mode == ServingMode.Fusion,
        };
        return tables is null ? StageLowering.Lower(shape) : tables.Lower(shape);
    }

    /// <summary>Takes a plan's times from what the chip has learned, up to the largest batch that fits.</summary>
    public void Learn(OperatorTable table, long largest, PlanTables? tables)
    {
        if (tables is { LearnsLater: true })
        {
            LaunchPricing.PriceLeast(table, rates);
        }
        else
        {
            LaunchPricing.Price(table, rates, largest);
        }
    }

    private static ChipRates Bind(Job job, Phase phase)
    {
        Chip chip = phase == Phase.Prefill ? job.PrefillChip : job.DecodeChip;
        ChipRates rates = new(chip, job.Types, job.Accounting, phase);
        if (chip.Efficiency is { } model)
        {
            rates.Learn(LearnedTimes.Of(model));
        }

        return rates;
    }
}

/// <summary>Decode plans of a job.</summary>
internal readonly struct DecodeFactory(Job job) : IPlanFactory<DecodePlan>
{
    private readonly PhaseLowering lowering = new(job, Phase.Decode);

    public ChipRates Rates => lowering.Rates;

    public double CapacityBytes => Rates.CapacityBytes;

    public DecodePlan Create(ParallelLayout layout, int microBatches, PlanTables? tables = null)
    {
        OperatorTable table = lowering.Lower(layout, microBatches, tables);
        DecodePlan plan = new(table, lowering.Rates, MemoryFootprint.Of(table));
        lowering.Learn(table, plan.LargestBatch(1), tables);
        return plan;
    }

    public void Retune(ChipNumbers numbers) => lowering.Rates.Retune(numbers);

    public DecodePlan Refreshed(in DecodePlan plan)
    {
        lowering.Learn(plan.Table, plan.LargestBatch(1), null);
        return plan;
    }

    /// <summary>
    /// A dense model counts whole sequences per rank. A mixture of experts counts whole sequences per card in seed accounting (cost model A3); in physical
    /// accounting fewer than one a card are tried, too.
    /// </summary>
    public BatchSteps Steps(ParallelLayout layout)
    {
        if (job.Model.Experts is null)
        {
            return 1;
        }

        return job.Accounting == Accounting.Physical ? BatchSteps.WithFractions(layout.RankCards) : layout.RankCards;
    }

    public bool HasFiguresByChip => false;

    public bool TryLoad(in DecodePlan plan, ReferenceLanes lanes) => lanes.TryLoad(plan.Table, plan.Rates);

    public PlanFigures FiguresOf(in DecodePlan plan, ReferenceLanes lanes, int lane) =>
        plan.FiguresOf(lanes.StageSeconds[lane], lanes.StepSeconds[lane], lanes.Sequences[lane]);

    public (PhaseWinner? Prefill, PhaseWinner? Decode) Explain(in DecodePlan plan, double sequences) =>
        (null, Winner(plan, sequences, plan.At(sequences), plan.Draw(sequences)));

    public static PhaseWinner Winner(in DecodePlan plan, double sequences, PlanFigures figures, CardDraw draw) =>
        new(plan.Table, plan.Rates, plan.Memory, sequences, sequences, figures.PerTokenSeconds, figures.TokensPerSecond) { Draw = draw };
}

/// <summary>Prefill plans of a job.</summary>
internal readonly struct PrefillFactory(Job job) : IPlanFactory<PrefillPlan>
{
    private readonly PhaseLowering lowering = new(job, Phase.Prefill);

    public ChipRates Rates => lowering.Rates;

    public double CapacityBytes => Rates.CapacityBytes;

    public PrefillPlan Create(ParallelLayout layout, int microBatches, PlanTables? tables = null) =>
        Create(layout, microBatches, long.MaxValue, tables);

    /// <summary>A plan of which no batch above <paramref name="largest"/> sequences is asked for.</summary>
    public PrefillPlan Create(ParallelLayout layout, int microBatches, long largest, PlanTables? tables)
    {
        OperatorTable table = lowering.Lower(layout, microBatches, tables);
        PrefillPlan plan = new(table, lowering.Rates, MemoryFootprint.Of(table));
        lowering.Learn(table, Math.Min(largest, plan.LargestBatch(1)), tables);
        return plan;
    }

    public void Retune(ChipNumbers numbers) => lowering.Rates.Retune(numbers);

    public PrefillPlan Refreshed(in PrefillPlan plan) => Refreshed(plan, long.MaxValue);

    /// <summary>A plan as the chip's numbers now make it, of which no batch above <paramref name="largest"/> sequences is asked for.</summary>
    public PrefillPlan Refreshed(in PrefillPlan plan, long largest)
    {
        lowering.Learn(plan.Table, Math.Min(largest, plan.LargestBatch(1)), null);
        return plan;
    }

    public BatchSteps Steps(ParallelLayout layout) => 1;

    public bool HasFiguresByChip => false;

    public bool TryLoad(in PrefillPlan plan, ReferenceLanes lanes) => lanes.TryLoad(plan.Table, plan.Rates);

    public PlanFigures FiguresOf(in PrefillPlan plan, ReferenceLanes lanes, int lane) =>
        plan.FiguresOf(lanes.StageSeconds[lane], lanes.StepSeconds[lane], lanes.Sequences[lane]);

    public (PhaseWinner? Prefill, PhaseWinner? Decode) Explain(in PrefillPlan plan, double sequences)
    {
        PlanFigures figures = plan.At(sequences);
        PhaseWinner winner = new(plan.Table, plan.Rates, plan.Memory, sequences, sequences, figures.FirstTokenSeconds, figures.TokensPerSecond)
        {
            Draw = plan.Draw(sequences),
        };
        return (winner, null);
    }
}

/// <summary>Fusion plans of a job: the decode layout also prefills, one sequence at a time.</summary>
internal readonly struct FusionFactory(Job job) : IPlanFactory<FusionPlan>
{
    private readonly DecodeFactory decode = new(job);
    private readonly PrefillFactory prefill = new(job);

    public ChipRates Rates => decode.Rates;

    public double CapacityBytes => decode.CapacityBytes;

    public FusionPlan Create(ParallelLayout layout, int microBatches, PlanTables? tables = null) =>
        new(decode.Create(layout, microBatches, tables), prefill.Create(layout, layout.PipelineParallel, 1, tables));

    public void Retune(ChipNumbers numbers)
    {
        decode.Retune(numbers);
        prefill.Retune(numbers);
    }

    public FusionPlan Refreshed(in FusionPlan plan) => new(decode.Refreshed(plan.Decode), prefill.Refreshed(plan.Prefill, 1));

    public BatchSteps Steps(ParallelLayout layout) => decode.Steps(layout);

    /// <summary>Both halves at the rate of the whole: the prefill half serves the requests that the decode half finishes.</summary>
    public bool HasFiguresByChip => true;

    public bool TryLoad(in FusionPlan plan, ReferenceLanes lanes) => lanes.TryLoad(plan.Decode.Table, plan.Decode.Rates);

    public PlanFigures FiguresOf(in FusionPlan plan, ReferenceLanes lanes, int lane) =>
        plan.FiguresOf(lanes.StageSeconds[lane], lanes.StepSeconds[lane], lanes.Sequences[lane]);

    public (PhaseWinner? Prefill, PhaseWinner? Decode) Explain(in FusionPlan plan, double sequences)
    {
        PlanFigures figures = plan.At(sequences);
        PhaseWinner decodeHalf = DecodeFactory.Winner(plan.Decode, sequences, figures, plan.Draw(sequences));
        PrefillPlan half = plan.Prefill;
        double promptTokensPerSecond = decodeHalf.RequestsPerSecond * half.Table.Shape.Lengths.Input;
        return (new PhaseWinner(half.Table, half.Rates, half.Memory, 1, 1, figures.FirstTokenSeconds, promptTokensPerSecond), decodeHalf);
    }
}

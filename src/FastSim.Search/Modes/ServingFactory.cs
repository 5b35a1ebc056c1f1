using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;

namespace FastSim.Search.Modes;

/// <summary>Plans of a job that an engine runs.</summary>
internal readonly struct ServingFactory : IPlanFactory<ServingPlan>
{
    private readonly Job job;
    private readonly ServingRole role;
    private readonly Phase phase;
    private readonly PricedChip chip;

    /// <summary>Plans of one role.</summary>
    /// <param name="job">The job; it names an engine.</param>
    /// <param name="role">What the instances do.</param>
    public ServingFactory(Job job, ServingRole role)
    {
        this.job = job;
        this.role = role;
        phase = role == ServingRole.Prefill ? Phase.Prefill : Phase.Decode;
        chip = new PricedChip(job, phase);
    }

    /// <inheritdoc/>
    public double CapacityBytes => Rates.CapacityBytes;

    /// <inheritdoc/>
    public ChipRates Rates => chip.Peaks;

    /// <inheritdoc/>
    public ServingPlan Create(ParallelLayout layout, int microBatches, PlanTables? tables = null)
    {
        OperatorTable table = Lower(layout, microBatches, phase, tables);
        OperatorTable? prompt = role == ServingRole.Both ? Lower(layout, microBatches, Phase.Prefill, tables) : null;
        MemoryFootprint footprint = MemoryFootprint.Of(table);
        footprint = role == ServingRole.Both ? footprint.WithPrefixes(table.Shape).WithEncoder(table.Shape) : footprint;
        return new ServingPlan(
            role,
            table,
            prompt,
            chip.Clock,
            chip.Peaks,
            footprint,
            ServingMemory.Of(footprint, table.Shape, Rates.CapacityBytes),
            new PricedInstance());
    }

    /// <inheritdoc/>
    public void Retune(ChipNumbers numbers) => chip.Retune(numbers);

    /// <inheritdoc/>
    public ServingPlan Refreshed(in ServingPlan plan) => plan.On(chip.Clock);

    /// <inheritdoc/>
    public BatchSteps Steps(ParallelLayout layout) =>
        job.Model.Experts is null || role == ServingRole.Prefill ? 1 : BatchSteps.WithFractions(layout.RankCards);

    /// <inheritdoc/>
    public bool HasFiguresByChip => false;

    /// <inheritdoc/>
    public bool TryLoad(in ServingPlan plan, ReferenceLanes lanes) => false;

    /// <inheritdoc/>
    public PlanFigures FiguresOf(in ServingPlan plan, ReferenceLanes lanes, int lane) =>
        throw new NotSupportedException("launches have no lanes");

    /// <inheritdoc/>
    public (PhaseWinner? Prefill, PhaseWinner? Decode) Explain(in ServingPlan plan, double sequences)
    {
        PlanFigures figures = plan.At(sequences);
        plan.Explain(sequences);
        if (role == ServingRole.Prefill)
        {
            return (Winner(plan, plan.Table, sequences, sequences, figures.FirstTokenSeconds, figures.TokensPerSecond), null);
        }

        PhaseWinner decode = Winner(plan, plan.Table, sequences, plan.DecodingOf(sequences), figures.PerTokenSeconds, figures.TokensPerSecond);
        if (role == ServingRole.Decode)
        {
            return (null, decode);
        }

        // Both halves at the rate of the whole: the prefill half serves the requests that the decode half finishes.
        double promptTokensPerSecond = decode.RequestsPerSecond * plan.Prompt!.Shape.Lengths.Input;
        return (Winner(plan, plan.Prompt, 1, 1, figures.FirstTokenSeconds, promptTokensPerSecond, decode), decode);
    }

    /// <summary>Explains a phase.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="table">The phase's stage.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    /// <param name="worked">Of those the ones that a step works on.</param>
    /// <param name="latencySeconds">The phase's latency.</param>
    /// <param name="tokensPerSecond">The phase's tokens.</param>
    /// <param name="decode">The decode half, of a prefill half.</param>
    private PhaseWinner Winner(
        in ServingPlan plan, OperatorTable table, double sequences, double worked, double latencySeconds, double tokensPerSecond, PhaseWinner? decode = null) => new(
            table,
            plan.Clock.Rates,
            plan.Footprint.For(plan.Memory),
            sequences,
            worked,
            latencySeconds,
            tokensPerSecond)
        {
            Launches = table.Shape.Phase == Phase.Prefill && role == ServingRole.Both ? plan.PromptLaunches() : plan.Launches(sequences),
            Draw = table == plan.Prompt ? CardDraw.Unknown : plan.Draw(sequences),
            PassesOfPrompt = table.Shape.Phase == Phase.Prefill ? plan.PassesOfPrompt(sequences) : null,
            Joins = plan.PromptsJoin ? decode : null,
            IsBeyondTraining = job.Timing.Contains(ClockKind.Learned) ? plan.IsBeyondTraining(sequences) : null,
        };

    private OperatorTable Lower(ParallelLayout layout, int microBatches, Phase ofPhase, PlanTables? tables)
    {
        DeploymentShape shape = new(
            job.Model, job.Lengths, job.Precision, job.Accounting, job.Prediction, ofPhase, layout, microBatches)
        {
            Engine = job.Engine,
            ContextExchange = job.ContextExchange,
            Arrivals = job.Arrivals,
            Prefix = job.Prefix,
            Kinds = chip.Kinds,
        };
        return tables is null ? StageLowering.Lower(shape) : tables.Lower(shape);
    }

    /// <summary>A chip as its numbers are: peaks that bound plans, and the clock that prices them. Retuned by the one thread that owns it.</summary>
    private sealed class PricedChip
    {
        private readonly ChipRates rates;

        public PricedChip(Job job, Phase phase)
        {
            Chip chip = phase == Phase.Prefill ? job.PrefillChip : job.DecodeChip;
            rates = new ChipRates(chip, job.Types, job.Accounting, phase);
            Peaks = new ChipRates(chip, job.Types, job.Accounting, phase, arePeaks: true);
            Clock = new EngineClock(rates, job.Engine!, job.Timing, chip.Efficiency is { } model ? LearnedTimes.Of(model) : null);
            Kinds = job.KindsOn(chip);
        }

        /// <summary>Number formats of products; null where bytes and data types say them.</summary>
        public ProductKinds? Kinds { get; }

        public ChipRates Peaks { get; }

        public EngineClock Clock { get; private set; }

        public void Retune(ChipNumbers numbers)
        {
            Peaks.Retune(numbers);
            rates.Retune(numbers);
            Clock = Clock.Anew();
        }
    }
}

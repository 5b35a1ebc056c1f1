using FastSim.Kernels.Clocks;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>What an instance that an engine runs does.</summary>
public enum ServingRole
{
    /// <summary>It prefills and decodes under a closed loop; its batch counts clients.</summary>
    Both,

    /// <summary>It prefills; its batch counts prompts that are taken at once.</summary>
    Prefill,

    /// <summary>It decodes; its batch counts sequences that decode.</summary>
    Decode,
}

/// <summary>
/// An instance that an engine runs, each of its launches priced by a clock (docs/validation.md, "A step", "A closed loop"). Latency and throughput
/// never fall with the batch (<see cref="BatchCurve"/>). Nothing is priced before a batch is asked for.
/// </summary>
/// <param name="Role">What it does.</param>
/// <param name="Table">Its stage: when it decodes, or when it prefills a whole prompt where it does nothing else.</param>
/// <param name="Prompt">Its stage when it prefills a whole prompt; null where it never does.</param>
/// <param name="Clock">What prices its launches.</param>
/// <param name="Peaks">The chip's peaks, which bound them.</param>
/// <param name="Footprint">What a card holds: weights and cache.</param>
/// <param name="Memory">The same with what the engine keeps for itself.</param>
/// <param name="Priced">Its times, once they are asked for.</param>
public readonly record struct ServingPlan(
    ServingRole Role,
    OperatorTable Table,
    OperatorTable? Prompt,
    EngineClock Clock,
    ChipRates Peaks,
    MemoryFootprint Footprint,
    ServingMemory Memory,
    PricedInstance Priced)
    : IBatchPlan
{
    private const double SecondsPerMicrosecond = 1e-6;

    private DeploymentShape Shape => Table.Shape;

    private double MicroBatches => Shape.MicroBatches;

    private ServingLoop Loop => Priced.Loop(Role == ServingRole.Prefill ? null : Table, Role == ServingRole.Prefill ? Table : Prompt, Clock);

    /// <inheritdoc/>
    /// <remarks>What an engine fills of a card: less than all.</remarks>
    public double CapacityBytes => Memory.WeightBytes + Memory.ReserveBytes + Memory.CacheBytes;

    /// <inheritdoc/>
    public bool IsMonotone => true;

    /// <inheritdoc/>
    public bool IsRising => true;

    /// <inheritdoc/>
    public bool HasLanes => false;

    /// <inheritdoc/>
    public bool CountsWaiting => Role == ServingRole.Both;

    /// <inheritdoc/>
    public bool IsReachable => StageTime.IsReachable(Table, Clock.Rates) && (Prompt is null || StageTime.IsReachable(Prompt, Clock.Rates));

    /// <summary>A lower bound of latency is the longer of <c>slots·step</c> and the prompts' FLOP a token, whatever waits: of the prompts some are the sequence's own.</summary>
    private LatencyForm Form => Role == ServingRole.Prefill
        ? new LatencyForm(double.NaN, 0, 1, 0, false, Shape.Lengths.Input, PassIsStage: true)
        : new LatencyForm(
            Shape.PipelineSlots / Shape.Prediction.TokensPerStep,
            0,
            0,
            Role == ServingRole.Both ? 0 : double.NaN,
            false,
            MicroBatches,
            PassIsStage: false,
            Role == ServingRole.Both ? PromptsPerToken : 0,
            Role == ServingRole.Both ? 1 : 0,
            PerTokenIsLonger: Role == ServingRole.Both);

    /// <summary>Prompts that join a token's steps for each sequence of the micro-batch; engines that stop decoding show only some.</summary>
    private double PromptsPerToken => MicroBatches / Shape.Lengths.Output * (Shape.Engine!.PrefillsFirst ? ServingLoop.ShownShareOf(Shape) : 1);

    /// <inheritdoc/>
    public void Load(PlanLanes lanes) => throw NoLanes();

    /// <inheritdoc/>
    public void Load(ChipLanes lanes) => throw NoLanes();

    /// <inheritdoc/>
    public void Load(EfficiencyRuns runs, BatchSteps steps) => throw NoLanes();

    /// <inheritdoc/>
    public bool HasSameEfficiencies(double sequences, double other) => true;

    /// <inheritdoc/>
    public ShapeOutline Outline(double sequences, BatchSteps steps, long mostUnits) => new(
        Sums(sequences, holdsForAnyChip: true),
        Role == ServingRole.Both ? PricedInstance.FlopsOf(Prompt!, Peaks) : null,
        Form,
        Bounding(),
        steps,
        mostUnits);

    /// <inheritdoc/>
    public double SecondMemoryBytes(double sequences) => Footprint.SecondBytes(sequences);

    /// <inheritdoc/>
    public bool Fits(double sequences) => MemoryBytes(sequences) <= CapacityBytes && SecondMemoryBytes(sequences) <= Clock.Rates.SecondCapacityBytes;

    /// <inheritdoc/>
    public double MemoryBytes(double sequences) => Memory.WeightBytes + Memory.ReserveBytes + (Memory.CacheBytesPerSequence * sequences);

    /// <inheritdoc/>
    /// <remarks>
    /// Of prompts alone no more than a step takes: those beyond wait for the next one, so that the first token comes later and none comes more often.
    /// </remarks>
    public long LargestBatch(BatchSteps steps)
    {
        if (Memory.WeightBytes + Memory.ReserveBytes > Memory.CapacityBytes)
        {
            return 0;
        }

        long fitting = Bounding().LargestBatch(Memory.CapacityBytes, steps, Clock.Rates.SecondCapacityBytes);
        return Role == ServingRole.Prefill ? Math.Min(fitting, Math.Max(1, steps.LastWithin(PromptPasses.TogetherOf(Shape.Engine!, Shape)))) : fitting;
    }

    /// <inheritdoc/>
    public PlanFigures At(double sequences)
    {
        int ranks = Shape.Layout.DataParallel;
        switch (Role)
        {
            case ServingRole.Prefill:
                (double through, double apart) = Loop.PrefillMicroseconds(sequences);
                return new PlanFigures(
                    through * SecondsPerMicrosecond, double.NaN, sequences * Shape.Lengths.Input, apart * SecondsPerMicrosecond, ranks);
            case ServingRole.Decode:
                double token = Loop.DecodeMicroseconds(MicroBatches * sequences) * SecondsPerMicrosecond;
                return new PlanFigures(double.NaN, token, MicroBatches * sequences, token, ranks);
            default:
                LoopFigures figures = Loop.At(MicroBatches * sequences, double.PositiveInfinity);
                return new PlanFigures(
                    figures.FirstTokenMicroseconds * SecondsPerMicrosecond,
                    figures.PerTokenMicroseconds * SecondsPerMicrosecond,
                    figures.Decoding,
                    figures.PerTokenMicroseconds * SecondsPerMicrosecond,
                    ranks);
        }
    }

    /// <inheritdoc/>
    public bool IsBeyondTraining(double sequences)
    {
        EngineStep step = Loop.Step;
        return (Role != ServingRole.Prefill && step.IsBeyondTraining(StepLoad.Decode(sequences)))
            || (step.PromptTable is { Shape: var prompt } && step.IsBeyondTraining(new StepLoad(0, 1, prompt.TokensPerSequence, prompt.Model.CachedTokens)));
    }

    /// <inheritdoc/>
    public TimeShares Shares(double sequences)
    {
        Explain(sequences);
        return TimeShares.Of(Table, Clock.Rates, DecodingOf(sequences));
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Of passes as the engine makes them: prompts put together, cut into chunks, or joined to passes that decode, whose weights they then do not read anew.
    /// </remarks>
    public CardDraw Draw(double sequences)
    {
        double perToken = JoulesPerRankToken(sequences);
        return CardDraw.Of(Clock.Rates, double.IsNaN(perToken) ? perToken : perToken * At(sequences).TokensPerRankSecond);
    }

    /// <inheritdoc/>
    public StageBound Bound(double sequences) => new(Sums(sequences, holdsForAnyChip: false), Peaks);

    /// <inheritdoc/>
    /// <remarks>Of a bound: what no batch of as many decoding sequences exceeds.</remarks>
    public PlanFigures FiguresOf(double stageSeconds, double stepSeconds, double sequences)
    {
        int ranks = Shape.Layout.DataParallel;
        if (Role == ServingRole.Prefill)
        {
            return new PlanFigures(stageSeconds, double.NaN, sequences * Shape.Lengths.Input, stageSeconds, ranks);
        }

        double perToken = ((Shape.PipelineSlots * stageSeconds) + (Shape.HostMicroseconds * SecondsPerMicrosecond)) / Shape.Prediction.TokensPerStep;
        if (Role == ServingRole.Decode)
        {
            return new PlanFigures(double.NaN, perToken, MicroBatches * sequences, perToken, ranks);
        }

        double prompt = Priced.PromptSeconds(Prompt!, Peaks);
        perToken = Math.Max(perToken, PromptsPerToken * sequences * prompt);
        return new PlanFigures(prompt, perToken, MicroBatches * sequences, perToken, ranks);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Of sequences some of which wait those that decode yield tokens, each in no less than the bound: as many as they are over it, and the more the
    /// better.
    /// </remarks>
    public double MostTokensPerRankSecond(double sequences, double perTokenSeconds, double wanted)
    {
        if (Role == ServingRole.Prefill)
        {
            return double.PositiveInfinity;
        }

        ServingLoop loop = Loop;
        double limit = perTokenSeconds / SecondsPerMicrosecond;
        double most = MicroBatches * sequences;
        if (most > 1 && loop.MostTokensPerMicrosecond(most, limit, wanted * SecondsPerMicrosecond) is { } found)
        {
            return found / SecondsPerMicrosecond;
        }

        return loop.MostTokensOfFewPerMicrosecond(Math.Min(most, 1), limit) / SecondsPerMicrosecond;
    }

    /// <inheritdoc/>
    public double MostSequences(double sequences, double perTokenSeconds) => sequences;

    /// <summary>Sequences of the micro-batch that a step works on.</summary>
    /// <param name="sequences">The batch.</param>
    public double DecodingOf(double sequences) =>
        Role == ServingRole.Both ? Math.Max(1, Loop.At(MicroBatches * sequences, double.PositiveInfinity).Decoding / MicroBatches) : sequences;

    /// <summary>Whether its prompts join passes that decode; where it decodes none, or its engine prefills first, they take passes of their own.</summary>
    public bool PromptsJoin => Role == ServingRole.Both && !Shape.Engine!.PrefillsFirst;

    /// <summary>Passes that a prompt takes: below 1 where a pass takes several, above where the engine cuts it into chunks. Where it does not decode alone.</summary>
    /// <param name="sequences">The batch.</param>
    public double PassesOfPrompt(double sequences) =>
        Loop.PassesOfPrompt(PromptsJoin ? 1 : Role == ServingRole.Both ? double.PositiveInfinity : sequences);

    /// <summary>Puts the times of its launches into its tables.</summary>
    /// <param name="sequences">The batch.</param>
    public void Explain(double sequences)
    {
        Loop.Step.Explain(Table, DecodingOf(sequences));
        if (Role == ServingRole.Both)
        {
            Loop.Step.Explain(Prompt!, 1);
        }
    }

    /// <summary>What priced the launches of the stage.</summary>
    /// <param name="sequences">The batch.</param>
    public IReadOnlyList<PricedLaunch> Launches(double sequences) => Loop.Step.Launches(
        Role == ServingRole.Prefill
            ? new StepLoad(0, sequences, Table.Shape.TokensPerSequence, Table.Shape.Model.CachedTokens)
            : StepLoad.Decode(DecodingOf(sequences)));

    /// <summary>What priced the launches of one prompt's prefill, of an instance that prefills and decodes.</summary>
    public IReadOnlyList<PricedLaunch> PromptLaunches() =>
        Loop.Step.Launches(new StepLoad(0, 1, Prompt!.Shape.TokensPerSequence, Prompt.Shape.Model.CachedTokens));

    /// <summary>The plan on a chip as its numbers now are.</summary>
    /// <param name="clock">What prices its launches there.</param>
    public ServingPlan On(EngineClock clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        return this with { Clock = clock, Memory = ServingMemory.Of(Footprint, Shape, clock.Rates.CapacityBytes), Priced = Priced.Anew() };
    }

    /// <summary>Joules of a card's work for each of its rank's tokens: prompt tokens where it prefills alone.</summary>
    private double JoulesPerRankToken(double sequences)
    {
        // Most chips state no energies: then no times are asked for.
        if (double.IsNaN(StageEnergy.Joules(Table, Clock.Rates, 1)))
        {
            return double.NaN;
        }

        if (Role == ServingRole.Prefill)
        {
            return StageEnergy.JoulesOfPrompt(Table, Clock.Rates, PassesOfPrompt(sequences)) / Shape.Lengths.Input;
        }

        double decoding = DecodingOf(sequences);
        double token = StageEnergy.Joules(Table, Clock.Rates, decoding) / (decoding * Shape.Prediction.TokensPerStep);
        if (Role == ServingRole.Decode)
        {
            return token;
        }

        double prompt = PromptsJoin
            ? StageEnergy.JoulesBeside(Table, Prompt!, Clock.Rates, decoding, PassesOfPrompt(sequences))
            : StageEnergy.JoulesOfPrompt(Prompt!, Clock.Rates, PassesOfPrompt(sequences));
        return token + (prompt / Shape.Lengths.Output);
    }

    private static InvalidOperationException NoLanes() => new("an engine's plan has no lanes");

    /// <summary>What its stage is never faster than; of prompts, which attend in passes as an engine cuts them, the peaks alone.</summary>
    private StageSums Sums(double sequences, bool holdsForAnyChip) => Role == ServingRole.Prefill
        ? new StageSums(Table, Peaks, sequences, holdsForAnyChip: true, SumLimits.Peaks)
        : new StageSums(Table, Loop.Step.DecodeLaunches, Clock, Peaks, sequences, holdsForAnyChip);

    /// <summary>A footprint that fits a card as the engine fills it: it gives the cache a share of what is left.</summary>
    private MemoryFootprint Bounding() => Footprint.For(Memory) with
    {
        CacheBytesPerSequence = (Memory.CacheBytesPerSequence / Memory.CacheShare) + Footprint.SecondCacheBytesPerSequence,
    };
}

/// <summary>Times of a plan's instance, worked out when they are first asked for. Serves one thread.</summary>
public sealed class PricedInstance
{
    private readonly FirstStep first;
    private ServingLoop? loop;
    private double? promptSeconds;

    /// <summary>Nothing is known yet.</summary>
    public PricedInstance()
        : this(new FirstStep())
    {
    }

    private PricedInstance(FirstStep first) => this.first = first;

    /// <summary>The instance.</summary>
    /// <param name="decode">Its stage when it decodes.</param>
    /// <param name="prompt">Its stage when it prefills.</param>
    /// <param name="clock">What prices its launches.</param>
    public ServingLoop Loop(OperatorTable? decode, OperatorTable? prompt, EngineClock clock) =>
        loop ??= new ServingLoop(first.On(decode, prompt, clock));

    /// <summary>What a prompt's FLOP take at the chip's peaks.</summary>
    /// <param name="prompt">Its stage when it prefills.</param>
    /// <param name="peaks">The chip's peaks.</param>
    public double PromptSeconds(OperatorTable prompt, ChipRates peaks)
    {
        if (promptSeconds is not { } known)
        {
            StageBound bound = new(FlopsOf(prompt, peaks), peaks);
            promptSeconds = known = bound.StageSeconds(1);
        }

        return known;
    }

    /// <summary>The FLOP of a prompt's stage at the chip's peaks.</summary>
    internal static StageSums FlopsOf(OperatorTable prompt, ChipRates peaks) => new(prompt, peaks, 1, holdsForAnyChip: true, SumLimits.Flops);

    /// <summary>The same instance, to be priced elsewhere.</summary>
    public PricedInstance Anew() => new(first);

    /// <summary>The step of whichever chip was priced first: launches and their bounds are the same on all others, so that they are found once.</summary>
    private sealed class FirstStep
    {
        private EngineStep? step;

        public EngineStep On(OperatorTable? decode, OperatorTable? prompt, EngineClock clock) =>
            step is null ? step = new EngineStep(decode, prompt, clock) : step.On(clock);
    }
}

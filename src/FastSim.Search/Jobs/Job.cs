using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;

namespace FastSim.Search.Jobs;

/// <summary>One question: a model, a load, limits and chips. The answer is the best plan.</summary>
/// <param name="Index">Place in the run, from 0: the column it fills.</param>
/// <param name="Mode">Split or fusion.</param>
/// <param name="Model">The model.</param>
/// <param name="Lengths">Tokens of a request.</param>
/// <param name="Cards">Cards at hand.</param>
/// <param name="Precision">Bytes per element.</param>
/// <param name="Types">Data types computed in.</param>
/// <param name="Limits">Latency limits.</param>
/// <param name="PrefillChip">Chip that prefills; the only chip of a fusion job.</param>
/// <param name="DecodeChip">Chip that decodes; the only chip of a fusion job.</param>
/// <param name="Splits">Splits of the cards to try; null tries every one. Ignored in fusion.</param>
/// <param name="Prefill">What is fixed of prefill plans.</param>
/// <param name="Decode">What is fixed of decode plans, or of a fusion job's.</param>
/// <param name="Redundancy">Redundant experts to try in decode; null takes the model's own.</param>
/// <param name="SharedExpertOnEveryCard">Whether each decode card carries one shared expert.</param>
/// <param name="Prediction">Multi-token prediction.</param>
/// <param name="Accounting">Seed or physical accounting.</param>
public sealed record Job(
    int Index,
    ServingMode Mode,
    TransformerModel Model,
    SequenceLengths Lengths,
    int Cards,
    Precision Precision,
    FlopsTypes Types,
    LatencyLimits Limits,
    Chip PrefillChip,
    Chip DecodeChip,
    IReadOnlyList<CardSplit>? Splits,
    PlanRestriction Prefill,
    PlanRestriction Decode,
    RedundancyRange? Redundancy,
    bool SharedExpertOnEveryCard,
    MultiTokenPrediction Prediction,
    Accounting Accounting)
{
    /// <summary>The engine that runs the instances; null for operators of the cost model, each by itself.</summary>
    public ServingEngine? Engine { get; init; }

    /// <summary>How requests come to an engine.</summary>
    public ArrivalPattern Arrivals { get; init; } = ArrivalPattern.Usual;

    /// <summary>What prices an engine's launches, the first choice first; the roofline need not be named.</summary>
    public IReadOnlyList<ClockKind> Timing { get; init; } = [];

    /// <summary>Whether layouts that the engine cannot run are left out.</summary>
    public bool LeavesUnlaunchable { get; init; }

    /// <summary>Whether products run in what a quantized checkpoint means each role's for, at most at the rate of the matrix type; not: in what bytes and data types say.</summary>
    public bool RunsStoredFormats { get; init; }

    /// <summary>Numbers of cards that a deployment of a fusion job may take, rising; null for all that there are. Ignored in split, where cards may idle unless splits are stated.</summary>
    public IReadOnlyList<int>? CardCounts { get; init; }

    /// <summary>Numbers of cards that a deployment of a fusion job may take: of the job's own alone, unless some may idle.</summary>
    public IReadOnlyList<int> FusionCards => CardCounts ?? [Cards];

    /// <summary>Whether some layout may share a sequence's tokens out over cards.</summary>
    public bool SharesContexts => Prefill.SharesContexts || Decode.SharesContexts;

    /// <summary>How the cards that share a prompt's tokens come by each other's keys and values.</summary>
    public ContextExchange ContextExchange { get; init; }

    /// <summary>Whether some attention ranks may share a dense feed-forward out.</summary>
    public bool SharesFeedForwards => Prefill.SharesFeedForwards || Decode.SharesFeedForwards;

    /// <summary>Whether cards of a dense feed-forward may exchange something else than rows.</summary>
    public bool ExchangesOtherThanRows => Prefill.ExchangesOtherThanRows || Decode.ExchangesOtherThanRows;

    /// <summary>Whether it is searched which cards have rows in turn between products.</summary>
    public bool ChoosesRows => Prefill.ChoosesRows || Decode.ChoosesRows;

    /// <summary>What the best deployment is best in.</summary>
    public PlanObjective Objective { get; init; }

    /// <summary>The most dollars that a million tokens may cost (<see cref="DeploymentEconomics.DollarsPerMillionTokens"/>); null for any. Chips must state their price.</summary>
    public double? CostLimit { get; init; }

    /// <summary>The most joules that a token may take (<see cref="DeploymentEconomics.JoulesPerToken"/>); null for any. Chips must state what they draw.</summary>
    public double? EnergyLimit { get; init; }

    /// <summary>Whether what deployments cost or draw rules some of them out.</summary>
    public bool HasEconomicLimit => CostLimit is not null || EnergyLimit is not null;

    /// <summary>Where the cached prefixes of prompts are kept; counts in physical accounting.</summary>
    public PrefixStore Prefix { get; init; }

    /// <summary>Classes of prompts that find unlike parts of themselves cached; null where all find what the model says, which is otherwise the fewest. Not where an engine or a learned efficiency prices them.</summary>
    public PrefixClasses? Prefixes { get; init; }

    /// <summary>What the phase of a split that does not bind is chosen by.</summary>
    public SplitAim SplitAim { get; init; } = SplitAim.Throughput;

    /// <summary>Number formats of products on a chip, where an engine runs a quantized checkpoint in its own; null where bytes and data types say them.</summary>
    /// <param name="chip">The chip.</param>
    public ProductKinds? KindsOn(Chip chip)
    {
        const double SixteenBits = 2;
        return RunsStoredFormats && Engine is { } engine && Model.Structure is { Storage.IsQuantized: true }
            ? ServingPrecision.Of(Model, engine, products: null, NarrowUnits.Of(chip)).Kinds with { Prompt = NumberKinds.Of(Types.Attention, SixteenBits) ?? NumberKind.SixteenBit }
            : null;
    }
}

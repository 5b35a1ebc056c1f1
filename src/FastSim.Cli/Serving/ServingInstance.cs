using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Cli.Serving;

/// <summary>An instance that a row states: its stages, lowered and priced, and what its cards hold.</summary>
internal sealed class ServingInstance
{
    private static readonly ClockKind[] Clocks = [ClockKind.Learned, ClockKind.Fitted];
    private readonly EngineInstance instance;

    /// <summary>Binds an instance to the lengths of its requests; others that rows stated alike spare it what does not go by these, and tables.</summary>
    /// <param name="stated">What it is but for that.</param>
    /// <param name="lengths">The lengths.</param>
    /// <param name="arrivals">How requests come.</param>
    /// <param name="spare">One that nobody asks any more, whose tables and room this one takes; null for none.</param>
    /// <param name="isStrict">Whether all of its operators must be timed.</param>
    /// <exception cref="UncoveredException">The chip lacks a timing.</exception>
    public ServingInstance(StatedInstance stated, SequenceLengths lengths, ArrivalPattern arrivals, ServingInstance? spare, bool isStrict)
    {
        Stated = stated;
        EngineClock clock = stated.Clock;
        if (clock.Rates is { HasPowerCap: false, Chip: { Economics.PowerCapWatts: not null } capped })
        {
            throw new UncoveredException($"{capped.Name} has a power_cap without the energy of {clock.Rates.Types.Matrix}, {clock.Rates.Types.Attention} and {clock.Rates.Types.Vector}");
        }

        EngineInstance? latest = stated.Latest?.instance;
        if (spare is not null && spare.Stated.Latest == spare)
        {
            // Its tables are about to be another's.
            spare.Stated.Latest = null;
        }

        instance = EngineInstance.Of(stated.Shape with { Lengths = lengths, Arrivals = arrivals }, clock, stated.Pattern?.instance, spare?.instance, latest);
        bool isLaunchedLike = stated.Pattern is { } pattern && instance.Step.IsLaunchedLike(pattern.Step);
        if (isLaunchedLike && stated.TimedByRoofline.TryGetValue(instance.Step.TimedBy, out string? known))
        {
            TimedByRoofline = known;
            return;
        }

        IReadOnlyList<PricedLaunch> untimed = instance.Step.Launches(new StepLoad(1, 1, lengths.Input, 0), ClockKind.Roofline);
        // What a checkpoint is stored in nobody asked to be timed: kernels that were never measured in it go by the roofline, which is said.
        if (isStrict && untimed.FirstOrDefault(launch => launch.Shape is { } shape && !stated.Precision.Origin.IsUnasked(shape.Family)) is { Shape: { } unknown })
        {
            throw new UncoveredException($"{clock.Rates.Chip.Name} has no timing of {FittedTimes.Words(unknown)}");
        }

        TimedByRoofline = untimed.Count == 0 ? null : $"timed by the roofline: {string.Join(", ", untimed.Select(launch => launch.Name).Distinct())}";
        if (isLaunchedLike || (stated.Pattern is null && stated.IsKept))
        {
            stated.TimedByRoofline[instance.Step.TimedBy] = TimedByRoofline;
        }
    }

    /// <summary>Says which launches no other clock than the roofline knows; null where there are none.</summary>
    public string? TimedByRoofline { get; }

    /// <summary>What it is but for the lengths of its requests.</summary>
    public StatedInstance Stated { get; }

    /// <summary>Whether others are held against it, so that its tables are never another's.</summary>
    public bool IsPattern => Stated.Pattern == this;

    /// <summary>The model.</summary>
    public TransformerModel Model => Stated.Model;

    /// <summary>How the cards share it.</summary>
    public ServingLayout Layout => Stated.Layout;

    /// <summary>Data types.</summary>
    public ServingPrecision Precision => Stated.Precision;

    /// <summary>Times of its steps.</summary>
    public EngineStep Step => instance.Step;

    /// <summary>What it achieves under load.</summary>
    public ServingLoop Loop => instance.Loop;

    /// <summary>What a card holds.</summary>
    public ServingMemory Memory => instance.Memory;

    /// <summary>Whether some operator is unlike all that the chip's learned efficiency was trained among.</summary>
    /// <param name="batch">Sequences of a rank.</param>
    public bool IsBeyondTraining(double batch) =>
        Step.IsBeyondTraining(StepLoad.Decode(batch)) || Step.IsBeyondTraining(new StepLoad(0, 1, Math.Min(Step.Engine.ChunkTokens, Step.Shape.Lengths.Input), 0));

    /// <summary>What prices instances of a chip under an engine, in some number formats.</summary>
    public static EngineClock ClockOf(Chip chip, ServingEngine engine, ProductKinds kinds, IReadOnlyList<ClockKind>? timing) => new(
        new ChipRates(chip, TypesOf(chip, kinds), Accounting.Physical, Phase.Decode),
        engine,
        timing ?? Clocks,
        chip.Efficiency is { } efficiency ? new LearnedTimes(efficiency) : null);

    /// <summary>
    /// The chip's data types that products of some number formats run in, or the next wider. One matrix type stands for all, router and logits in 16 bits among them: the fastest, whose slower neighbours clocks price in their own.
    /// </summary>
    public static FlopsTypes TypesOf(Chip chip, ProductKinds kinds) => new(
        new[] { kinds.FeedForward, kinds.Experts, kinds.Attention, NumberKind.SixteenBit }.Select(kind => Type(chip, kind)).MaxBy(type => chip.Matrix[type].Teraflops)!,
        Type(chip, kinds.Prompt),
        chip.Vector.Keys.First(type => type is "bfloat16" or "float16" or "float32"));

    /// <summary>The chip's matrix type of a number format, or the next wider that computes in such numbers.</summary>
    private static string Type(Chip chip, NumberKind kind)
    {
        const string Floats = "float8";
        const string Integers = "int8";
        IReadOnlyList<string> types = kind switch
        {
            NumberKind.FourBit => ["float4", Floats, .. MatrixPeaks.HalfTypes],
            NumberKind.EightBit or NumberKind.EightBitBlock or NumberKind.FourBitByEight => [Floats, .. MatrixPeaks.HalfTypes],
            NumberKind.EightBitInteger => [Integers, .. MatrixPeaks.HalfTypes],
            _ => MatrixPeaks.HalfTypes,
        };
        return types.First(chip.Matrix.ContainsKey);
    }
}

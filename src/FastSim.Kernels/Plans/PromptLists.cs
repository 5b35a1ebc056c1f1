using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>
/// The launches of a stage that prefills whole prompts, with what they are never faster than: instances that differ in the lengths of answers alone have them in common. Where a
/// stage that decodes says what the others take at as many tokens (<see cref="GoesByTokens"/>), attention alone is lowered, and the whole stage where somebody asks for it.
/// </summary>
internal sealed class PromptLists
{
    private readonly EngineClock clock;
    private readonly OperatorTable? decode;
    private readonly PromptLists? wholeRoom;
    private PromptLists? whole;
    private int users = 1;
    private double[] times = [];
    private double timedSequences = double.NaN;
    private double timedSamples = double.NaN;
    private StageLaunch[]? ofPhase;
    private double[] ownTimes = [];
    private StepLoad? timedLoad;
    private bool? goesByTokens;

    /// <summary>Of a stage; of no launches where there is none.</summary>
    /// <param name="table">The stage; null for none.</param>
    /// <param name="clock">What prices its launches.</param>
    public PromptLists(OperatorTable? table, EngineClock clock)
        : this(table, clock, LaunchLists.Of(table, clock))
    {
    }

    /// <summary>Of a stage that may be another's but for the lengths of prompts.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="clock">What prices its launches.</param>
    /// <param name="like">The other.</param>
    /// <param name="room">Lists that nobody uses any more, whose room these take; null for none.</param>
    public PromptLists(OperatorTable table, EngineClock clock, PromptLists like, PromptLists? room)
    {
        room = room is { IsOfAttention: false } && room.Like == like ? room : null;
        StageLaunch[]? launches = like.Own is null ? null : LaunchLists.OfAnotherLength(like.OwnLaunches, like.Own.Identities, room?.OwnLaunches, table, clock.Rates.Types);
        Like = launches is null ? null : like;
        (this.clock, Own, OwnLaunches) = (clock, table, launches ?? LaunchLists.Of(table, clock));
        OwnLeasts = LaunchLists.BoundsOfTimes(OwnLaunches, table, room?.OwnLeasts);
        (times, ownTimes) = (room?.times ?? [], room?.ownTimes ?? []);
        (LaunchMicroseconds, EncoderLaunchMicroseconds) = Launched(OwnLaunches, table, EngineOf(table));
    }

    private PromptLists(OperatorTable? table, EngineClock clock, StageLaunch[] launches)
    {
        (this.clock, Own, OwnLaunches) = (clock, table, launches);
        OwnLeasts = LaunchLists.BoundsOfTimes(launches, table, null);
        (LaunchMicroseconds, EncoderLaunchMicroseconds) = Launched(launches, table, EngineOf(table));
    }

    /// <summary>Of attention alone.</summary>
    private PromptLists(OperatorTable attention, EngineClock clock, StageLaunch[] launches, PromptLists like, OperatorTable decode, PromptLists? room)
    {
        (this.clock, Own, OwnLaunches, Like, this.decode, IsOfAttention) = (clock, attention, launches, like, decode, true);
        OwnLeasts = LaunchLists.BoundsOfTimes(launches, attention, room?.OwnLeasts);
        (wholeRoom, ownTimes) = (room?.whole ?? room?.wholeRoom, room?.ownTimes ?? []);
        (LaunchMicroseconds, EncoderLaunchMicroseconds) = (like.LaunchMicroseconds, like.EncoderLaunchMicroseconds);
    }

    /// <summary>The stage's shape; null where there is none.</summary>
    public DeploymentShape? Shape => Own?.Shape;

    /// <summary>The stage; null where there is none.</summary>
    public OperatorTable? Table => IsOfAttention ? Whole.Own : Own;

    /// <summary>Its launches.</summary>
    public StageLaunch[] Launches => IsOfAttention ? Whole.OwnLaunches : OwnLaunches;

    /// <summary>What they are never faster than.</summary>
    public LeastTime[] Leasts => IsOfAttention ? Whole.OwnLeasts : OwnLeasts;

    /// <summary>Whether attention alone was lowered, and what is not of the phase goes by a step's tokens as it does in the stage that decodes.</summary>
    public bool IsOfAttention { get; }

    /// <summary>As much of the stage as was lowered: its attention, or all; null where there is no stage.</summary>
    public OperatorTable? Own { get; }

    /// <summary>Logarithm per prompt of the chance that an expert stays unread.</summary>
    public double ActivationLog { get; private init; }

    /// <summary>Launches of what was lowered: those of the phase, or all.</summary>
    public StageLaunch[] OwnLaunches { get; }

    /// <summary>What they are never faster than.</summary>
    public LeastTime[] OwnLeasts { get; }

    /// <summary>Whether a second memory or a remote store holds a part of what passes read.</summary>
    public bool Streams => !IsOfAttention && Own is not null && StreamTime.Has(Own);

    private PromptLists Whole => whole ??= new PromptLists(StageLowering.LoweredByTokens(Shape!, Like!.Own!, decode!, wholeRoom?.Own), clock, Like!, wholeRoom);

    /// <summary>Those whose kernels these are, for prompts of another length; null for none.</summary>
    public PromptLists? Like { get; }

    /// <summary>Of lists that nobody uses any more, those that are room for an instance after these; null for none.</summary>
    public PromptLists? Next { get; set; }

    /// <summary>What launching them one by one takes; an encoder's are not among them.</summary>
    public double LaunchMicroseconds { get; }

    /// <summary>What launching an encoder's one by one takes.</summary>
    public double EncoderLaunchMicroseconds { get; }

    /// <summary>Of prompts of another length than others', where what is not of the phase goes by a step's tokens: attention alone is lowered.</summary>
    /// <param name="shape">What is deployed when it prefills: what the others are of, but for the lengths.</param>
    /// <param name="clock">What prices its launches.</param>
    /// <param name="like">The others.</param>
    /// <param name="decode">Their stage when it decodes.</param>
    /// <param name="room">Lists that nobody uses any more, whose room these take; null for none.</param>
    /// <returns>Null where more than attention goes by the length, or kernels of attention are others.</returns>
    public static PromptLists? OfAttentionAlone(DeploymentShape shape, EngineClock clock, PromptLists like, OperatorTable decode, PromptLists? room)
    {
        if (!like.GoesByTokens(decode)
            || shape.Vision is not null
            || shape.TokensPerSequence > OperatorTable.MostExactTimes)
        {
            return null;
        }

        // Whole prompts are most of what is asked: where they do not go by their tokens the stage is lowered at once.
        double activationLog = StageLowering.ActivationLog(shape);
        if (activationLog != decode.ActivationLog * shape.TokensPerSequence)
        {
            return null;
        }

        OperatorTable attention = StageLowering.LoweredAttention(shape, room?.Own);
        int count = attention.Count;
        if (count != like.Own!.AttentionCount || !attention.Repeats.SequenceEqual(like.Own.Repeats[..count]))
        {
            return null;
        }

        room = room is { IsOfAttention: true } && room.Like == like ? room : null;
        StageLaunch[]? launches = LaunchLists.OfAnotherLength(like.OfPhase, like.Own.Identities[..count], room?.OwnLaunches, attention, clock.Rates.Types);
        return launches is null ? null : new PromptLists(attention, clock, launches, like, decode, room) { ActivationLog = activationLog };
    }

    /// <summary>What launching kernels one by one takes an engine's host, microseconds.</summary>
    /// <param name="launches">The launches.</param>
    /// <param name="engine">The engine.</param>
    public static double Launched(StageLaunch[] launches, ServingEngine engine) => Launched(launches, null, engine).Launches;

    /// <summary>Takes another instance among those that have it.</summary>
    public PromptLists Share()
    {
        users++;
        return this;
    }

    /// <summary>Takes an instance from among them.</summary>
    /// <returns>It, for its room, where that was the last; otherwise null.</returns>
    public PromptLists? Leave()
    {
        users--;
        return users == 0 ? this : null;
    }

    /// <summary>
    /// Times of what runs once over all tokens of a step that prefills alone, all repeats, each in its launch's place, as they were last asked for: a prompt by itself and the
    /// first of several at a time are one.
    /// </summary>
    /// <param name="sequences">As many prompts as have all the tokens.</param>
    /// <param name="samples">Prompts that get a token.</param>
    /// <param name="pricer">What prices them.</param>
    public double[] Times(double sequences, double samples, in LaunchPricer pricer)
    {
        if (IsOfAttention)
        {
            return Whole.Times(sequences, samples, pricer);
        }

        if (timedSequences != sequences || timedSamples != samples)
        {
            times = pricer.TimesOf(Own!, OwnLaunches, OwnLeasts, sequences, samples, times.Length == Launches.Length ? times : new double[Launches.Length]);
            (timedSequences, timedSamples) = (sequences, samples);
        }

        return times;
    }

    /// <summary>Times of what runs over prompts alone, all repeats, each in its launch's place, as they were last asked for: a prompt by itself with its passes and as the first of several.</summary>
    /// <param name="load">The prompts.</param>
    /// <param name="pricer">What prices them: all who ask are of one clock.</param>
    public double[] OwnTimes(in StepLoad load, in LaunchPricer pricer)
    {
        StepLoad ofPrompts = load with { Decoding = 0 };
        if (timedLoad != ofPrompts)
        {
            ownTimes = ownTimes.Length == OwnLaunches.Length ? ownTimes : new double[OwnLaunches.Length];
            for (int index = 0; index < ownTimes.Length; index++)
            {
                ownTimes[index] = IsOfPrompts(Own!, OwnLaunches[index]) ? pricer.TimedPrompts(Own!, OwnLaunches[index], OwnLeasts[index], ofPrompts) : double.NaN;
            }

            timedLoad = ofPrompts;
        }

        return ownTimes;
    }

    /// <summary>Whether a launch runs over prompts alone; an encoder's are walked over by themselves.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="launch">The launch.</param>
    public static bool IsOfPrompts(OperatorTable table, in StageLaunch launch) => launch.IsOfPhase && !table.Identities[launch.Operator].IsOfEncoder;

    private StageLaunch[] OfPhase => ofPhase ??= LaunchLists.OfPhase(OwnLaunches);

    /// <summary>
    /// Whether steps that prefill alone take, but for attention, what a stage that decodes takes at as many tokens, to the bit: no operator of the two differs but in the tokens of a
    /// sequence. Of prompts of one token all would seem so. What caps or streams goes by the whole stage, and learned times by what they were trained among. Whether experts' share is as exact is
    /// asked of each step.
    /// </summary>
    private bool GoesByTokens(OperatorTable decode) => goesByTokens ??= !clock.Rates.HasPowerCap && !clock.AsksTraining && !Streams
        && Own is { AttentionCount: > 0, Shape: { TokensPerSequence: > 1, Prefixes: null, Vision: null } } && decode.Shape is { TokensPerSequence: 1, Layout.PipelineParallel: 1 }
        && Own.Count - Own.AttentionCount == decode.Count - decode.AttentionCount
        && StageByTokens.IsTimes(Own, decode);

    private static ServingEngine EngineOf(OperatorTable? table) => table?.Shape.Engine ?? ServingEngine.None;

    /// <summary>Whether a launch is of a product whose input the host has quantised first; experts' kernels quantise theirs themselves.</summary>
    private static bool QuantizesInput(ref readonly StageLaunch launch) => launch.HasShape
        && launch.ShapeInPlace is { Family: OperatorFamily.Product, Kind: NumberKind.EightBit or NumberKind.EightBitBlock or NumberKind.FourBit };

    private static (double Launches, double Encoding) Launched(StageLaunch[] launches, OperatorTable? table, ServingEngine engine)
    {
        double all = 0;
        double encoding = 0;
        double quantizing = 0;
        foreach (ref readonly StageLaunch launch in launches.AsSpan())
        {
            bool isOfEncoder = table is not null && table.Identities[launch.Operator].IsOfEncoder;
            all += isOfEncoder ? 0 : launch.Repeats;
            encoding += isOfEncoder ? launch.Repeats : 0;
            quantizing += !isOfEncoder && QuantizesInput(in launch) ? launch.Repeats : 0;
        }

        return ((all * engine.EagerLaunchMicroseconds) + (quantizing * engine.EagerQuantizeMicroseconds), encoding * engine.EagerLaunchMicroseconds);
    }
}

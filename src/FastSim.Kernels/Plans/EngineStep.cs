using System.Runtime.CompilerServices;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>
/// Time of a forward step of an instance: the launches of its stage, each priced by a clock. Where prompts are prefilled beside decoding all but
/// attention runs once, over the tokens of both (docs/validation.md, "A step").
/// </summary>
public sealed class EngineStep
{
    private readonly OperatorTable? decode;
    private readonly OperatorTable? prompt;
    private readonly StageLaunch[] decodeLaunches;
    private readonly StageLaunch[] promptLaunches;
    private readonly LeastTime[] decodeLeast;
    private readonly LeastTime[] promptLeast;
    private readonly EngineClock clock;
    private readonly SharedTimes? remembered;
    private readonly StrongBox<StepFloor?> floor;
    private readonly double encoderLaunchMicroseconds;
    private readonly bool isPromptLike;

    /// <summary>Binds a layout.</summary>
    /// <param name="decode">Its stage when it decodes; null where it never does.</param>
    /// <param name="prompt">Its stage when it prefills a whole prompt; null where it never does.</param>
    /// <param name="clock">What prices its launches.</param>
    public EngineStep(OperatorTable? decode, OperatorTable? prompt, EngineClock clock)
        : this(decode, prompt, clock, null, null, null)
    {
    }

    /// <summary>Binds a layout that may be like another but for the lengths of its requests: what of a step does not go by these is priced once.</summary>
    /// <param name="decode">Its stage when it decodes.</param>
    /// <param name="prompt">Its stage when it prefills a whole prompt.</param>
    /// <param name="clock">What prices its launches.</param>
    /// <param name="like">The other; null for none.</param>
    /// <param name="spare">A layout that nobody asks any more, whose room this one takes where that was like the other, too; null for none.</param>
    internal static EngineStep Of(OperatorTable decode, OperatorTable? prompt, EngineClock clock, EngineStep? like, EngineStep? spare)
    {
        if (like is { remembered: { } times } && like.clock == clock)
        {
            EngineStep? room = spare?.remembered == times ? spare : null;
            if (room is not null || SharedTimes.AreSame(decode, like.decode!))
            {
                return new EngineStep(decode, prompt, clock, like, times, room);
            }
        }

        return new EngineStep(decode, prompt, clock, null, new SharedTimes(), null);
    }

    private EngineStep(OperatorTable? decode, OperatorTable? prompt, EngineClock clock, EngineStep? like, SharedTimes? remembered, EngineStep? spare)
    {
        ArgumentNullException.ThrowIfNull(clock);
        this.decode = decode;
        this.prompt = prompt;
        this.clock = clock;
        this.remembered = remembered;
        floor = new StrongBox<StepFloor?>();
        decodeLaunches = like is null ? LaunchLists.Of(decode, clock) : LaunchLists.OfPhase(like.decodeLaunches, spare?.decodeLaunches, decode!, clock);
        decodeLeast = like is null
            ? LaunchLists.Bounds(decodeLaunches, decode)
            : LaunchLists.BoundsOfPhase(like.decodeLeast, spare?.decodeLeast, decodeLaunches, decode!);
        StageLaunch[]? launchedLike = like?.prompt is null || prompt is null ? null
            : LaunchLists.OfAnotherLength(like.promptLaunches, like.prompt, spare?.promptLaunches, prompt, clock.Rates.Types);
        isPromptLike = launchedLike is not null;
        promptLaunches = launchedLike ?? LaunchLists.Of(prompt, clock);
        promptLeast = LaunchLists.BoundsOfTimes(promptLaunches, prompt, spare?.promptLeast);
        double launches = 0;
        double encoding = 0;
        double quantizing = 0;
        foreach (ref readonly StageLaunch launch in (prompt is null ? decodeLaunches : promptLaunches).AsSpan())
        {
            bool isOfEncoder = prompt is not null && prompt.Identities[launch.Operator].IsOfEncoder;
            launches += isOfEncoder ? 0 : launch.Repeats;
            encoding += isOfEncoder ? launch.Repeats : 0;
            quantizing += !isOfEncoder && QuantizesInput(in launch) ? launch.Repeats : 0;
        }

        LaunchMicroseconds = (launches * Engine.EagerLaunchMicroseconds) + (quantizing * Engine.EagerQuantizeMicroseconds);
        encoderLaunchMicroseconds = encoding * Engine.EagerLaunchMicroseconds;
    }

    private EngineStep(EngineStep other, EngineClock clock)
    {
        this.clock = clock;
        (decode, prompt, decodeLaunches, promptLaunches, LaunchMicroseconds) =
            (other.decode, other.prompt, other.decodeLaunches, other.promptLaunches, other.LaunchMicroseconds);
        (decodeLeast, promptLeast, floor, encoderLaunchMicroseconds) = (other.decodeLeast, other.promptLeast, other.floor, other.encoderLaunchMicroseconds);
    }

    /// <summary>Whether a launch is of a product whose input is quantised first.</summary>
    private static bool QuantizesInput(ref readonly StageLaunch launch) => launch.HasShape
        && launch.ShapeInPlace is { Family: OperatorFamily.Product or OperatorFamily.Experts, Kind: NumberKind.EightBit or NumberKind.EightBitBlock or NumberKind.FourBit };

    /// <summary>What is deployed.</summary>
    public DeploymentShape Shape => (decode ?? prompt)!.Shape;

    /// <summary>The launches of the stage when it decodes.</summary>
    public IReadOnlyList<StageLaunch> DecodeLaunches => decodeLaunches;

    /// <summary>The launches of the stage when it prefills.</summary>
    public IReadOnlyList<StageLaunch> PromptLaunches => promptLaunches;

    /// <summary>What prices them.</summary>
    public EngineClock Clock => clock;

    /// <summary>The engine.</summary>
    public ServingEngine Engine => Shape.Engine!;

    /// <summary>The stage when it decodes; null where it never does.</summary>
    public OperatorTable? DecodeTable => decode;

    /// <summary>The stage when it prefills a whole prompt; null where it never does.</summary>
    public OperatorTable? PromptTable => prompt;

    /// <summary>Least time of a step that launches its kernels one by one, as prefill does; an encoder's are not among them.</summary>
    public double LaunchMicroseconds { get; }

    /// <summary>The same for all chips, found when it is first asked for.</summary>
    private StepFloor Floor => floor.Value ??= new StepFloor(decode!, decodeLaunches, decodeLeast);

    /// <summary>The same launches on another chip of the same data types.</summary>
    /// <param name="other">What prices them.</param>
    public EngineStep On(EngineClock other) => new(this, other);

    /// <summary>Microseconds of a step on the device.</summary>
    /// <param name="load">What it works on.</param>
    public double Microseconds(in StepLoad load) => Parts(load).Total;

    /// <summary>Microseconds of prompts that a step takes whole, launched kernel by kernel.</summary>
    /// <param name="prompts">Prompts, a rank.</param>
    /// <param name="newTokens">Tokens of each that are new.</param>
    /// <param name="pastTokens">Tokens of each that are cached.</param>
    public double PromptMicroseconds(double prompts, double newTokens, double pastTokens)
    {
        double encoder = EncoderMicroseconds(prompts, newTokens);
        return Math.Max(Microseconds(new StepLoad(0, prompts, newTokens, pastTokens)) - encoder, LaunchMicroseconds) + encoder;
    }

    /// <summary>Microseconds of encoding the images of prompts, before what the language model makes of them; 0 where there are none.</summary>
    /// <param name="prompts">Prompts, a rank.</param>
    /// <param name="newTokens">Tokens of each that are new, or a part of them, which has its part of the images.</param>
    public double EncoderMicroseconds(double prompts, double newTokens)
    {
        StepParts parts = default;
        double exchanged = 0;
        WalkEncoder(new StepLoad(0, prompts, newTokens, 0), new Sum(ref parts, ref exchanged));
        return parts.Total;
    }

    /// <summary>Microseconds of what runs once over all tokens of a step.</summary>
    /// <param name="decoding">Sequences that get their next token, a rank.</param>
    /// <param name="prompts">Prompts that are prefilled, a rank.</param>
    /// <param name="newTokens">Tokens of each that are new.</param>
    public double SharedMicroseconds(double decoding, double prompts, double newTokens)
    {
        // Without sequences that decode it is the prompt's stage that is walked over, which goes by its length.
        if (decoding > 0 && prompts > 0 && remembered is not null)
        {
            ref SharedTimes.Asked asked = ref remembered.PlaceOf(decoding, prompts, newTokens);
            if (!asked.Is(decoding, prompts, newTokens))
            {
                asked = new SharedTimes.Asked(decoding, prompts, newTokens, WalkedMicroseconds(decoding, prompts, newTokens), null);
            }

            return asked.Microseconds;
        }

        if (decoding > 0 && prompts == 0 && Remembered(decoding) is not null)
        {
            ref SharedTimes.Asked asked = ref remembered!.PlaceOf(decoding, 0, 0);
            if (double.IsNaN(asked.Microseconds))
            {
                asked = asked with { Microseconds = WalkedMicroseconds(decoding, 0, 0) };
            }

            return asked.Microseconds;
        }

        return WalkedMicroseconds(decoding, prompts, newTokens);
    }

    /// <summary>
    /// Whether the same clocks price the same launches of a step with a prompt by itself as of another, of which this one was made: no form is there for some lengths and
    /// not for others, but those of exchanges with experts of few tokens and of many.
    /// </summary>
    /// <param name="other">The other.</param>
    public bool IsTimedLike(EngineStep other) => other is not null && isPromptLike && remembered == other.remembered
        && prompt!.Shape.AbsorbsLatent == other.prompt!.Shape.AbsorbsLatent && HasFewTokens == other.HasFewTokens;

    private bool HasFewTokens => Shape.Model.Experts is null || FittedTimes.IsFew(ExpertFeedForward.CardTokens(Shape).At(
        Tokens(new StepLoad(1, 1, Shape.Lengths.Input, 0)) / decode!.Shape.TokensPerSequence));

    /// <summary>Tokens of a step, a rank.</summary>
    private double Tokens(in StepLoad load) => (decode is null ? 0 : load.Decoding * decode.Shape.TokensPerSequence) + (load.Prompts * load.PromptTokens);

    private double WalkedMicroseconds(double decoding, double prompts, double newTokens)
    {
        StepParts parts = default;
        double exchanged = 0;
        WalkShared(new StepLoad(decoding, prompts, newTokens, 0), new Sum(ref parts, ref exchanged), ofPhase: false);
        return parts.Total;
    }

    /// <summary>Microseconds of what runs over a step's prompts alone; what encodes their images is not counted.</summary>
    /// <param name="prompts">Prompts, a rank.</param>
    /// <param name="newTokens">Tokens of each that are new.</param>
    /// <param name="pastTokens">Tokens of each that are cached.</param>
    public double PromptOwnMicroseconds(double prompts, double newTokens, double pastTokens)
    {
        StepParts parts = default;
        double exchanged = 0;
        WalkPrompts(new StepLoad(0, prompts, newTokens, pastTokens), new Sum(ref parts, ref exchanged));
        return parts.Total;
    }

    /// <summary>
    /// Microseconds that launches which run once over all tokens of a step never fall below, in few operations; experts, whose hottest rank decides, are
    /// priced.
    /// </summary>
    /// <param name="decoding">Sequences that get their next token, a rank.</param>
    /// <param name="prompts">Prompts that are prefilled, a rank.</param>
    /// <param name="newTokens">Tokens of each that are new.</param>
    public double LeastSharedMicroseconds(double decoding, double prompts, double newTokens)
    {
        double perSequence = decode!.Shape.TokensPerSequence;
        return Floor.Shared(clock, decoding + (prompts * newTokens / perSequence), decoding + (prompts / perSequence));
    }

    /// <summary>The same of launches that run over decoding sequences alone.</summary>
    /// <param name="decoding">Sequences that get their next token, a rank.</param>
    public double LeastOwnMicroseconds(double decoding) => Floor.Own(clock, decoding);

    /// <summary>
    /// Microseconds that a step which decodes alone never falls below, without pricing anything: never falls with the sequences, and rises no faster than they do.
    /// </summary>
    /// <param name="decoding">Sequences that get their next token, a rank.</param>
    public double UnpricedMicroseconds(double decoding) => Floor.Unpriced(clock, decoding);

    /// <summary>Microseconds of what runs over decoding sequences alone.</summary>
    /// <param name="decoding">Sequences that get their next token, a rank.</param>
    public double DecodeOwnMicroseconds(double decoding)
    {
        StepParts parts = default;
        double exchanged = 0;
        Sum sum = new(ref parts, ref exchanged);
        for (int index = 0; index < decodeLaunches.Length; index++)
        {
            if (decodeLaunches[index].IsOfPhase)
            {
                Add(sum, decode!, decodeLaunches[index], decodeLeast[index], decoding);
            }
        }

        return parts.Total;
    }

    /// <summary>What a whole prompt's FLOP take at the chip's peaks, microseconds.</summary>
    public double PromptComputeMicroseconds
    {
        get
        {
            double seconds = 0;
            for (int op = 0; op < prompt!.Count; op++)
            {
                seconds += prompt.Flops(op, 1) * prompt.Repeats[op] / clock.Rates.PeakFlopsPerSecond(prompt.Identities[op].Rate);
            }

            return seconds * Norms.Microseconds;
        }
    }

    /// <summary>Microseconds of a step on the device, by part.</summary>
    /// <param name="load">What it works on.</param>
    public StepParts Parts(in StepLoad load)
    {
        StepParts parts = default;
        double exchanged = 0;
        Walk(load, new Sum(ref parts, ref exchanged));
        return parts;
    }

    /// <summary>What priced each launch of a step, and for how long it runs.</summary>
    /// <param name="load">What it works on.</param>
    /// <param name="by">Launches that another clock priced are left out; null for none.</param>
    public IReadOnlyList<PricedLaunch> Launches(in StepLoad load, ClockKind? by = null)
    {
        List<PricedLaunch> launches = [];
        StepParts parts = default;
        double exchanged = 0;
        Walk(load, new Sum(ref parts, ref exchanged) { Launches = launches, By = by });
        return launches;
    }

    /// <summary>Puts the times of a step's launches into a stage's table, to explain it.</summary>
    /// <param name="table">The stage, when it decodes or when it prefills.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public void Explain(OperatorTable table, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        double[] seconds = new double[table.Count];
        (StageLaunch[] launches, LeastTime[] leasts) = table == decode ? (decodeLaunches, decodeLeast) : (promptLaunches, promptLeast);
        for (int index = 0; index < launches.Length; index++)
        {
            ref readonly StageLaunch launch = ref launches[index];
            StepParts parts = default;
            double exchanged = 0;
            Sum sum = new(ref parts, ref exchanged);
            if (table != decode && launch.IsOfPhase && !table.Identities[launch.Operator].IsOfEncoder)
            {
                AddPrompts(sum, launch, leasts[index], new StepLoad(0, sequences, table.Shape.TokensPerSequence, table.Shape.Model.CachedTokens));
            }
            else
            {
                Add(sum, table, launch, leasts[index], sequences);
            }

            double one = parts.Total / launch.Repeats / Norms.Microseconds;
            double share = launch.Also < 0 ? 0 : table.Flops(launch.Also, sequences) / (table.Flops(launch.Also, sequences) + table.Flops(launch.Operator, sequences));
            seconds[launch.Operator] = one * (1 - share);
            if (launch.Also >= 0)
            {
                seconds[launch.Also] = one * share;
            }
        }

        table.PricedSeconds = seconds;
    }

    /// <summary>Whether a learned efficiency prices some launch of a step that is unlike all it was trained among.</summary>
    /// <param name="load">What it works on.</param>
    public bool IsBeyondTraining(in StepLoad load)
    {
        if (!clock.AsksTraining)
        {
            return false;
        }

        StepParts parts = default;
        double exchanged = 0;
        Sum sum = new(ref parts, ref exchanged) { AsksTraining = true };
        return Walk(load, sum);
    }

    private bool Walk(in StepLoad load, in Sum sum)
    {
        bool isBeyond = WalkShared(load, sum, ofPhase: true);
        bool isEncoderBeyond = load.Prompts > 0 && prompt is not null && WalkEncoder(load, sum);
        return (load.Prompts > 0 && prompt is not null && WalkPrompts(load, sum)) || isBeyond || isEncoderBeyond;
    }

    /// <summary>
    /// What encodes images, launched kernel by kernel. An image is encoded whole: a part of a prompt that has less than one takes its share of the time that one
    /// takes by itself.
    /// </summary>
    private bool WalkEncoder(in StepLoad load, in Sum sum)
    {
        if (prompt?.Shape.Vision is null || load.Prompts <= 0)
        {
            return false;
        }

        double sequences = load.Prompts * load.PromptTokens / prompt.Shape.TokensPerSequence;
        double whole = Math.Max(sequences, 1d / VisionEncoder.ImagesOfCard(prompt.Shape));
        StepParts parts = default;
        double exchanged = 0;
        Sum own = new(ref parts, ref exchanged) { Launches = sum.Launches, By = sum.By, AsksTraining = sum.AsksTraining };
        bool isBeyond = false;
        for (int index = 0; index < promptLaunches.Length; index++)
        {
            if (prompt.Identities[promptLaunches[index].Operator].IsOfEncoder)
            {
                isBeyond |= Add(own, prompt, promptLaunches[index], promptLeast[index], whole);
            }
        }

        double share = sequences / whole;
        double waited = Math.Max(0, encoderLaunchMicroseconds - parts.Total);
        for (int part = 0; part < StepParts.Count; part++)
        {
            sum.Parts[part] += share * parts[part];
        }

        sum.Parts.Add(StepPart.Elementwise, share * waited);
        return isBeyond;
    }

    /// <summary>What runs once over all tokens; with <paramref name="ofPhase"/> what runs over decoding sequences alone, too.</summary>
    private bool WalkShared(in StepLoad load, in Sum sum, bool ofPhase)
    {
        double rows = Tokens(load);
        if (rows <= 0)
        {
            return false;
        }

        bool isBeyond = false;
        bool decodes = decode is not null && (load.Decoding > 0 || prompt is null);
        OperatorTable table = decodes ? decode! : prompt!;
        StageLaunch[] launches = decodes ? decodeLaunches : promptLaunches;
        LeastTime[] leasts = decodes ? decodeLeast : promptLeast;
        double perSequence = table.Shape.TokensPerSequence;
        double samples = decodes ? load.Decoding + (load.Prompts / perSequence) : load.Prompts;
        double[]? times = decodes && load.Prompts == 0 && sum.IsOfTimesAlone ? Remembered(load.Decoding) : null;
        for (int index = 0; index < launches.Length; index++)
        {
            ref readonly StageLaunch launch = ref launches[index];
            if (!launch.IsOfPhase && times is not null)
            {
                Count(sum, table, launch, times[index]);
            }
            else if (!launch.IsOfPhase)
            {
                isBeyond |= Add(sum, table, launch, leasts[index], launch.Part == StepPart.Logits ? samples : rows / perSequence);
            }
            else if (ofPhase && load.Decoding > 0)
            {
                isBeyond |= Add(sum, table, launch, leasts[index], load.Decoding);
            }
        }

        // Exchanges hide behind work, of which there must be as much.
        double unhideable = sum.Exchanged - sum.Parts.Total;
        if (unhideable > 0)
        {
            sum.Parts.Add(StepPart.AllReduce, unhideable);
        }

        return isBeyond;
    }

    /// <summary>Times of what runs once over all tokens of a step that decodes alone, all repeats, each in its launch's place; null where none are remembered.</summary>
    private double[]? Remembered(double decoding)
    {
        if (remembered is null)
        {
            return null;
        }

        ref SharedTimes.Asked asked = ref remembered.PlaceOf(decoding, 0, 0);
        if (!asked.Is(decoding, 0, 0))
        {
            double[] times = new double[decodeLaunches.Length];
            double perSequence = decode!.Shape.TokensPerSequence;
            double sequences = decoding * perSequence / perSequence;
            for (int index = 0; index < times.Length; index++)
            {
                ref readonly StageLaunch launch = ref decodeLaunches[index];
                times[index] = launch.IsOfPhase ? 0 : Timed(decode, launch, decodeLeast[index], launch.Part == StepPart.Logits ? decoding : sequences);
            }

            asked = new SharedTimes.Asked(decoding, 0, 0, double.NaN, times);
        }

        return asked.Launches;
    }

    private double Timed(OperatorTable table, in StageLaunch launch, in LeastTime least, double sequences) =>
        launch.Repeats * clock.PriceByRows(table, launch, least, sequences);

    private bool WalkPrompts(in StepLoad load, in Sum sum)
    {
        bool isBeyond = false;
        for (int index = 0; index < promptLaunches.Length; index++)
        {
            if (promptLaunches[index].IsOfPhase && !prompt!.Identities[promptLaunches[index].Operator].IsOfEncoder)
            {
                isBeyond |= AddPrompts(sum, promptLaunches[index], promptLeast[index], load);
            }
        }

        return isBeyond;
    }

    private bool Add(in Sum sum, OperatorTable table, in StageLaunch launch, in LeastTime least, double sequences)
    {
        if (sum.IsOfTimesAlone)
        {
            Count(sum, table, launch, Timed(table, launch, least, sequences));
            return false;
        }

        return launch.HasShape
            ? Price(sum, table, launch, least, launch.ShapeInPlace.At(sequences), sequences, default)
            : Price(sum, table, launch, least, launch.ShapeInPlace, sequences, default);
    }

    /// <summary>A launch of prompts alone: attention over the new tokens and what is cached before them, all else by its rows.</summary>
    private bool AddPrompts(in Sum sum, in StageLaunch launch, in LeastTime least, in StepLoad load)
    {
        double sequences = load.Prompts * load.PromptTokens / prompt!.Shape.TokensPerSequence;
        if (prompt.Identities[launch.Operator].Kind == LaunchKind.ContextExchange)
        {
            // What is cached has been shared out, too.
            sequences = load.Prompts * (load.PromptTokens + load.PromptPast) / prompt.Shape.Lengths.Input;
        }

        PromptRows prompts = new(load.Prompts, load.PromptTokens, load.PromptPast);
        ref readonly OperatorShape one = ref launch.ShapeInPlace;
        if (!launch.HasShape || one.Family is not (OperatorFamily.PrefillAttention or OperatorFamily.PrefillLatentAttention))
        {
            return Price(sum, prompt, launch, least, one with { Rows = one.Rows * sequences }, sequences, prompts);
        }

        return Price(
            sum,
            prompt,
            launch,
            least,
            one with { Rows = load.Prompts, Context = EqualArea(load), NewTokens = load.PromptTokens, PastTokens = load.PromptPast },
            sequences,
            prompts);
    }

    private bool Price(
        in Sum sum, OperatorTable table, in StageLaunch launch, in LeastTime least, in OperatorShape shape, double sequences, in PromptRows prompts)
    {
        if (sum.AsksTraining)
        {
            return launch.HasShape && clock.IsBeyondTraining(shape);
        }

        double time = Count(sum, table, launch, launch.Repeats * clock.Price(table, launch, least, launch.HasShape, shape, sequences, prompts, out ClockKind kind));
        if (sum.Launches is { } launches && (sum.By is not { } by || by == kind))
        {
            launches.Add(new PricedLaunch(table.Identities[launch.Operator].Name, launch.Part, launch.HasShape ? shape : null, kind, time));
        }

        return false;
    }

    /// <summary>Adds a launch's time up: of an exchange what work does not hide.</summary>
    /// <returns>What was added.</returns>
    private double Count(in Sum sum, OperatorTable table, in StageLaunch launch, double time)
    {
        if (launch.Way == LaunchWay.Exchange && table.Exchanges[launch.Operator].Group is not (ExchangeGroup.None or ExchangeGroup.PipelineParallel))
        {
            sum.Exchanged += time;
            time *= clock.ShownShare;
        }

        sum.Parts.Add(launch.Part, time);
        return time;
    }

    /// <summary>Length of a prompt without a past whose attention has the area of one with.</summary>
    private static double EqualArea(in StepLoad load) => load.PromptPast > 0
        ? Math.Sqrt((2 * load.PromptTokens * load.PromptPast) + (load.PromptTokens * load.PromptTokens))
        : load.PromptTokens;

    /// <summary>Where the times of a walk over launches go.</summary>
    private readonly ref struct Sum(ref StepParts parts, ref double exchanged)
    {
        public readonly ref StepParts Parts = ref parts;

        public readonly ref double Exchanged = ref exchanged;

        public List<PricedLaunch>? Launches { get; init; }

        /// <summary>Whose launches are wanted; null for everybody's.</summary>
        public ClockKind? By { get; init; }

        public bool AsksTraining { get; init; }

        /// <summary>Whether nothing is asked but times.</summary>
        public bool IsOfTimesAlone => Launches is null && !AsksTraining;
    }
}

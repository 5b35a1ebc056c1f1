using System.Runtime.CompilerServices;
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
    private readonly PromptLists prompts;
    private readonly StageLaunch[] ofPhase;
    private readonly LeastTime[] leastOfPhase;
    private readonly EngineClock clock;
    private readonly LaunchPricer pricer;
    private readonly EngineStep alike;
    private readonly SharedTimes? remembered;
    private readonly StrongBox<StepFloor?> floor;
    private readonly PromptLists? rooms;
    private readonly AlikeSteps? steps;
    private AlikeSteps? stepsOfOthers;
    private StageLaunch[]? decodeLaunches;
    private LeastTime[]? decodeLeast;
    private double[]? ownTimes;
    private double timedDecoding = double.NaN;

    /// <summary>Binds a layout.</summary>
    /// <param name="decode">Its stage when it decodes; null where it never does.</param>
    /// <param name="prompt">Its stage when it prefills a whole prompt; null where it never does.</param>
    /// <param name="clock">What prices its launches.</param>
    public EngineStep(OperatorTable? decode, OperatorTable? prompt, EngineClock clock)
        : this(decode, clock, null, new PromptLists(prompt, clock))
    {
    }

    /// <summary>Binds a layout whose launches are nobody else's.</summary>
    private EngineStep(OperatorTable? decode, EngineClock clock, SharedTimes? remembered, PromptLists prompts, PromptLists? rooms = null)
    {
        ArgumentNullException.ThrowIfNull(clock);
        (this.decode, this.clock, this.remembered, this.prompts, this.rooms, alike) = (decode, clock, remembered, prompts, rooms, this);
        pricer = new LaunchPricer(clock, remembers: remembered is null);
        floor = new StrongBox<StepFloor?>();
        StageLaunch[] launches = LaunchLists.Of(decode, clock);
        decodeLaunches = launches;
        decodeLeast = LaunchLists.Bounds(launches, decode);
        ofPhase = LaunchLists.OfPhase(launches);
        leastOfPhase = LaunchLists.Bounds(ofPhase, decode);
        LaunchMicroseconds = prompts.Shape is null ? PromptLists.Launched(launches, Engine) : prompts.LaunchMicroseconds;
    }

    /// <summary>Binds a layout that is another's but for the lengths of its requests.</summary>
    private EngineStep(OperatorTable decode, PromptLists prompts, EngineStep like, EngineStep? spare, PromptLists? rooms)
    {
        (this.decode, this.prompts, this.rooms, clock, remembered, alike) = (decode, prompts, rooms, like.clock, like.remembered, like);
        pricer = new LaunchPricer(clock, remembers: remembered is null);
        floor = new StrongBox<StepFloor?>();
        ofPhase = LaunchLists.OfPhase(like.ofPhase, spare?.ofPhase, decode, clock);
        leastOfPhase = LaunchLists.Bounds(ofPhase, decode, spare?.leastOfPhase);
        ownTimes = spare?.ownTimes;
        LaunchMicroseconds = prompts.Shape is null ? PromptLists.Launched(DecodeList, Engine) : prompts.LaunchMicroseconds;
    }

    /// <summary>Binds a layout that may be like another but for the lengths of its requests: what of a step does not go by these is priced once.</summary>
    /// <param name="decode">Its stage when it decodes.</param>
    /// <param name="isRevised">Whether that was made of the stage of <paramref name="spare"/>, whose attention alone was lowered again.</param>
    /// <param name="prompts">Its prompts, where those of a third such layout are the same; null for a stage of its own.</param>
    /// <param name="prompt">The shape of that stage.</param>
    /// <param name="clock">What prices its launches.</param>
    /// <param name="like">The other; null for none.</param>
    /// <param name="spare">A layout that nobody asks any more, whose room this one takes where that was like the other, too; null for none.</param>
    internal static EngineStep Of(
        OperatorTable decode, bool isRevised, PromptLists? prompts, DeploymentShape prompt, EngineClock clock, EngineStep? like, EngineStep? spare)
    {
        PromptLists? rooms = spare?.rooms;
        if (spare?.prompts.Leave() is { } left)
        {
            (left.Next, rooms) = (rooms, left);
        }

        PromptLists? room = null;
        if (prompts is null && rooms is not null)
        {
            (room, rooms) = (rooms, rooms.Next);
        }

        if (like is { remembered: { } times } && like.clock == clock)
        {
            EngineStep? alike = spare?.remembered == times ? spare : null;
            if (SharedTimes.AreSame(decode, like.decode!, isOfAttentionAlone: isRevised && alike is not null))
            {
                prompts ??= PromptLists.OfAttentionAlone(prompt, clock, like.prompts, like.decode!, room)
                    ?? new PromptLists(StageLowering.Lowered(prompt, room?.Own, out _), clock, like.prompts, room);
                return new EngineStep(decode, prompts, like, alike, rooms);
            }
        }

        return new EngineStep(decode, clock, new SharedTimes(), prompts ?? new PromptLists(StageLowering.Lowered(prompt, room?.Own, out _), clock), rooms);
    }

    private EngineStep(EngineStep other, EngineClock clock)
    {
        this.clock = clock;
        pricer = new LaunchPricer(clock, remembers: true);
        (decode, prompts, decodeLaunches, decodeLeast, LaunchMicroseconds) = (other.decode, other.prompts, other.DecodeList, other.DecodeLeast, other.LaunchMicroseconds);
        (ofPhase, leastOfPhase, floor, alike) = (other.ofPhase, other.leastOfPhase, other.floor, this);
        steps = other.steps ?? (other.stepsOfOthers ??= new AlikeSteps());
    }

    /// <summary>What is deployed.</summary>
    public DeploymentShape Shape => (decode?.Shape ?? prompts.Shape)!;

    /// <summary>The launches of the stage when it decodes.</summary>
    public IReadOnlyList<StageLaunch> DecodeLaunches => DecodeList;

    /// <summary>The launches of the stage when it prefills.</summary>
    public IReadOnlyList<StageLaunch> PromptLaunches => prompts.Launches;

    /// <summary>What prices them.</summary>
    public EngineClock Clock => clock;

    /// <summary>The engine.</summary>
    public ServingEngine Engine => Shape.Engine!;

    /// <summary>The stage when it decodes; null where it never does.</summary>
    public OperatorTable? DecodeTable => decode;

    /// <summary>The stage when it prefills a whole prompt; null where it never does.</summary>
    public OperatorTable? PromptTable => prompts.Table;

    /// <summary>What is deployed when it prefills; null where it never does.</summary>
    internal DeploymentShape? PromptShape => prompts.Shape;

    /// <summary>Whether a second memory or a remote store holds a part of what passes over prompts read.</summary>
    internal bool PromptsStream => prompts.Streams;

    /// <summary>Least time of a step that launches its kernels one by one, as prefill does; an encoder's are not among them.</summary>
    public double LaunchMicroseconds { get; }

    /// <summary>The same for all chips, found when it is first asked for.</summary>
    private StepFloor Floor => floor.Value ??= new StepFloor(decode!, DecodeList, DecodeLeast);

    /// <summary>All launches when it decodes: those of a layout that it is like, in which its own of the phase stand in their places.</summary>
    private StageLaunch[] DecodeList => decodeLaunches ??= LaunchLists.InPlace(alike.DecodeList, ofPhase);

    private LeastTime[] DecodeLeast => decodeLeast ??= LaunchLists.InPlace(alike.DecodeLeast, DecodeList, leastOfPhase);

    private OperatorTable? Prompt => prompts.Table;

    /// <summary>Its prompts, where another's are the same: one that differs from this one in the lengths of answers alone, which a pipeline's fullest stage may go by.</summary>
    /// <param name="prompt">The other when it prefills.</param>
    /// <param name="by">What prices it.</param>
    /// <returns>Null where they are others.</returns>
    internal PromptLists? SamePrompts(DeploymentShape prompt, EngineClock by) =>
        by == clock && prompt.Layout.PipelineParallel == 1 && prompts.Shape is { } own
            && own.Lengths.Input == prompt.Lengths.Input && own with { Lengths = own.Lengths with { Output = prompt.Lengths.Output } } == prompt
            ? prompts.Share()
            : null;

    /// <summary>The same launches on another chip of the same data types; all steps that are made of one serve one thread.</summary>
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
        WalkEncoder(new StepLoad(0, prompts, newTokens, 0), new LaunchSum(ref parts, ref exchanged));
        return parts.Total;
    }

    /// <summary>Microseconds of what runs once over all tokens of a step.</summary>
    /// <param name="decoding">Sequences that get their next token, a rank.</param>
    /// <param name="prompts">Prompts that are prefilled, a rank.</param>
    /// <param name="newTokens">Tokens of each that are new.</param>
    public double SharedMicroseconds(double decoding, double prompts, double newTokens)
    {
        if (decoding > 0 && prompts > 0 && remembered is not null)
        {
            double total = Together(new StepLoad(decoding, prompts, newTokens, 0), out double exchanged).Total;
            if (IsSum(exchanged, total))
            {
                return total;
            }
        }

        if (decoding > 0 && prompts == 0 && Remembered(decoding) is not null)
        {
            ref SharedTimes.Asked asked = ref remembered!.PlaceOf(decoding);
            if (double.IsNaN(asked.Microseconds))
            {
                asked = asked with { Microseconds = WalkedMicroseconds(decoding, 0, 0) };
            }

            return asked.Microseconds;
        }

        return WalkedMicroseconds(decoding, prompts, newTokens);
    }

    /// <summary>Whether prompts alone take what they take another, to the bit.</summary>
    /// <param name="other">The other.</param>
    internal bool SharesTimes(EngineStep other) => remembered is not null && remembered == other.remembered && prompts == other.prompts;

    /// <summary>Whether a step with a prompt by itself launches the same kernels as another, of which this one was made.</summary>
    /// <param name="other">The other.</param>
    public bool IsLaunchedLike(EngineStep other) => other is not null && (prompts == other.prompts || prompts.Like == other.prompts) && remembered == other.remembered;

    /// <summary>
    /// What of the lengths of requests decides whether there are forms for a step with a prompt by itself: whether it works on the latent, and whether exchanges with experts are
    /// of few tokens.
    /// </summary>
    public (bool AbsorbsLatent, bool HasFewTokens) TimedBy => (PromptShape!.AbsorbsLatent, HasFewTokens);

    private bool HasFewTokens => Shape.Model.Experts is null || ExpertExchangeTimes.IsFew(ExpertFeedForward.CardTokens(Shape).At(
        Tokens(new StepLoad(1, 1, Shape.Lengths.Input, 0)) / decode!.Shape.TokensPerSequence));

    /// <summary>Tokens of a step, a rank.</summary>
    private double Tokens(in StepLoad load) => (decode is null ? 0 : load.Decoding * decode.Shape.TokensPerSequence) + (load.Prompts * load.PromptTokens);

    /// <summary>
    /// Whether what runs once over all tokens of a step that prefills alone is asked of the stage that decodes, at as many tokens: where the stage that prefills says the same to the bit. It
    /// rounds a part's share of the prompt, and what goes by a logarithm.
    /// </summary>
    private bool GoesByTokens(in StepLoad load)
    {
        double perPrompt = prompts.IsOfAttention ? prompts.Shape!.TokensPerSequence : 0;
        double tokens = load.Prompts * load.PromptTokens;
        return perPrompt > 0
            && Math.FusedMultiplyAdd(tokens / perPrompt, perPrompt, -tokens) == 0
            && prompts.ActivationLog * (tokens / perPrompt) == alike.decode!.ActivationLog * tokens;
    }

    /// <summary>Whether the order in which launches are added up is of no account for what exchanges hide behind: it may decide where exchanges are nearly all there is.</summary>
    private static bool IsSum(double exchanged, double microseconds)
    {
        const double NearlyAll = 1 - 1e-9;
        return exchanged < NearlyAll * microseconds;
    }

    /// <summary>
    /// What runs once over all tokens of a step with prompts, as a walk over the launches of the stage that decodes adds it up, to the bit, out of what goes by all its tokens and what
    /// by those that are chosen: microseconds by part, until the next is asked for, and of the exchanges, hidden or not.
    /// </summary>
    private ref readonly StepParts Together(in StepLoad load, out double exchanged)
    {
        SharedTimes layout = remembered!;
        double perSequence = alike.decode!.Shape.TokensPerSequence;
        double sequences = Tokens(load) / perSequence;
        double samples = load.Decoding + (load.Prompts / perSequence);
        ref RememberedTokens.Asked asked = ref RememberedTokens.PlaceOf(sequences);
        if (!asked.Is(layout.Number, sequences))
        {
            StepParts found = default;
            double added = 0;
            AddShared(new LaunchSum(ref found, ref added), sequences, ofLogits: false);
            asked = new RememberedTokens.Asked(layout.Number, sequences, found, added);
        }

        ref SharedTimes.Logits logits = ref layout.LogitsAt(samples);
        if (logits.Samples != samples)
        {
            StepParts own = default;
            double added = 0;
            AddShared(new LaunchSum(ref own, ref added), samples, ofLogits: true);
            logits = new SharedTimes.Logits(samples, own[(int)StepPart.Logits], added);
        }

        asked.Parts[(int)StepPart.Logits] = logits.Microseconds;
        exchanged = asked.Exchanged + logits.Exchanged;
        return ref asked.Parts;
    }

    /// <summary>Adds up launches of the stage when it decodes that run once over all tokens: those of the logits, or the others.</summary>
    private void AddShared(in LaunchSum sum, double sequences, bool ofLogits)
    {
        StageLaunch[] launches = alike.DecodeList;
        LeastTime[] leasts = alike.DecodeLeast;
        for (int index = 0; index < launches.Length; index++)
        {
            ref readonly StageLaunch launch = ref launches[index];
            if (!launch.IsOfPhase && launch.Part == StepPart.Logits == ofLogits)
            {
                pricer.Count(sum, alike.decode!, launch, pricer.Timed(alike.decode!, launch, leasts[index], sequences));
            }
        }
    }

    private double WalkedMicroseconds(double decoding, double prompts, double newTokens)
    {
        StepParts parts = default;
        double exchanged = 0;
        WalkShared(new StepLoad(decoding, prompts, newTokens, 0), new LaunchSum(ref parts, ref exchanged), isOfPhaseToo: false);
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
        WalkPrompts(new StepLoad(0, prompts, newTokens, pastTokens), new LaunchSum(ref parts, ref exchanged));
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
        double sequences = decoding + (prompts * newTokens / perSequence);
        double samples = decoding + (prompts / perSequence);
        return Floor.Exchanges(clock, sequences, samples, ofPhase: false)
            + (prompts == 0 ? OfAlikeChips(StepSum.LeastShared, decoding) : Floor.Shared(clock, sequences, samples));
    }

    /// <summary>The same of launches that run over decoding sequences alone.</summary>
    /// <param name="decoding">Sequences that get their next token, a rank.</param>
    public double LeastOwnMicroseconds(double decoding) => Floor.Exchanges(clock, decoding, decoding, ofPhase: true) + OfAlikeChips(StepSum.LeastOwn, decoding);

    /// <summary>
    /// Microseconds that a step which decodes alone never falls below, without pricing anything: never falls with the sequences, and rises no faster than they do.
    /// </summary>
    /// <param name="decoding">Sequences that get their next token, a rank.</param>
    public double UnpricedMicroseconds(double decoding) => Floor.UnpricedExchanges(clock, decoding) + OfAlikeChips(StepSum.Unpriced, decoding);

    /// <summary>Microseconds of what runs over decoding sequences alone.</summary>
    /// <param name="decoding">Sequences that get their next token, a rank.</param>
    public double DecodeOwnMicroseconds(double decoding) =>
        steps is null || Floor.HasOwnExchange ? OwnMicroseconds(decoding) : OfAlikeChips(StepSum.Own, decoding);

    /// <summary>A sum of a step's launches but for exchanges, as chips that differ in links and capacities share it.</summary>
    private double OfAlikeChips(StepSum sum, double decoding)
    {
        if (steps is null)
        {
            return Summed(sum, decoding);
        }

        ref double known = ref steps.Of(clock.Alike, decoding).Sums[(int)sum];
        if (double.IsNaN(known))
        {
            known = Summed(sum, decoding);
        }

        return known;
    }

    private double Summed(StepSum sum, double decoding) => sum switch
    {
        StepSum.LeastShared => Floor.Shared(clock, decoding, decoding),
        StepSum.LeastOwn => Floor.Own(clock, decoding),
        StepSum.Unpriced => Floor.Unpriced(clock, decoding),
        _ => OwnMicroseconds(decoding),
    };

    private double OwnMicroseconds(double decoding)
    {
        StepParts parts = default;
        double exchanged = 0;
        LaunchSum sum = new(ref parts, ref exchanged);
        double[]? times = remembered is null ? null : OwnTimes(decoding);
        for (int index = 0; index < ofPhase.Length; index++)
        {
            pricer.Count(sum, decode!, ofPhase[index], times is null ? pricer.Timed(decode!, ofPhase[index], leastOfPhase[index], decoding) : times[index]);
        }

        return parts.Total;
    }

    /// <summary>Times of what runs over decoding sequences alone, all repeats, as they were last asked for: a loop's last batch is mostly the one whose parts are then said.</summary>
    private double[] OwnTimes(double decoding)
    {
        ownTimes ??= new double[ofPhase.Length];
        if (timedDecoding != decoding)
        {
            for (int index = 0; index < ofPhase.Length; index++)
            {
                ownTimes[index] = pricer.Timed(decode!, ofPhase[index], leastOfPhase[index], decoding);
            }

            timedDecoding = decoding;
        }

        return ownTimes;
    }

    /// <summary>What a whole prompt's FLOP take at the chip's peaks, microseconds.</summary>
    public double PromptComputeMicroseconds
    {
        get
        {
            double seconds = 0;
            OperatorTable own = prompts.Own!;
            for (int op = 0; op < own.Count; op++)
            {
                seconds += ComputeSeconds(own, op, 1);
            }

            OperatorTable? rest = prompts.IsOfAttention ? alike.decode! : null;
            for (int op = rest?.AttentionCount ?? 0; op < rest?.Count; op++)
            {
                seconds += ComputeSeconds(rest, op, rest.Identities[op].Part == StagePart.Logits ? 1 : own.Shape.TokensPerSequence);
            }

            return seconds * Norms.Microseconds;
        }
    }

    private double ComputeSeconds(OperatorTable table, int op, double sequences) =>
        table.Flops(op, sequences) * table.Repeats[op] / clock.Rates.PeakFlopsPerSecond(table.Identities[op].Rate);

    /// <summary>Microseconds of a step on the device, by part.</summary>
    /// <param name="load">What it works on.</param>
    public StepParts Parts(in StepLoad load)
    {
        StepParts parts = default;
        double exchanged = 0;
        Walk(load, new LaunchSum(ref parts, ref exchanged));
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
        Walk(load, new LaunchSum(ref parts, ref exchanged) { Launches = launches, By = by });
        return launches;
    }

    /// <summary>Puts the times of a step's launches into a stage's table, to explain it.</summary>
    /// <param name="table">The stage, when it decodes or when it prefills.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public void Explain(OperatorTable table, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        double[] seconds = new double[table.Count];
        (StageLaunch[] launches, LeastTime[] leasts) = table == decode ? (DecodeList, DecodeLeast) : (prompts.Launches, prompts.Leasts);
        for (int index = 0; index < launches.Length; index++)
        {
            ref readonly StageLaunch launch = ref launches[index];
            StepParts parts = default;
            double exchanged = 0;
            LaunchSum sum = new(ref parts, ref exchanged);
            if (table != decode && launch.IsOfPhase && !table.Identities[launch.Operator].IsOfEncoder)
            {
                pricer.AddPrompts(sum, prompts.Own!, launch, leasts[index], new StepLoad(0, sequences, table.Shape.TokensPerSequence, table.Shape.Model.CachedTokens));
            }
            else
            {
                pricer.Add(sum, table, launch, leasts[index], sequences);
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
        LaunchSum sum = new(ref parts, ref exchanged) { AsksTraining = true };
        return Walk(load, sum);
    }

    private bool Walk(in StepLoad load, in LaunchSum sum)
    {
        bool isBeyond = WalkShared(load, sum, isOfPhaseToo: true);
        bool isEncoderBeyond = load.Prompts > 0 && PromptShape is not null && WalkEncoder(load, sum);
        return (load.Prompts > 0 && PromptShape is not null && WalkPrompts(load, sum)) || isBeyond || isEncoderBeyond;
    }

    /// <summary>
    /// What encodes images, launched kernel by kernel. An image is encoded whole: a part of a prompt that has less than one takes its share of the time that one
    /// takes by itself.
    /// </summary>
    private bool WalkEncoder(in StepLoad load, in LaunchSum sum)
    {
        if (PromptShape?.Vision is null || load.Prompts <= 0)
        {
            return false;
        }

        OperatorTable prompt = Prompt!;
        double sequences = load.Prompts * load.PromptTokens / prompt.Shape.TokensPerSequence;
        double whole = Math.Max(sequences, 1d / VisionEncoder.ImagesOfCard(prompt.Shape));
        StepParts parts = default;
        double exchanged = 0;
        LaunchSum own = new(ref parts, ref exchanged) { Launches = sum.Launches, By = sum.By, AsksTraining = sum.AsksTraining };
        bool isBeyond = false;
        for (int index = 0; index < prompts.Launches.Length; index++)
        {
            if (prompt.Identities[prompts.Launches[index].Operator].IsOfEncoder)
            {
                isBeyond |= pricer.Add(own, prompt, prompts.Launches[index], prompts.Leasts[index], whole);
            }
        }

        double share = sequences / whole;
        double waited = Math.Max(0, prompts.EncoderLaunchMicroseconds - parts.Total);
        for (int part = 0; part < StepParts.Count; part++)
        {
            sum.Parts[part] += share * parts[part];
        }

        sum.Parts.Add(StepPart.Elementwise, share * waited);
        return isBeyond;
    }

    /// <summary>What runs once over all tokens; with <paramref name="isOfPhaseToo"/> what runs over decoding sequences alone, too.</summary>
    private bool WalkShared(in StepLoad load, in LaunchSum sum, bool isOfPhaseToo)
    {
        double rows = Tokens(load);
        if (rows <= 0)
        {
            return false;
        }

        bool isBeyond = false;
        if (load.Decoding == 0 && sum.IsOfTimesAlone && GoesByTokens(load))
        {
            ref readonly StepParts together = ref Together(load, out double exchanged);
            if (IsSum(exchanged, together.Total))
            {
                (sum.Parts, sum.Exchanged) = (together, exchanged);
                return false;
            }
        }

        bool decodes = decode is not null && (load.Decoding > 0 || PromptShape is null);
        OperatorTable table = decodes ? alike.decode! : Prompt!;
        StageLaunch[] launches = decodes ? alike.DecodeList : prompts.Launches;
        LeastTime[] leasts = decodes ? alike.DecodeLeast : prompts.Leasts;
        int own = 0;
        double perSequence = table.Shape.TokensPerSequence;
        double samples = decodes ? load.Decoding + (load.Prompts / perSequence) : load.Prompts;
        double[]? times = !sum.IsOfTimesAlone ? null
            : !decodes ? (remembered is null ? null : prompts.Times(rows / perSequence, samples, pricer))
            : load.Prompts == 0 ? Remembered(load.Decoding) ?? OfAlikeChips(load.Decoding)
            : null;

        // Of chips that follow each other exchanges alone are priced, each message once.
        bool pricesExchanges = times is not null && steps is not null;
        Span<double> ones = pricesExchanges ? stackalloc double[launches.Length] : default;
        for (int index = 0; index < launches.Length; index++)
        {
            ref readonly StageLaunch launch = ref launches[index];
            if (!launch.IsOfPhase && times is not null && !double.IsNaN(times[index]))
            {
                pricer.Count(sum, table, launch, times[index]);
            }
            else if (!launch.IsOfPhase && pricesExchanges)
            {
                int first = Floor.FirstAlike(index);
                ones[index] = first < index
                    ? ones[first]
                    : pricer.One(table, launch, leasts[index], launch.Part == StepPart.Logits ? samples : rows / perSequence);
                pricer.Count(sum, table, launch, launch.Repeats * ones[index]);
            }
            else if (!launch.IsOfPhase)
            {
                isBeyond |= pricer.Add(sum, table, launch, leasts[index], launch.Part == StepPart.Logits ? samples : rows / perSequence);
            }
            else if (isOfPhaseToo && load.Decoding > 0 && decodes && sum.IsOfTimesAlone && remembered is not null)
            {
                pricer.Count(sum, decode!, ofPhase[own], OwnTimes(load.Decoding)[own]);
                own++;
            }
            else if (isOfPhaseToo && load.Decoding > 0)
            {
                isBeyond |= decodes
                    ? pricer.Add(sum, decode!, ofPhase[own], leastOfPhase[own], load.Decoding)
                    : pricer.Add(sum, table, launch, leasts[index], load.Decoding);
                own++;
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

        ref SharedTimes.Asked asked = ref remembered.PlaceOf(decoding);
        if (asked.Decoding != decoding)
        {
            StageLaunch[] launches = alike.DecodeList;
            double[] times = pricer.TimesOf(alike.decode!, launches, alike.DecodeLeast, SequencesOf(alike.decode!, decoding), decoding, new double[launches.Length]);
            asked = new SharedTimes.Asked(decoding, double.NaN, times);
        }

        return asked.Launches;
    }

    /// <summary>The same of all but exchanges, in whose places is no number, as chips that differ in links and capacities share them; null where chips do not follow each other.</summary>
    private double[]? OfAlikeChips(double decoding)
    {
        if (steps is null)
        {
            return null;
        }

        ref AlikeSteps.Step step = ref steps.Of(clock.Alike, decoding);
        if (!step.HasLaunches)
        {
            StageLaunch[] launches = DecodeList;
            double[] times = step.Launches.Length == launches.Length ? step.Launches : new double[launches.Length];
            (step.Launches, step.HasLaunches) = (pricer.TimesOf(decode!, launches, DecodeLeast, SequencesOf(decode!, decoding), decoding, times, leavesExchangesOut: true), true);
        }

        return step.Launches;
    }

    /// <summary>As many sequences as have the tokens of those that decode.</summary>
    private static double SequencesOf(OperatorTable table, double decoding) => decoding * table.Shape.TokensPerSequence / table.Shape.TokensPerSequence;

    private bool WalkPrompts(in StepLoad load, in LaunchSum sum)
    {
        bool isBeyond = false;
        OperatorTable prompt = prompts.Own!;
        StageLaunch[] launches = prompts.OwnLaunches;
        double[]? times = sum.IsOfTimesAlone && remembered is not null ? prompts.OwnTimes(load, pricer) : null;
        for (int index = 0; index < launches.Length; index++)
        {
            if (!PromptLists.IsOfPrompts(prompt, launches[index]))
            {
                continue;
            }

            if (times is not null)
            {
                pricer.Count(sum, prompt, launches[index], times[index]);
            }
            else
            {
                isBeyond |= pricer.AddPrompts(sum, prompt, launches[index], prompts.OwnLeasts[index], load);
            }
        }

        return isBeyond;
    }
}

using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>
/// An instance that an engine runs under a closed loop: as many clients as there are sequences, each sends its next prompt when its last answer is
/// done. Little's law divides a rank's clients between waiting for their first token and decoding (docs/validation.md, "A closed loop"). Serves one
/// thread.
/// </summary>
public sealed class ServingLoop
{
    /// <summary>Most of the time that a step may carry a prompt.</summary>
    private const double MostUtilisation = 0.95;

    /// <summary>Steps that a prompt waits for the step at hand, and for its first token to come out.</summary>
    private const double StepsAround = 1.5;

    /// <summary>A batch that rounding may have left just below what it is.</summary>
    private const double Above = 1 + 1e-12;

    private readonly EngineStep step;
    private readonly ServingEngine engine;
    private readonly ArrivalPattern arrivals;
    private readonly double outputTokens;
    private readonly double microBatches;
    private readonly double stages;
    private readonly double slots;
    private readonly double tokensPerStep;
    private readonly double hostMicroseconds;
    private readonly double wave;
    private readonly double shownShare;
    private readonly LoopCurves curves;
    private readonly PromptPasses? prompt;
    private BatchCurve? pool;
    private CurveFloor? leastFloor;
    private CurveFloor? tokenFloor;
    private OwnPrompt? own;

    /// <summary>Binds an instance.</summary>
    /// <param name="step">Times of its steps.</param>
    public ServingLoop(EngineStep step)
        : this(step, null, null)
    {
    }

    /// <summary>Binds an instance.</summary>
    /// <param name="step">Times of its steps.</param>
    /// <param name="before">A loop whose prompts are the same, and the times of these; null for none.</param>
    /// <param name="spare">A loop that nobody asks any more, whose curves this one takes; null for none.</param>
    internal ServingLoop(EngineStep step, ServingLoop? before, ServingLoop? spare)
    {
        ArgumentNullException.ThrowIfNull(step);
        this.step = step;
        engine = step.Engine;
        DeploymentShape shape = step.Shape;
        arrivals = shape.Arrivals;
        outputTokens = shape.Lengths.Output;
        microBatches = shape.MicroBatches;
        stages = shape.Layout.PipelineParallel;
        slots = shape.PipelineSlots;
        tokensPerStep = shape.Prediction.TokensPerStep;
        hostMicroseconds = shape.HostMicroseconds;
        wave = shape.EndTogether;
        shownShare = ShownShareOf(shape);
        curves = (spare?.curves ?? new LoopCurves()).For(this);
        prompt = step.PromptShape is null ? null : new PromptPasses(step, before?.prompt);
    }

    /// <summary>The instance's steps.</summary>
    public EngineStep Step => step;

    /// <summary>Microseconds of a decode step by part, the host's included.</summary>
    /// <param name="sequences">Sequences that decode, a rank.</param>
    public StepParts DecodeParts(double sequences)
    {
        StepParts parts = step.Parts(StepLoad.Decode(sequences / microBatches));
        parts.Add(StepPart.Host, hostMicroseconds);
        return parts;
    }

    /// <summary>
    /// Microseconds between two tokens of a sequence where decoding is all that an instance does: with no prompt to put in, its host is a step ahead
    /// of the device.
    /// </summary>
    /// <param name="sequences">Sequences that decode, a rank.</param>
    public double DecodeMicroseconds(double sequences) =>
        (pool ??= new BatchCurve(decoding => PerToken(StageMicroseconds(decoding), decoding, hidesBookkeeping: true))).At(sequences);

    /// <summary>Tokens a microsecond that fewer than one sequence do not exceed within a limit: a token takes at least the longer of a step of one and the prompts of as many as decode.</summary>
    /// <param name="sequences">Sequences that decode, a rank; at most 1.</param>
    /// <param name="limit">Limit of the time per output token, microseconds.</param>
    public double MostTokensOfFewPerMicrosecond(double sequences, double limit)
    {
        double alone = LeastTokenMicroseconds(0);
        double perSequence = prompt is null ? 0 : LeastOfPromptMicroseconds;
        double decoding = Math.Min(sequences, limit / perSequence);
        return alone > limit ? 0 : decoding / Math.Max(alone, decoding * perSequence);
    }

    /// <summary>Tokens a microsecond that no number of sequences up to one yields within a limit, as far as few operations say; some number yields more than none.</summary>
    /// <param name="sequences">Sequences that decode, a rank; above 1.</param>
    /// <param name="limit">Limit of the time per output token, microseconds.</param>
    /// <param name="wanted">Tokens a microsecond; where few operations leave as many, some launches are priced to say whether they remain. Infinite for never.</param>
    /// <returns>Null where only fewer than one sequence may meet the limit.</returns>
    public double? MostTokensPerMicrosecond(double sequences, double limit, double wanted)
    {
        leastFloor ??= new CurveFloor(LeastTokenMicroseconds, UnpricedTokenMicroseconds);
        tokenFloor ??= new CurveFloor(OwnTokenMicroseconds, leastFloor.AtPower);
        (double Ratio, double Batch)? most = leastFloor.MostWithin(sequences, limit);
        return (most?.Ratio >= wanted && most.Value.Batch > 1 ? tokenFloor.MostWithin(most.Value.Batch * Above, limit, wanted) : most)?.Ratio;
    }

    /// <summary>
    /// Share of a prompt's time that falls on the tokens of an engine whose prompts stop decoding: of a wave that is prefilled before any of it decodes half of the wait is before
    /// the first token.
    /// </summary>
    internal static double ShownShareOf(DeploymentShape shape) => 1 - (shape.EndTogether / 2);

    /// <summary>Microseconds that prompts take through an instance which prefills alone: to their first token, and until the next may follow.</summary>
    /// <param name="prompts">Prompts, a rank.</param>
    public (double Through, double Apart) PrefillMicroseconds(double prompts)
    {
        double together = Math.Min(prompts, prompt!.Together);
        double apart = prompt.Together > 1 ? curves.Prompts.At(together) * (prompts / together) : prompts * prompt.AloneMicroseconds;
        return (apart + ((stages - 1) * (prompt.Together > 1 ? curves.Prompts.At(together) : prompt.AloneMicroseconds)), apart);
    }

    /// <summary>Microseconds of a prompt by itself through a stage.</summary>
    public double AloneMicroseconds => prompt!.AloneMicroseconds;

    /// <summary>Microseconds that a prompt takes of many which are prefilled as an engine puts them together.</summary>
    public double EachMicroseconds => EachOf(double.PositiveInfinity);

    /// <summary>The same where no more than some are put together.</summary>
    /// <param name="most">The most.</param>
    public double EachOf(double most)
    {
        double together = Math.Max(1, Math.Min(most, prompt!.Together));
        return together > 1 ? curves.Prompts.At(together) / together : prompt.AloneMicroseconds;
    }

    /// <summary>Passes that a prompt takes where some are at hand: below 1 where a pass takes several, above where the engine cuts it into chunks.</summary>
    /// <param name="most">Prompts at hand, a rank.</param>
    public double PassesOfPrompt(double most)
    {
        double together = Math.Min(most, prompt!.Together);
        return together > 1 ? 1 / together : prompt.Passes;
    }

    /// <summary>What an instance achieves that prefills and decodes.</summary>
    /// <param name="clients">Clients, a rank.</param>
    /// <param name="fitting">Sequences that fit, a rank.</param>
    public LoopFigures At(double clients, double fitting)
    {
        double running = Math.Min(clients, fitting);
        RunningTimes times = TimesOf(running);
        double decoding = Decoding(times);
        double perToken = PerTokenMicroseconds(times, decoding);
        double firstToken = FirstTokenMicroseconds(times, decoding, perToken);
        double cycle = firstToken + (outputTokens * perToken);
        double least = LeastCycleMicroseconds(times);
        if (least > cycle)
        {
            cycle = least;
            perToken = (cycle - firstToken) / outputTokens;
            decoding = running * outputTokens * perToken / cycle;
        }

        if (clients > running)
        {
            // Clients that do not fit wait for their turn.
            firstToken = (clients / running * cycle) - (outputTokens * perToken);
        }

        return new LoopFigures(firstToken, perToken, running * outputTokens / cycle, decoding, running);
    }

    /// <summary>
    /// Sequences of a rank's running ones that decode: as many as with those that wait for their first token make all of them. Those that wait do not become fewer where more
    /// decode: they come at the rate of answers, the sequences over a time that rises no faster, and wait for a time that does not fall.
    /// </summary>
    private double Decoding(in RunningTimes times) => RisingSearch.Reach(new RunningSequences(this, times), times.Running);

    private RunningTimes TimesOf(double running)
    {
        double alone = AloneMicroseconds;
        double cohort = Math.Min(running, prompt!.Together);

        // Who is by itself meets no other's prompt: what one takes counts no times.
        bool isByItself = running == 1;
        bool countsEach = !isByItself || engine.PrefillsFirst || engine.ReceiveSteps > 0 || engine.BatchWaitSteps > 0;
        return new RunningTimes(
            running,
            engine.PrefillsFirst ? curves.Decode.At(running) : double.NaN,
            isByItself ? 0 : curves.Beside.At(running),
            alone,
            cohort > 1 && !engine.PrefillsFirst ? curves.Prompts.At(cohort) : alone,
            countsEach ? EachMicroseconds : 0,
            engine.PrefillsFirst || isByItself ? 0 : Queued(running));
    }

    /// <summary>
    /// What others' prompts in front take of a prompt of a wave. Answers of a wave end one step after the other; the prompts that follow them are a request's time on their way: until the first
    /// of them is there no step carries one, and from then on they come as fast as they are taken, so that as many are always in front. Where more sequences make steps longer fewer end
    /// meanwhile: together with what the opening burst takes it never falls with the sequences.
    /// </summary>
    private double Queued(double running) => Math.Max(0, ((1 - (1 / running)) * curves.Queued.At(running)) - ((running - 1) * OpeningMicroseconds));

    /// <summary>What others' prompts in front of one of a wave take, with what the opening burst takes.</summary>
    /// <param name="running">Sequences that run, a rank.</param>
    internal double QueuedMicroseconds(double running)
    {
        double ended = Math.Min(running, engine.RequestMicroseconds / (tokensPerStep * curves.Token.At(running)));
        return (Wave(running) * ended / prompt!.Together * curves.Beside.At(running)) + (running * OpeningMicroseconds);
    }

    /// <summary>What another sequence adds to the wait of those of the opening burst, for each of the others.</summary>
    private double OpeningMicroseconds
    {
        get
        {
            double share = Math.Min(MostUtilisation, arrivals.OpeningShare);
            return share / (1 - share) / 2 * EachMicroseconds;
        }
    }

    /// <summary>
    /// Prompts of others join decode steps: a client's own next one comes when it has its answer. Where they stop decoding a wave of them is prefilled whole: of their wait for each
    /// other half is before the first token, the other half is the first ones' second.
    /// </summary>
    private double PerTokenMicroseconds(in RunningTimes times, double decoding) => engine.PrefillsFirst
        ? curves.Apart.At(times.Running) + Math.Max(Own.Stopped, decoding / outputTokens * times.Each * shownShare)
        : OthersTokenMicroseconds(decoding);

    /// <summary>A token's time where others' prompts join: none while no more decode than a lone client does of its time, then in proportion up to one.</summary>
    private double OthersTokenMicroseconds(double decoding)
    {
        if (decoding >= 1)
        {
            return curves.Others.At(decoding);
        }

        double alone = curves.Decode.At(1);
        double share = Own.Share;
        return decoding <= share ? alone : alone + ((curves.Others.At(1) - alone) * ((decoding - share) / (1 - share)));
    }

    private OwnPrompt Own => own ??= OwnOf();

    /// <summary>
    /// Where prompts join no more is taken off than a token of two sequences is shorter than twice that of one, else throughput would fall with the sequences; where they stop decoding, what a request
    /// takes at least sees to that.
    /// </summary>
    private OwnPrompt OwnOf()
    {
        double token = curves.Decode.At(1);
        double share = outputTokens * token / LoneMicroseconds;
        return engine.PrefillsFirst
            ? new OwnPrompt(share, 0, Math.Min(token, share / outputTokens * EachMicroseconds * shownShare))
            : new OwnPrompt(share, Math.Min(token, (2 * curves.Token.At(1)) - curves.Token.At(2)), 0);
    }

    /// <summary>
    /// What a request takes at least: the prompts of all that run, each as of many put together, and where these stop decoding its own tokens besides. Where more wait than answer, the share of a
    /// wave, and what a pass of prompts has in common with one that decodes, are counted for more passes than there are; what is missing are others' prompts between the tokens of those that answer.
    /// What steps of all sequences take with all prompts is no such bound: a cycle held to it may stay while the wait for the first token grows, and tokens would come faster with more sequences.
    /// </summary>
    private double LeastCycleMicroseconds(in RunningTimes times) =>
        (times.Running * times.Each) + (engine.PrefillsFirst ? outputTokens * times.Decode : 0);

    /// <summary>What a request takes at least of an instance that has no other: its prompt, then its tokens.</summary>
    private double LoneMicroseconds => AloneMicroseconds + (outputTokens * curves.Decode.At(1));

    /// <summary>Where of a rank's running sequences some decode at a time a token, others wait.</summary>
    private double FirstTokenMicroseconds(in RunningTimes times, double decoding, double perToken)
    {
        double alone = times.Alone;
        double others = Math.Max(0, times.Running - 1);

        // A step that a prompt waits for may carry another's: by chance, or because the two were answered in one wave.
        double joined = times.Beside;
        double finished = decoding / (outputTokens * perToken);
        double meets = others == 0
            ? 0
            : Math.Max(Math.Min(MostUtilisation, others / times.Running * finished * joined), Wave(others));
        double plain = tokensPerStep * (engine.PrefillsFirst ? times.Decode : curves.Decode.At(decoding));
        (double held, double gathered) = Held(finished * plain, times.Each);
        double steady = (StepsAround * (plain + (meets * joined))) + times.Queued + alone + Math.Max(gathered, meets * Math.Max(0, times.Together - alone));
        double burst = (StepsAround * plain) + alone + (others / 2 * times.Each);
        double burstShare = engine.PrefillsFirst ? wave + ((1 - wave) * arrivals.OpeningShare) : arrivals.OpeningShare;
        double behind = stages > 1 ? (stages - 1) * alone : 0;
        return ((1 - burstShare) * (Math.Min(steady, burst) + (held * plain))) + (burstShare * burst) + behind + engine.RequestMicroseconds;
    }

    /// <summary>Share of some sequences that are answered in one wave with another.</summary>
    private double Wave(double sequences) => sequences / (sequences + (arrivals.LengthSpread * outputTokens));

    /// <summary>
    /// Steps that a prompt waits until it is seen and is held for others, and microseconds that those take which come meanwhile: it is seen after half an interval, the first waits as long
    /// as the engine holds it or until a step is full, the others half as long.
    /// </summary>
    /// <param name="finished">Sequences of a rank that end, and so prompts that come, in a step.</param>
    /// <param name="each">Microseconds of each of many prompts.</param>
    private (double Steps, double Gathered) Held(double finished, double each)
    {
        double seen = engine.ReceiveSteps / 2;
        if (engine.BatchWaitSteps == 0)
        {
            return (seen, engine.ReceiveSteps * finished * each);
        }

        double longest = HeldSteps(finished);
        double others = longest * finished;
        return (seen + (longest * (1 + (others / 2)) / (1 + others)), (others + (engine.ReceiveSteps * finished)) * each);
    }

    /// <summary>Steps that the first of some prompts is held for others: as long as the engine does, or until a step is full.</summary>
    /// <param name="perStep">Prompts that come in a step.</param>
    private double HeldSteps(double perStep) => Math.Min(engine.BatchWaitSteps, Math.Max(0, (engine.ChunkTokens / prompt!.NewTokens) - 1) / perStep);

    /// <summary>A token's time where no prompt joins.</summary>
    /// <param name="decoding">Sequences that decode, a rank.</param>
    internal double DecodeTokenMicroseconds(double decoding) => PerToken(StageMicroseconds(decoding), decoding, engine.HidesBookkeeping);

    /// <summary>What a prompt adds to steps with sequences that decode.</summary>
    /// <param name="decoding">The sequences, a rank.</param>
    internal double BesideMicroseconds(double decoding) => Beside(decoding / microBatches);

    /// <summary>A step that takes some prompts whole, its host included.</summary>
    /// <param name="prompts">The prompts, a rank.</param>
    internal double PromptStepMicroseconds(double prompts) => prompt!.StepMicroseconds(prompts) + engine.HostMicroseconds;

    private double StageMicroseconds(double decoding) => TimesAt(decoding / microBatches).Whole;

    /// <summary>A stage's times at sequences of a micro-batch, which several curves are made of.</summary>
    private LoopCurves.StageTimes TimesAt(double batch)
    {
        List<LoopCurves.StageTimes> known = curves.Stage;
        int place = PlaceOf(batch);
        if (place < 0)
        {
            place = known.Count;
            double shared = step.SharedMicroseconds(batch, 0, 0);
            double own = step.DecodeOwnMicroseconds(batch);
            double capped = PassFloor.Capped(shared + own, step.DecodeTable, step.Clock.Rates, batch);
            known.Add(new LoopCurves.StageTimes(batch, shared, own, capped, Math.Max(capped, PassFloor.Streamed(step.DecodeTable, step.Clock.Rates, batch))));
        }

        return known[place];
    }

    private int PlaceOf(double batch)
    {
        List<LoopCurves.StageTimes> known = curves.Stage;
        for (int place = 0; place < known.Count; place++)
        {
            if (known[place].Batch == batch)
            {
                return place;
            }
        }

        return -1;
    }

    /// <summary>What a prompt adds to steps with sequences of a micro-batch that decode.</summary>
    private double Beside(double batch)
    {
        LoopCurves.StageTimes times = TimesAt(batch);
        if (times.Beside is { } added)
        {
            return added;
        }

        added = prompt!.BesideMicroseconds(batch, times.Shared);
        ChipRates rates = step.Clock.Rates;
        if (rates.HasPowerCap)
        {
            // The passes that the prompt joins are as long as they would be, or as all their energy takes; without it they are as long as they are.
            double joules = (prompt.Passes * StageEnergy.Joules(step.DecodeTable!, rates, batch))
                + StageEnergy.JoulesBeside(step.DecodeTable!, step.PromptTable!, rates, batch, prompt.Passes);
            double together = Math.Max((prompt.Passes * (times.Shared + times.Own)) + added, PassFloor.Capped(joules, rates));
            added = Math.Max(prompt.LeastMicroseconds, together - (prompt.Passes * times.Capped));
        }

        if (StreamTime.Has(step.DecodeTable!) || step.PromptsStream)
        {
            // A prompt hides behind what a pass waits for its bytes: behind one pass, and its share of them where more prompts than passes come. More would
            // make a slower second memory the better one.
            double prompts = batch * microBatches / outputTokens;
            double hidden = Math.Min(1, slots / tokensPerStep / prompts) * (times.Whole - times.Capped);
            double streamed = PassFloor.StreamedBeside(step.DecodeTable!, step.PromptTable!, rates, batch, prompt.Passes);
            added = Math.Max(Math.Max(prompt.LeastMicroseconds, added - hidden), streamed - (prompt.Passes * times.Whole));
        }

        added += LateMicroseconds(batch, times.Whole, added);
        curves.Stage[PlaceOf(batch)] = times with { Beside = added };
        return added;
    }

    /// <summary>
    /// What the device waits for the host at a prompt's passes, whose kernels no graph holds. A host that works beside the device launches a pass while the one before it runs, so
    /// that a pass with a prompt is late only beyond that one and itself (docs/validation.md, "A closed loop").
    /// </summary>
    private double LateMicroseconds(double batch, double whole, double added)
    {
        double prompts = batch * microBatches / outputTokens;
        double passes = slots / tokensPerStep;
        double share = CarryingShare(prompts * prompt!.Passes / passes);
        double free = Math.Max(0, 1 - ((engine.HidesBookkeeping ? 2 : 1) * share));
        double launched = (share * step.LaunchMicroseconds) + (free * whole);
        return Math.Max(0, ((launched - whole) * passes / prompts) - added);
    }

    /// <summary>
    /// Share of passes that carry prompts: those that come in a pass's time, by chance, go together in the next, and so do those that an engine holds for each other; no fewer carry one than
    /// are needed to take them.
    /// </summary>
    /// <param name="perPass">Prompts, or parts of them, that come in the time of a pass.</param>
    private double CarryingShare(double perPass)
    {
        double held = engine.BatchWaitSteps == 0 ? 0 : HeldSteps(perPass) * perPass;
        return Math.Min(1, Math.Max((1 - Math.Exp(-perPass)) / (1 + held), perPass / prompt!.Together));
    }

    /// <summary>A token's time of a stage's: every stage in turn, the host, and all that a step yields.</summary>
    private double PerToken(double stageMicroseconds, double decoding, bool hidesBookkeeping)
    {
        double device = (slots * stageMicroseconds) + hostMicroseconds;
        double bookkeeping = decoding * engine.SequenceMicroseconds;
        return (hidesBookkeeping ? Math.Max(device, bookkeeping) : device + bookkeeping) / tokensPerStep;
    }

    /// <summary>A token's time where prompts join.</summary>
    /// <param name="decoding">Sequences that decode, a rank; at least 1.</param>
    internal double TokenMicroseconds(double decoding)
    {
        double batch = decoding / microBatches;
        LoopCurves.StageTimes times = TimesAt(batch);
        return PerToken(times.Whole, decoding, engine.HidesBookkeeping) + (decoding / outputTokens * Beside(batch));
    }

    /// <summary>A token's time where prompts of others join, of one sequence or more.</summary>
    /// <param name="decoding">Sequences that decode, a rank.</param>
    internal double OthersMicroseconds(double decoding)
    {
        double own = Math.Min(Own.Most, Own.Share * Beside(decoding / microBatches) / outputTokens);
        double others = TokenMicroseconds(decoding) - own;
        return decoding > 1 ? others : Math.Min(others, DecodeTokenMicroseconds(decoding) + (AloneMicroseconds / outputTokens));
    }

    /// <summary>A token's time without prompts, less what is a client's own of them, where they stop decoding.</summary>
    /// <param name="running">Sequences that run, a rank.</param>
    internal double ApartMicroseconds(double running) => DecodeTokenMicroseconds(running) - Own.Stopped;

    /// <summary>A token's time as the curve of its role is made of it.</summary>
    private double OwnTokenMicroseconds(double decoding)
    {
        if (prompt is null)
        {
            return PerToken(StageMicroseconds(decoding), decoding, hidesBookkeeping: true);
        }

        return engine.PrefillsFirst
            ? ApartMicroseconds(decoding) + (decoding / outputTokens * EachMicroseconds * shownShare)
            : OthersMicroseconds(decoding);
    }

    /// <summary>What neither <see cref="LeastTokenMicroseconds"/> nor a token's time falls below: never falls with the sequences, nor rises faster than they do.</summary>
    private double UnpricedTokenMicroseconds(double decoding)
    {
        double batch = decoding / microBatches;
        double alone = PerToken(step.UnpricedMicroseconds(batch), decoding, prompt is null || engine.HidesBookkeeping);
        return prompt is null ? alone : Math.Max(alone, decoding * LeastOfPromptMicroseconds);
    }

    /// <summary>What the prompts of each sequence that decodes add to a token at least, a client's own included.</summary>
    private double LeastOfPromptMicroseconds => (engine.PrefillsFirst ? shownShare : 1) * prompt!.LeastMicroseconds / outputTokens;

    private double LeastTokenMicroseconds(double decoding)
    {
        double batch = Math.Max(1, decoding) / microBatches;
        double shared = step.LeastSharedMicroseconds(batch, 0, 0);
        double own = step.LeastOwnMicroseconds(batch);
        double alone = PerToken(shared + own, decoding, prompt is null || engine.HidesBookkeeping);
        if (prompt is null)
        {
            return alone;
        }

        // At most one prompt is a client's own.
        double others = Math.Max(0, decoding - 1);
        double least = Math.Max(alone + (others * LeastOfPromptMicroseconds), decoding * LeastOfPromptMicroseconds);
        if (engine.PrefillsFirst)
        {
            return least;
        }

        // What the passes with prompts share with decoding is taken off once for each: a bound of that only while there are fewer of them than steps.
        double prompts = others / outputTokens;
        double rest = (slots / tokensPerStep) - (prompts * prompt.Passes);
        return rest < 0
            ? least
            : Math.Max(
                least,
                (rest * shared) + (slots / tokensPerStep * own) + (hostMicroseconds / tokensPerStep) + (prompts * prompt.LeastTogetherMicroseconds(batch)));
    }

    /// <summary>
    /// Microseconds that do not depend on how many of a rank's running sequences decode: of a decode step of all of them, where prompts stop decoding; what a
    /// prompt adds to one; of a prompt alone, together with others in a step, and each of many; and what others in front of it take.
    /// </summary>
    private readonly record struct RunningTimes(double Running, double Decode, double Beside, double Alone, double Together, double Each, double Queued);

    /// <summary>
    /// What is a client's own of the prompts that come while it decodes: the share of its time that a lone client decodes; and the most that a token is shorter without it where prompts
    /// join, and what it is shorter where they stop decoding, microseconds.
    /// </summary>
    private readonly record struct OwnPrompt(double Share, double Most, double Stopped);

    /// <summary>All sequences of a rank where some of them decode: the others wait for their first token.</summary>
    private readonly struct RunningSequences(ServingLoop loop, RunningTimes times) : IRising
    {
        public double At(double at)
        {
            double perToken = loop.PerTokenMicroseconds(times, at);
            return at * (1 + (loop.FirstTokenMicroseconds(times, at, perToken) / (loop.outputTokens * perToken)));
        }
    }
}

/// <summary>What an instance that prefills and decodes achieves, a rank.</summary>
/// <param name="FirstTokenMicroseconds">Time to first token.</param>
/// <param name="PerTokenMicroseconds">Time per output token.</param>
/// <param name="TokensPerMicrosecond">Generated tokens.</param>
/// <param name="Decoding">Sequences that decode at a time.</param>
/// <param name="Running">Sequences that fit at a time.</param>
public readonly record struct LoopFigures(
    double FirstTokenMicroseconds, double PerTokenMicroseconds, double TokensPerMicrosecond, double Decoding, double Running);

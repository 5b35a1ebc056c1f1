using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>
/// An instance that an engine runs under a closed loop: as many clients as there are sequences, each sends its next prompt when its last answer is
/// done. Little's law divides a rank's clients between waiting for their first token and decoding (docs/validation.md, "A closed loop"). Serves one
/// thread.
/// </summary>
public sealed class ServingLoop
{
    /// <summary>Share of a benchmark's requests that come in its opening burst: one of ten waves.</summary>
    private const double BurstShare = 0.1;

    /// <summary>What a request takes outside the model: the network, the tokenizer, the scheduler's queue.</summary>
    private const double RequestMicroseconds = 15_000;

    /// <summary>Host time a sequence takes each step; hidden behind the device until the batch is large.</summary>
    private const double SequenceMicroseconds = 20;

    /// <summary>Steps that a prompt waits for the step at hand, and for its first token to come out.</summary>
    private const double StepsAround = 1.5;

    private readonly EngineStep step;
    private readonly ServingEngine engine;
    private readonly double outputTokens;
    private readonly double microBatches;
    private readonly double stages;
    private readonly double slots;
    private readonly double tokensPerStep;
    private readonly BatchCurve decodeStep;
    private readonly BatchCurve token;
    private readonly BatchCurve promptStep;
    private readonly PromptPasses? prompt;

    /// <summary>Binds an instance.</summary>
    /// <param name="step">Times of its steps.</param>
    public ServingLoop(EngineStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        this.step = step;
        engine = step.Engine;
        DeploymentShape shape = step.Shape;
        outputTokens = shape.Lengths.Output;
        microBatches = shape.MicroBatches;
        stages = shape.Layout.PipelineParallel;
        slots = shape.PipelineSlots;
        tokensPerStep = shape.Prediction.TokensPerStep;
        decodeStep = new BatchCurve(sequences => step.Microseconds(StepLoad.Decode(sequences / microBatches)));
        token = new BatchCurve(TokenMicroseconds, hasNone: true);
        promptStep = new BatchCurve(prompts => step.PromptMicroseconds(prompts, prompt!.NewTokens, prompt.PastTokens) + engine.HostMicroseconds);
        prompt = step.PromptTable is null ? null : new PromptPasses(step);
    }

    /// <summary>The instance's steps.</summary>
    public EngineStep Step => step;

    /// <summary>Microseconds of a decode step by part, the host's included.</summary>
    /// <param name="sequences">Sequences that decode, a rank.</param>
    public StepParts DecodeParts(double sequences)
    {
        StepParts parts = step.Parts(StepLoad.Decode(sequences / microBatches));
        parts.Add(StepPart.Host, engine.HostMicroseconds);
        return parts;
    }

    /// <summary>Microseconds between two tokens of a sequence where decoding is all that an instance does.</summary>
    /// <param name="sequences">Sequences that decode, a rank.</param>
    public double DecodeMicroseconds(double sequences) =>
        Math.Max((slots * decodeStep.At(sequences)) + engine.HostMicroseconds, sequences * SequenceMicroseconds) / tokensPerStep;

    /// <summary>Microseconds that prompts take through an instance which prefills alone: to their first token, and until the next may follow.</summary>
    /// <param name="prompts">Prompts, a rank.</param>
    public (double Through, double Apart) PrefillMicroseconds(double prompts)
    {
        double together = Math.Min(prompts, prompt!.Together);
        double apart = prompt.Together > 1 ? promptStep.At(together) * (prompts / together) : prompts * prompt.AloneMicroseconds;
        return (apart + ((stages - 1) * (prompt.Together > 1 ? promptStep.At(together) : prompt.AloneMicroseconds)), apart);
    }

    /// <summary>Microseconds of a prompt by itself through a stage.</summary>
    public double AloneMicroseconds => prompt!.AloneMicroseconds;

    /// <summary>Microseconds that a prompt takes of many which are prefilled as an engine puts them together.</summary>
    public double EachMicroseconds => prompt!.Together > 1 ? promptStep.At(prompt.Together) / prompt.Together : prompt.AloneMicroseconds;

    /// <summary>What an instance achieves that prefills and decodes.</summary>
    /// <param name="clients">Clients, a rank.</param>
    /// <param name="fitting">Sequences that fit, a rank.</param>
    public LoopFigures At(double clients, double fitting)
    {
        double running = Math.Min(clients, fitting);
        double decoding = engine.PrefillsFirst ? running : Decoding(running);
        double perToken = token.At(decoding);
        double firstToken = FirstTokenMicroseconds(running, perToken);
        double cycle = firstToken + (outputTokens * perToken);
        if (engine.PrefillsFirst)
        {
            decoding = running * outputTokens * perToken / cycle;
        }

        if (clients > running)
        {
            // Clients that do not fit wait for their turn.
            firstToken = (clients / running * cycle) - (outputTokens * perToken);
        }

        return new LoopFigures(firstToken, perToken, running * outputTokens / cycle, decoding, running);
    }

    /// <summary>Sequences of a rank's running ones that decode: as many as with those that wait for their first token make all of them.</summary>
    private double Decoding(double running)
    {
        double few = 0;
        double many = running;
        while (true)
        {
            double middle = few + ((many - few) / 2);
            if (!(middle > few && middle < many))
            {
                return many;
            }

            double perToken = token.At(middle);
            double all = middle * (1 + (FirstTokenMicroseconds(running, perToken) / (outputTokens * perToken)));
            (few, many) = all < running ? (middle, many) : (few, middle);
        }
    }

    private double FirstTokenMicroseconds(double running, double perToken)
    {
        double around = StepsAround * perToken;
        double behind = stages > 1 ? (stages - 1) * prompt!.AloneMicroseconds : 0;
        double burst = around + prompt!.AloneMicroseconds + behind + (Math.Max(0, running - 1) / 2 * EachMicroseconds);
        if (engine.PrefillsFirst)
        {
            return burst + RequestMicroseconds;
        }

        double cohort = Math.Min(running, prompt.Together);
        double steady = around + behind + (cohort > 1 ? promptStep.At(cohort) : prompt.AloneMicroseconds);
        return ((1 - BurstShare) * steady) + (BurstShare * burst) + RequestMicroseconds;
    }

    private double TokenMicroseconds(double decoding)
    {
        double alone = DecodeMicroseconds(decoding);
        return engine.PrefillsFirst
            ? alone + (decoding / 2 / outputTokens * EachMicroseconds)
            : alone + (decoding / outputTokens * prompt!.BesideMicroseconds(decoding / microBatches));
    }

    /// <summary>A prompt's passes: as many chunks as the engine cuts it into.</summary>
    private sealed class PromptPasses
    {
        private readonly EngineStep step;
        private readonly double chunk;
        private readonly double fullChunks;
        private readonly double rest;
        private readonly double ownMicroseconds;
        private readonly double leastMicroseconds;

        public PromptPasses(EngineStep step)
        {
            this.step = step;
            DeploymentShape shape = step.PromptTable!.Shape;
            PastTokens = shape.Model.CachedTokens;
            NewTokens = shape.TokensPerSequence;
            chunk = Math.Min(step.Engine.ChunkTokens, NewTokens);
            Together = Math.Max(1, Math.Floor(step.Engine.ChunkTokens / NewTokens));
            leastMicroseconds = step.PromptComputeMicroseconds;
            fullChunks = Math.Floor(NewTokens / chunk);
            rest = NewTokens - (fullChunks * chunk);
            double shared = step.SharedMicroseconds(0, 1, chunk);
            for (double past = 0; past < NewTokens; past += chunk)
            {
                double tokens = Math.Min(chunk, NewTokens - past);
                double own = step.PromptOwnMicroseconds(1, tokens, PastTokens + past);
                ownMicroseconds += own;
                AloneMicroseconds += Math.Max((tokens == chunk ? shared : step.SharedMicroseconds(0, 1, tokens)) + own, step.LaunchMicroseconds)
                    + step.Engine.HostMicroseconds;
            }
        }

        public double NewTokens { get; }

        public double PastTokens { get; }

        /// <summary>Whole prompts that a step takes.</summary>
        public double Together { get; }

        /// <summary>A prompt by itself through a stage.</summary>
        public double AloneMicroseconds { get; }

        /// <summary>What a prompt adds to decode steps that it joins; at least what its FLOP take at the chip's peak.</summary>
        public double BesideMicroseconds(double decoding)
        {
            double without = step.SharedMicroseconds(decoding, 0, 0);
            double added = (fullChunks * (step.SharedMicroseconds(decoding, 1, chunk) - without)) + ownMicroseconds;
            added += rest > 0 ? step.SharedMicroseconds(decoding, 1, rest) - without : 0;
            return Math.Max(added, leastMicroseconds);
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

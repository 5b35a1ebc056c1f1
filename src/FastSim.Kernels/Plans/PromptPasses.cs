using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>A prompt's passes: as many chunks as the engine cuts it into. Serves one thread.</summary>
internal sealed class PromptPasses
{
    /// <summary>Passes of a prompt whose attention a bound works out.</summary>
    private const double FewPasses = 8;

    private readonly EngineStep step;
    private readonly double chunk;
    private readonly double fullChunks;
    private readonly double rest;
    private double? own;
    private double? alone;
    private double? least;
    private (double Attention, double Encoder)[]? ofPasses;
    private int knownPasses;

    /// <summary>Of a stage; what goes by prompts alone is another's where their launches and times are the same. The other's step is not asked: its tables may be given away.</summary>
    /// <param name="step">Times of the steps.</param>
    /// <param name="same">The other; null for none.</param>
    public PromptPasses(EngineStep step, PromptPasses? same)
    {
        this.step = step;
        if (same is not null && step.SharesTimes(same.step))
        {
            (own, alone, least) = (same.own, same.alone, same.least);
        }

        DeploymentShape shape = step.PromptShape!;
        PastTokens = shape.Model.CachedTokens;
        NewTokens = shape.TokensPerSequence;
        chunk = Math.Min(step.Engine.ChunkTokens, NewTokens);
        Together = TogetherOf(step.Engine, shape);
        fullChunks = Math.Floor(NewTokens / chunk);
        rest = NewTokens - (fullChunks * chunk);
        Passes = fullChunks + (rest > 0 ? 1 : 0);
    }

    public double NewTokens { get; }

    public double PastTokens { get; }

    /// <summary>Whole prompts that a step takes.</summary>
    public double Together { get; }

    /// <summary>Passes of a prompt.</summary>
    public double Passes { get; }

    /// <summary>Whole prompts that a step of an engine takes, one where it takes a part.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="prompt">The shape that prefills.</param>
    public static double TogetherOf(ServingEngine engine, DeploymentShape prompt) => Math.Max(1, Math.Floor(engine.ChunkTokens / prompt.TokensPerSequence));

    /// <summary>A prompt by itself through a stage.</summary>
    public double AloneMicroseconds => alone ??= Alone();

    /// <summary>What a prompt's FLOP take at the chip's peaks.</summary>
    public double LeastMicroseconds => least ??= step.PromptComputeMicroseconds;

    /// <summary>Attention of a prompt and encoding of its images, all its passes.</summary>
    private double OwnMicroseconds => own ??= Own();

    /// <summary>What a prompt adds to decode steps that it joins; at least what its FLOP take at the chip's peak.</summary>
    public double BesideMicroseconds(double decoding, double without)
    {
        double added = (fullChunks * (step.SharedMicroseconds(decoding, 1, chunk) - without)) + OwnMicroseconds;
        added += rest > 0 ? step.SharedMicroseconds(decoding, 1, rest) - without : 0;
        return Math.Max(added, LeastMicroseconds);
    }

    /// <summary>What a prompt's passes with decoding sequences never fall below.</summary>
    public double LeastTogetherMicroseconds(double decoding) => (fullChunks * step.LeastSharedMicroseconds(decoding, 1, chunk))
        + (rest > 0 ? step.LeastSharedMicroseconds(decoding, 1, rest) : 0)
        + (Passes <= FewPasses ? OwnMicroseconds : 0);

    /// <summary>A step that takes some prompts whole.</summary>
    public double StepMicroseconds(double prompts)
    {
        ChipRates rates = step.Clock.Rates;
        double time = step.PromptMicroseconds(prompts, NewTokens, PastTokens);
        time = rates.HasPowerCap ? PassFloor.Capped(time, step.PromptTable, rates, prompts) : time;
        return step.PromptsStream ? Math.Max(time, PassFloor.Streamed(step.PromptTable, rates, prompts)) : time;
    }

    /// <summary>Attention of a pass, and encoding of the images of its tokens; of the first passes remembered, in their order.</summary>
    private (double Attention, double Encoder) OfPass(int pass, double tokens, double past)
    {
        if (pass < knownPasses)
        {
            return ofPasses![pass];
        }

        (double, double) found = (step.PromptOwnMicroseconds(1, tokens, PastTokens + past), step.EncoderMicroseconds(1, tokens));
        if (pass < (int)Math.Min(FewPasses, Passes))
        {
            ofPasses ??= new (double, double)[(int)Math.Min(FewPasses, Passes)];
            ofPasses[pass] = found;
            knownPasses = pass + 1;
        }

        return found;
    }

    private double Own()
    {
        double sum = 0;
        int pass = 0;
        for (double past = 0; past < NewTokens; past += chunk)
        {
            double tokens = Math.Min(chunk, NewTokens - past);
            (double attention, double encoder) = OfPass(pass++, tokens, past);
            sum += attention + encoder;
        }

        return sum;
    }

    private double Alone()
    {
        double shared = step.SharedMicroseconds(0, 1, chunk);
        double chunks = 0;
        int pass = 0;
        for (double past = 0; past < NewTokens; past += chunk)
        {
            double tokens = Math.Min(chunk, NewTokens - past);
            (double attention, double encoder) = OfPass(pass++, tokens, past);
            double device = (tokens == chunk ? shared : step.SharedMicroseconds(0, 1, tokens)) + attention;
            chunks += step.Engine.HostMicroseconds + Math.Max(device, step.LaunchMicroseconds) + encoder;
        }

        ChipRates rates = step.Clock.Rates;
        chunks = rates.HasPowerCap
            ? Math.Max(chunks, (Passes * step.Engine.HostMicroseconds) + PassFloor.Capped(StageEnergy.JoulesOfPrompt(step.PromptTable!, rates, Passes), rates))
            : chunks;
        return step.PromptsStream
            ? Math.Max(chunks, (Passes * step.Engine.HostMicroseconds) + (Passes * PassFloor.Streamed(step.PromptTable, rates, 1 / Passes)))
            : chunks;
    }
}

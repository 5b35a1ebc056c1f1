namespace FastSim.Kernels.Plans;

/// <summary>
/// What a loop tabulates over the batch. A loop that nobody asks any more gives it on, with its room: from then on it answers for the next one alone. Serves one thread.
/// </summary>
internal sealed class LoopCurves
{
    private ServingLoop? loop;

    /// <summary>Of no loop yet.</summary>
    public LoopCurves()
    {
        Decode = new BatchCurve(sequences => loop!.DecodeTokenMicroseconds(sequences));
        Token = new BatchCurve(sequences => loop!.TokenMicroseconds(sequences), hasNone: true);
        Beside = new BatchCurve(sequences => loop!.BesideMicroseconds(sequences));
        Queued = new BatchCurve(sequences => loop!.QueuedMicroseconds(sequences));
        Prompts = new BatchCurve(prompts => loop!.PromptStepMicroseconds(prompts));
    }

    /// <summary>A token's time where no prompt joins.</summary>
    public BatchCurve Decode { get; }

    /// <summary>A token's time where prompts join.</summary>
    public BatchCurve Token { get; }

    /// <summary>What a prompt adds to decode steps.</summary>
    public BatchCurve Beside { get; }

    /// <summary>What others' prompts in front take, with what the opening burst takes.</summary>
    public BatchCurve Queued { get; }

    /// <summary>A step that takes some prompts whole.</summary>
    public BatchCurve Prompts { get; }

    /// <summary>A stage's times at sequences of a micro-batch, as they were asked for.</summary>
    public List<StageTimes> Stage { get; } = [];

    /// <summary>Forgets what it knows of another loop, and answers for this one.</summary>
    /// <param name="of">The loop.</param>
    public LoopCurves For(ServingLoop of)
    {
        loop = of;
        Stage.Clear();
        Decode.Restart();
        Token.Restart();
        Beside.Restart();
        Queued.Restart();
        Prompts.Restart();
        return this;
    }

    /// <summary>
    /// Microseconds of a stage at a batch: what runs over all tokens of a step, what runs over decoding sequences alone, both as a power cap leaves them,
    /// and as what streams does; and what a prompt adds.
    /// </summary>
    internal readonly record struct StageTimes(double Batch, double Shared, double Own, double Capped, double Whole, double? Beside = null);
}

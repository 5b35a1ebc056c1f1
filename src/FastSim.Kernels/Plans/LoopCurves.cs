namespace FastSim.Kernels.Plans;

/// <summary>
/// What a loop tabulates over the batch, each curve made when it is first asked for. A loop that nobody asks any more gives it on, with its room: from then on it answers for the next one alone. Serves one thread.
/// </summary>
internal sealed class LoopCurves
{
    private ServingLoop? loop;
    private BatchCurve? decode;
    private BatchCurve? token;
    private BatchCurve? others;
    private BatchCurve? apart;
    private BatchCurve? beside;
    private BatchCurve? queued;
    private BatchCurve? prompts;

    /// <summary>A token's time where no prompt joins.</summary>
    public BatchCurve Decode => decode ??= new BatchCurve(sequences => loop!.DecodeTokenMicroseconds(sequences));

    /// <summary>A token's time where prompts join.</summary>
    public BatchCurve Token => token ??= new BatchCurve(sequences => loop!.TokenMicroseconds(sequences));

    /// <summary>A token's time where others' prompts join.</summary>
    public BatchCurve Others => others ??= new BatchCurve(sequences => loop!.OthersMicroseconds(sequences));

    /// <summary>A token's time where prompts stop decoding, without them and without what is a client's own of them.</summary>
    public BatchCurve Apart => apart ??= new BatchCurve(running => loop!.ApartMicroseconds(running));

    /// <summary>What a prompt adds to decode steps.</summary>
    public BatchCurve Beside => beside ??= new BatchCurve(sequences => loop!.BesideMicroseconds(sequences));

    /// <summary>What others' prompts in front take, with what the opening burst takes.</summary>
    public BatchCurve Queued => queued ??= new BatchCurve(sequences => loop!.QueuedMicroseconds(sequences));

    /// <summary>A step that takes some prompts whole.</summary>
    public BatchCurve Prompts => prompts ??= new BatchCurve(prompts => loop!.PromptStepMicroseconds(prompts));

    /// <summary>A stage's times at sequences of a micro-batch, as they were asked for.</summary>
    public List<StageTimes> Stage { get; } = [];

    /// <summary>Forgets what it knows of another loop, and answers for this one.</summary>
    /// <param name="of">The loop.</param>
    public LoopCurves For(ServingLoop of)
    {
        loop = of;
        Stage.Clear();
        decode?.Restart();
        token?.Restart();
        others?.Restart();
        apart?.Restart();
        beside?.Restart();
        queued?.Restart();
        prompts?.Restart();
        return this;
    }

    /// <summary>
    /// Microseconds of a stage at a batch: what runs over all tokens of a step, what runs over decoding sequences alone, both as a power cap leaves them,
    /// and as what streams does; and what a prompt adds.
    /// </summary>
    internal readonly record struct StageTimes(double Batch, double Shared, double Own, double Capped, double Whole, double? Beside = null);
}

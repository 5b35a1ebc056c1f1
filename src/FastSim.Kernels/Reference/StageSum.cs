using FastSim.Kernels.Launches;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Reference;

/// <summary>What can be said of an operator of a pass and added up over a stage: FLOP, bytes, joules.</summary>
internal interface IStageMeasure
{
    /// <summary>Of one operator of one block.</summary>
    /// <param name="table">The stage; its exchanges must be reachable.</param>
    /// <param name="op">The operator.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    double OfOperator(OperatorTable table, int op, double sequences);

    /// <summary>Of bytes from and to a second memory; the first memory's are the operators'.</summary>
    /// <param name="bytes">The bytes.</param>
    double OfStream(double bytes);
}

/// <summary>Adds a measure up over a pass of the fullest stage, and over the passes that a prompt takes or joins; of a card.</summary>
internal static class StageSum
{
    /// <summary>Of one pass.</summary>
    /// <param name="measure">What is added up.</param>
    /// <param name="table">The stage.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static double OfPass<TMeasure>(in TMeasure measure, OperatorTable table, double sequences)
        where TMeasure : struct, IStageMeasure
    {
        double sum = 0;
        for (int op = 0; op < table.Count && !double.IsNaN(sum); op++)
        {
            sum += table.Repeats[op] * measure.OfOperator(table, op, sequences);
        }

        return StreamTime.Has(table) ? sum + measure.OfStream(StreamedBytes.Of(table).SecondBytes(sequences, table.ActivationLog)) : sum;
    }

    /// <summary>Of a prompt in passes of its own: each reads the weights and works on as much of the prompt as it takes.</summary>
    /// <param name="measure">What is added up.</param>
    /// <param name="prompt">The stage when it prefills a whole prompt.</param>
    /// <param name="passes">Passes that it takes: below 1 where one takes several prompts, above where each takes a part of one.</param>
    public static double OfPrompt<TMeasure>(in TMeasure measure, OperatorTable prompt, double passes)
        where TMeasure : struct, IStageMeasure
    {
        // Images are encoded whole, whatever passes a prompt is cut into: an encoder has no more passes than there are images.
        double saved = 0;
        if (prompt.Shape.Vision is not null && VisionEncoder.ImagesOfCard(prompt.Shape) is var images && images < passes)
        {
            saved = (passes * OfEncoder(measure, prompt, 1 / passes)) - (images * OfEncoder(measure, prompt, 1d / images));
        }

        return (passes * OfPass(measure, prompt, 1 / passes)) - saved;
    }

    /// <summary>
    /// What a prompt adds to decode passes that it joins chunk by chunk: its rows in what runs once over all tokens of a step, whose
    /// weights are read anyway, and attention of its own (as <c>EngineStep</c> times it).
    /// </summary>
    /// <param name="measure">What is added up.</param>
    /// <param name="decode">The stage when it decodes.</param>
    /// <param name="prompt">The stage when it prefills a whole prompt.</param>
    /// <param name="decoding">Sequences of a rank's micro-batch that decode in such a pass.</param>
    /// <param name="passes">Passes that the prompt takes.</param>
    public static double Beside<TMeasure>(in TMeasure measure, OperatorTable decode, OperatorTable prompt, double decoding, double passes)
        where TMeasure : struct, IStageMeasure
    {
        double perSequence = decode.Shape.TokensPerSequence;
        double rows = prompt.Shape.TokensPerSequence / passes / perSequence;
        double sum = 0;
        for (int op = 0; op < decode.Count; op++)
        {
            ref readonly OperatorIdentity identity = ref decode.Identities[op];
            if (!identity.IsOfPhase)
            {
                double more = identity.Part == StagePart.Logits ? 1 / perSequence : rows;
                double added = measure.OfOperator(decode, op, decoding + more) - measure.OfOperator(decode, op, decoding);
                sum += passes * decode.Repeats[op] * added;
            }
        }

        for (int op = 0; op < prompt.Count; op++)
        {
            sum += prompt.Identities[op].IsOfPhase ? prompt.Repeats[op] * measure.OfOperator(prompt, op, 1) : 0;
        }

        return StreamTime.Has(prompt) ? sum + measure.OfStream(StreamedBytes.Of(prompt).BytesPerSequence) : sum;
    }

    private static double OfEncoder<TMeasure>(in TMeasure measure, OperatorTable table, double sequences)
        where TMeasure : struct, IStageMeasure
    {
        double sum = 0;
        for (int op = 0; op < table.Count; op++)
        {
            sum += table.Identities[op].IsOfEncoder ? table.Repeats[op] * measure.OfOperator(table, op, sequences) : 0;
        }

        return sum;
    }
}

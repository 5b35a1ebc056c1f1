using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Reference;

/// <summary>
/// Joules that a card spends on work, beyond what it draws idle: FLOP at their unit's joules, bytes at the memory's, and what an exchange puts on the
/// wire at its tier's (docs/cost-model.md, "Cost and energy"). NaN where a figure that some work needs is unknown.
/// </summary>
public static class StageEnergy
{
    /// <summary>Joules of one pass through the fullest stage, a card: its operators', and of what it streams from and to a second memory.</summary>
    /// <param name="table">The stage; its exchanges must be reachable.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static double Joules(OperatorTable table, ChipRates rates, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rates);
        double joules = 0;
        for (int op = 0; op < table.Count && !double.IsNaN(joules); op++)
        {
            joules += table.Repeats[op] * OfOperator(table, op, rates, sequences);
        }

        return StreamTime.Has(table) ? joules + Streamed(StreamedBytes.Of(table).SecondBytes(sequences, table.ActivationLog), rates) : joules;
    }

    /// <summary>Joules of a prompt in passes of its own, a card: each reads the weights and works on as much of the prompt as it takes.</summary>
    /// <param name="prompt">The stage when it prefills a whole prompt.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="passes">Passes that it takes: below 1 where one takes several prompts, above where each takes a part of one.</param>
    public static double JoulesOfPrompt(OperatorTable prompt, ChipRates rates, double passes)
    {
        ArgumentNullException.ThrowIfNull(prompt);

        // Images are encoded whole, whatever passes a prompt is cut into: an encoder has no more passes than there are images.
        double saved = 0;
        if (prompt.Shape.Vision is not null && VisionEncoder.ImagesOfCard(prompt.Shape) is var images && images < passes)
        {
            saved = (passes * OfEncoder(prompt, rates, 1 / passes)) - (images * OfEncoder(prompt, rates, 1d / images));
        }

        return (passes * Joules(prompt, rates, 1 / passes)) - saved;
    }

    /// <summary>
    /// Joules that a prompt adds, a card, to decode passes that it joins chunk by chunk: its rows in what runs once over all tokens of a step, whose
    /// weights are read anyway, and attention of its own (as <c>EngineStep</c> times it).
    /// </summary>
    /// <param name="decode">The stage when it decodes.</param>
    /// <param name="prompt">The stage when it prefills a whole prompt.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="decoding">Sequences of a rank's micro-batch that decode in such a pass.</param>
    /// <param name="passes">Passes that the prompt takes.</param>
    public static double JoulesBeside(OperatorTable decode, OperatorTable prompt, ChipRates rates, double decoding, double passes)
    {
        ArgumentNullException.ThrowIfNull(decode);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(rates);
        double perSequence = decode.Shape.TokensPerSequence;
        double rows = prompt.Shape.TokensPerSequence / passes / perSequence;
        double joules = 0;
        for (int op = 0; op < decode.Count; op++)
        {
            ref readonly OperatorIdentity identity = ref decode.Identities[op];
            if (!identity.IsOfPhase)
            {
                double more = identity.Part == StagePart.Logits ? 1 / perSequence : rows;
                double added = OfOperator(decode, op, rates, decoding + more) - OfOperator(decode, op, rates, decoding);
                joules += passes * decode.Repeats[op] * added;
            }
        }

        for (int op = 0; op < prompt.Count; op++)
        {
            joules += prompt.Identities[op].IsOfPhase ? prompt.Repeats[op] * OfOperator(prompt, op, rates, 1) : 0;
        }

        return StreamTime.Has(prompt) ? joules + Streamed(StreamedBytes.Of(prompt).BytesPerSequence, rates) : joules;
    }

    private static double OfEncoder(OperatorTable table, ChipRates rates, double sequences)
    {
        double joules = 0;
        for (int op = 0; op < table.Count; op++)
        {
            joules += table.Identities[op].IsOfEncoder ? table.Repeats[op] * OfOperator(table, op, rates, sequences) : 0;
        }

        return joules;
    }

    /// <summary>Joules of bytes from and to a second memory; the first memory's are its operators'.</summary>
    private static double Streamed(double bytes, ChipRates rates) => Spent(bytes, rates.Numbers.Values[ChipNumbers.SecondJoulesPerByte]);

    /// <summary>Joules of one operator of one block.</summary>
    private static double OfOperator(OperatorTable table, int op, ChipRates rates, double sequences)
    {
        ReadOnlySpan<double> figures = rates.Numbers.Values;
        double joules = Spent(table.Flops(op, sequences), figures[ChipNumbers.JoulesPerFlop(table.Identities[op].Rate)])
            + Spent(table.Bytes(op, sequences), figures[ChipNumbers.MemoryJoulesPerByte]);
        Exchange exchange = table.Exchanges[op];
        if (exchange.Group == ExchangeGroup.None)
        {
            return joules;
        }

        Span<ExchangeLeg> legs = stackalloc ExchangeLeg[rates.Chip.Networks.Count];
        foreach (ExchangeLeg leg in legs[..ExchangeCost.Legs(exchange, rates, legs)])
        {
            joules += Spent(ExchangeCost.WireBytes(exchange, leg, rates, sequences), figures[ChipNumbers.LinkJoulesPerByte(leg.Tier)]);
        }

        return joules;
    }

    /// <summary>What does not happen takes nothing, whatever it would take.</summary>
    private static double Spent(double amount, double joules) => amount == 0 ? 0 : amount * joules;
}

using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
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
        return StageSum.OfPass(new Spending(rates), table, sequences);
    }

    /// <summary>Joules of a prompt in passes of its own, a card: each reads the weights and works on as much of the prompt as it takes.</summary>
    /// <param name="prompt">The stage when it prefills a whole prompt.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="passes">Passes that it takes: below 1 where one takes several prompts, above where each takes a part of one.</param>
    public static double JoulesOfPrompt(OperatorTable prompt, ChipRates rates, double passes)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return StageSum.OfPrompt(new Spending(rates), prompt, passes);
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
        return StageSum.Beside(new Spending(rates), decode, prompt, decoding, passes);
    }

    /// <summary>What does not happen takes nothing, whatever it would take.</summary>
    private static double Spent(double amount, double joules) => amount == 0 ? 0 : amount * joules;

    /// <summary>Joules on a chip.</summary>
    private readonly struct Spending(ChipRates rates) : IStageMeasure
    {
        /// <inheritdoc/>
        public double OfOperator(OperatorTable table, int op, double sequences)
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

        /// <inheritdoc/>
        public double OfStream(double bytes) => Spent(bytes, rates.Numbers.Values[ChipNumbers.SecondJoulesPerByte]);
    }
}

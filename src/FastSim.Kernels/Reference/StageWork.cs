using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Reference;

/// <summary>What a card does of a stage, over the passes that its energy counts, too.</summary>
/// <param name="Flops">FLOP.</param>
/// <param name="MemoryBytes">Bytes that its memory moves for operators; what exchanges move is not among them.</param>
public readonly record struct StageWork(double Flops, double MemoryBytes)
{
    /// <summary>Of one pass.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static StageWork OfPass(OperatorTable table, ChipRates rates, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rates);
        return new StageWork(StageSum.OfPass(default(Computed), table, sequences), StageSum.OfPass(new Moved(rates), table, sequences));
    }

    /// <summary>Of a prompt in passes of its own.</summary>
    /// <param name="prompt">The stage when it prefills a whole prompt.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="passes">Passes that it takes: below 1 where one takes several prompts, above where each takes a part of one.</param>
    public static StageWork OfPrompt(OperatorTable prompt, ChipRates rates, double passes)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(rates);
        return new StageWork(StageSum.OfPrompt(default(Computed), prompt, passes), StageSum.OfPrompt(new Moved(rates), prompt, passes));
    }

    /// <summary>Of a prompt in decode passes that it joins chunk by chunk: what it adds to them.</summary>
    /// <param name="decode">The stage when it decodes.</param>
    /// <param name="prompt">The stage when it prefills a whole prompt.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="decoding">Sequences of a rank's micro-batch that decode in such a pass.</param>
    /// <param name="passes">Passes that the prompt takes.</param>
    public static StageWork Beside(OperatorTable decode, OperatorTable prompt, ChipRates rates, double decoding, double passes)
    {
        ArgumentNullException.ThrowIfNull(decode);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(rates);
        return new StageWork(
            StageSum.Beside(default(Computed), decode, prompt, decoding, passes), StageSum.Beside(new Moved(rates), decode, prompt, decoding, passes));
    }

    private readonly struct Computed : IStageMeasure
    {
        /// <inheritdoc/>
        public double OfOperator(OperatorTable table, int op, double sequences) => table.Flops(op, sequences);

        /// <inheritdoc/>
        public double OfStream(double bytes) => 0;
    }

    private readonly struct Moved(ChipRates rates) : IStageMeasure
    {
        /// <inheritdoc/>
        public double OfOperator(OperatorTable table, int op, double sequences) =>
            table.Identities[op].Engine == OperatorEngine.Network ? 0 : OperatorCost.MemoryBytes(table, op, rates, sequences);

        /// <inheritdoc/>
        public double OfStream(double bytes) => 0;
    }
}

using FastSim.Kernels.Memory;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Reference;

/// <summary>
/// How long a pass streams beside the first memory. A copy engine brings what a block needs while those before it run, so that a pass takes the longer of its
/// own time and this (the cost model of FlexGen, Sheng et al., arXiv 2303.06865; docs/cost-model.md, "Second memory").
/// </summary>
internal static class StreamTime
{
    /// <summary>Whether a stage streams anything.</summary>
    /// <param name="table">The stage.</param>
    public static bool Has(OperatorTable table) => !StreamedBytes.Of(table).IsNone;

    /// <summary>Seconds of one pass; the second memory and a remote store work side by side.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static double Seconds(OperatorTable table, ChipRates rates, double sequences)
    {
        TierTraffic traffic = StreamedBytes.Of(table);
        return traffic.IsNone
            ? 0
            : Math.Max(
                rates.SecondMemorySeconds(traffic.SecondBytes(sequences, table.ActivationLog)),
                traffic.RemoteBytesPerSequence == 0 ? 0 : traffic.RemoteBytesPerSequence * sequences / table.Shape.Prefix.RemoteBytesPerSecond);
    }

    /// <summary>Seconds of several passes that stream one after another: over each pass's bytes, and those of prompts that they take in turns.</summary>
    /// <param name="decode">The stage when it decodes.</param>
    /// <param name="prompt">The stage when it prefills a whole prompt.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="decoding">Sequences of a rank's micro-batch that decode in such a pass.</param>
    /// <param name="passes">Passes that the prompt takes.</param>
    public static double SecondsBeside(OperatorTable decode, OperatorTable prompt, ChipRates rates, double decoding, double passes)
    {
        TierTraffic ofPrompt = StreamedBytes.Of(prompt);
        double bytes = (passes * StreamedBytes.Of(decode).SecondBytes(decoding, decode.ActivationLog)) + ofPrompt.BytesPerSequence;
        return Math.Max(
            rates.SecondMemorySeconds(bytes),
            ofPrompt.RemoteBytesPerSequence == 0 ? 0 : ofPrompt.RemoteBytesPerSequence / prompt.Shape.Prefix.RemoteBytesPerSecond);
    }
}

using FastSim.Kernels.Lanes;

namespace FastSim.Kernels.Stages;

/// <summary>
/// What a pass through a stage moves beside the first memory, bytes of a card, as a function of the sequences in a rank's micro-batch
/// (docs/cost-model.md, "Second memory"). It never falls with the batch, nor does it rise faster.
/// </summary>
/// <param name="WeightBytes">Weights in the second memory that every pass reads.</param>
/// <param name="ReachedBytes">Routed experts in the second memory, of which those are read that some token reaches.</param>
/// <param name="BytesPerSequence">Keys and values that a sequence reads from the second memory or writes to it.</param>
/// <param name="RemoteBytesPerSequence">Prefix that a sequence fetches from elsewhere.</param>
public readonly record struct TierTraffic(double WeightBytes, double ReachedBytes, double BytesPerSequence, double RemoteBytesPerSequence)
{
    /// <summary>Whether all of a pass is in the first memory.</summary>
    public bool IsNone => WeightBytes == 0 && ReachedBytes == 0 && BytesPerSequence == 0 && RemoteBytesPerSequence == 0;

    /// <summary>Bytes that a pass streams from and to the second memory.</summary>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    /// <param name="activationLog">Logarithm, a sequence, of the chance that an expert stays unread.</param>
    public double SecondBytes(double sequences, double activationLog)
    {
        double bytes = WeightBytes + (BytesPerSequence * sequences);
        return ReachedBytes == 0 ? bytes : bytes + (ReachedBytes * ReadShare.Of(new Lanes1(activationLog * sequences)).Value);
    }
}

using FastSim.Kernels.Hardware;
using FastSim.Kernels.Operators;
using FastSim.Kernels.Reference;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// A lower bound of a stage's time at any batch, in a handful of affine functions: the sum of the longer of two is at least the longer of
/// the two sums, at the best efficiency that the chip's tables hold. It costs a few operations a batch, and evaluates no operator.
/// </summary>
public readonly record struct StageBound
{
    private readonly AffineInBatch compute;
    private readonly AffineInBatch memory;
    private readonly AffineInBatch shown;
    private readonly AffineInBatch send;
    private readonly double activatedSeconds;
    private readonly double activationLog;
    private readonly bool isSum;

    /// <summary>Sums a stage up.</summary>
    /// <param name="table">The stage; its exchanges must be reachable.</param>
    /// <param name="rates">The chip.</param>
    public StageBound(OperatorTable table, ChipRates rates)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rates);
        ChipRates best = rates.AtBestEfficiency;
        isSum = rates.Chip.Mode == ProcessingMode.NoOverlap;
        activationLog = table.ActivationLog;
        Span<double> secondsPerFlop = stackalloc double[best.BaseFlopsPerSecond.Length];
        for (int rate = 0; rate < secondsPerFlop.Length; rate++)
        {
            secondsPerFlop[rate] = 1 / (best.BaseFlopsPerSecond[rate] * best.ComputeTables[rate].Best);
        }

        double secondsPerByte = 1 / (best.BaseMemoryBytesPerSecond * best.MemoryTable.Best);
        for (int op = 0; op < table.Count; op++)
        {
            ref readonly OperatorIdentity identity = ref table.Identities[op];
            double repeats = table.Repeats[op];
            if (identity.Engine == OperatorEngine.Network)
            {
                AddExchange(table.Exchanges[op], identity.Part, repeats, best, ref shown, ref send);
                continue;
            }

            double perFlop = secondsPerFlop[(int)identity.Rate] * repeats;
            double perByte = (identity.ReadsCache ? secondsPerByte / best.CacheReadCoefficient : secondsPerByte) * repeats;
            compute += new AffineInBatch(table.FlopsConstant[op] * perFlop, table.FlopsPerSequence[op] * perFlop);
            memory += new AffineInBatch(table.BytesConstant[op] * perByte, table.BytesPerSequence[op] * perByte);
            activatedSeconds += table.ActivatedBytes[op] * perByte;
            shown += rates.StaticLatencySeconds * repeats;
        }
    }

    /// <summary>The stage takes at least this long.</summary>
    public double StageSeconds(double sequences)
    {
        double memorySeconds = memory.At(sequences);
        if (activatedSeconds > 0)
        {
            memorySeconds += activatedSeconds * (1 - Math.Exp(activationLog * sequences));
        }

        double computeSeconds = compute.At(sequences);
        return (isSum ? computeSeconds + memorySeconds : Math.Max(computeSeconds, memorySeconds)) + shown.At(sequences);
    }

    /// <summary>The stage and the send to the next take at least this long.</summary>
    public double StepSeconds(double sequences) => StageSeconds(sequences) + send.At(sequences);

    private static void AddExchange(
        in Exchange exchange, StagePart part, double repeats, ChipRates rates, ref AffineInBatch shown, ref AffineInBatch send)
    {
        double share = part == StagePart.Pipeline ? 1 : 1 - rates.Chip.CommunicationOverlap;
        if (exchange.Group == ExchangeGroup.None || share == 0)
        {
            return;
        }

        // Of several tiers the slowest decides; any one is a lower bound, and the outermost tends to be it.
        Span<ExchangeLeg> legs = stackalloc ExchangeLeg[rates.Chip.Networks.Count];
        ExchangeLeg leg = legs[ExchangeCost.Legs(exchange, rates, legs) - 1];
        NetworkTier network = rates.Chip.Networks[leg.Tier];
        CollectiveRate collective = network.Collectives[(int)exchange.Collective];
        double secondsPerByte = collective.WireBytes(leg.MessageShare, exchange.GroupSize)
            / (rates.BaseLinkBytesPerSecond[leg.Tier] * collective.Efficiency(exchange.GroupSize) * rates.LinkTables[leg.Tier].Best);
        AffineInBatch seconds = (exchange.MessageBytes * secondsPerByte) + (network.LatencySeconds * network.Hops(exchange.Collective, exchange.GroupSize));
        if (part == StagePart.Pipeline)
        {
            send += seconds * repeats;
        }
        else
        {
            shown += seconds * (repeats * share);
        }
    }
}

using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Networks;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;

namespace FastSim.Kernels.Roofline;

/// <summary>What the exchanges of a stage put on each tier of the network, at the least.</summary>
internal sealed class LinkSums
{
    private readonly LinkSum[] shown;
    private readonly LinkSum[] exchanged;
    private readonly LinkSum[] send;

    /// <summary>Sums without an exchange.</summary>
    /// <param name="tiers">Tiers of the network.</param>
    /// <param name="hides">Whether some of the communication hides behind work.</param>
    public LinkSums(int tiers, bool hides)
    {
        shown = new LinkSum[tiers];
        exchanged = new LinkSum[hides ? tiers : 0];
        send = new LinkSum[tiers];
    }

    /// <summary>What exposed communication puts on each tier.</summary>
    public ReadOnlySpan<LinkSum> Shown => shown;

    /// <summary>
    /// What communication puts on each tier, hidden or not: a stage takes at least as long, whatever hides behind its work. Empty where nothing
    /// hides.
    /// </summary>
    public ReadOnlySpan<LinkSum> Exchanged => exchanged;

    /// <summary>What the send to the next stage puts on each tier.</summary>
    public ReadOnlySpan<LinkSum> Send => send;

    /// <summary>Adds bytes that the innermost tier carries, exposed.</summary>
    public void AddInnermost(AffineInBatch bytes, double repeats) => shown[0].Add(bytes, 0, repeats);

    /// <summary>Adds an exchange that a stage makes some times, at the chip's best efficiencies.</summary>
    public void Add(in Exchange exchange, StagePart part, double repeats, ChipRates rates)
    {
        if (exchange.Group == ExchangeGroup.None)
        {
            return;
        }

        // Of several tiers the slowest decides; any one is a lower bound, and the outermost tends to be it.
        Span<ExchangeLeg> legs = stackalloc ExchangeLeg[rates.Chip.Networks.Count];
        ExchangeLeg leg = legs[ExchangeCost.Legs(exchange, rates, legs) - 1];
        (double perMessageByte, double hops) = Least(exchange, leg, rates);
        Span<int> cuts = stackalloc int[TwoLevels.MostCuts];
        cuts = cuts[..TwoLevels.Cuts(exchange, rates, cuts)];
        foreach (int together in cuts)
        {
            (double ofPhases, double hopsOfPhases) = LeastOfPhases(exchange, together, leg.Tier, rates, legs);
            (perMessageByte, hops) = (Math.Min(perMessageByte, ofPhases), Math.Min(hops, hopsOfPhases));
        }

        if (part == StagePart.Pipeline)
        {
            send[leg.Tier].Add(exchange.MessageBytes * perMessageByte, hops, repeats);
            return;
        }

        shown[leg.Tier].Add(exchange.MessageBytes * perMessageByte, hops, repeats * (1 - rates.Chip.CommunicationOverlap));
        if (exchanged.Length > 0)
        {
            exchanged[leg.Tier].Add(exchange.MessageBytes * perMessageByte, hops, repeats);
        }
    }

    /// <summary>
    /// What phases of two levels put on the outermost tier at the least, a byte of the message of all: what they put on inner ones comes on top, but not of an exchange that is one group.
    /// </summary>
    private static (double PerMessageByte, double Hops) LeastOfPhases(in Exchange exchange, int together, int outermost, ChipRates rates, Span<ExchangeLeg> legs)
    {
        Span<Exchange> phases = stackalloc Exchange[TwoLevels.MostPhases];
        (double perMessageByte, double hops) = (0, 0);
        foreach (Exchange phase in phases[..TwoLevels.Phases(exchange with { MessageBytes = 1 }, together, outermost, phases)])
        {
            ExchangeLeg leg = legs[ExchangeCost.Legs(phase, rates, legs) - 1];
            if (leg.Tier == outermost)
            {
                (double ofPhase, double hopsOfPhase) = Least(phase, leg, rates);
                (perMessageByte, hops) = (perMessageByte + (ofPhase * phase.MessageBytes.Constant), hops + hopsOfPhase);
            }
        }

        return (perMessageByte, hops);
    }

    /// <summary>What a leg puts on its tier at the least, a byte of the message, over the tier's efficiencies, and its hops.</summary>
    private static (double PerMessageByte, double Hops) Least(in Exchange exchange, ExchangeLeg leg, ChipRates rates)
    {
        NetworkTier network = rates.Chip.Networks[leg.Tier];
        CollectiveRate collective = network.Collectives[(int)exchange.Collective];
        (double wire, double hops) = rates.AlgorithmsOf(leg.Tier) is { } choice
            ? LeastOf(choice.Of(ExchangeCost.PlaceOf(exchange, leg)), leg.MessageShare)
            : (collective.WireBytes(leg.MessageShare, exchange.GroupSize), network.Hops(exchange.Collective, exchange.GroupSize));
        return (wire / (collective.Efficiency(exchange.GroupSize) * rates.LinkTables[leg.Tier].Best), hops);
    }

    /// <summary>The least load of any algorithm and the fewest hops of any: none is faster on any chip.</summary>
    private static (double Load, double Hops) LeastOf(ReadOnlySpan<AlgorithmCost> ways, double share)
    {
        (double load, double hops) = (double.PositiveInfinity, double.PositiveInfinity);
        foreach (AlgorithmCost way in ways)
        {
            (load, hops) = (Math.Min(load, way.Load), Math.Min(hops, way.Hops));
        }

        return (load * share, hops);
    }
}

/// <summary>What a stage puts on a tier.</summary>
/// <param name="Bytes">Bytes on the wire, over group efficiency and the tier's best size efficiency.</param>
/// <param name="Hops">Hops in sequence.</param>
internal record struct LinkSum(AffineInBatch Bytes, double Hops)
{
    /// <summary>Adds an exchange that the stage makes <paramref name="repeats"/> times.</summary>
    public void Add(AffineInBatch bytes, double hops, double repeats)
    {
        Bytes += bytes * repeats;
        Hops += hops * repeats;
    }
}

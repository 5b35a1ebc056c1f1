using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Networks;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Reference;

/// <summary>The part of an exchange that one network tier carries.</summary>
/// <param name="Tier">The tier.</param>
/// <param name="MessageShare">Share of the message.</param>
/// <param name="Members">Members within the tier's reach.</param>
/// <param name="Inside">Of those, how many tiers inside it reach, the card itself included.</param>
public readonly record struct ExchangeLeg(int Tier, double MessageShare, int Members, int Inside);

/// <summary>What one exchange takes on the network (cost model B5).</summary>
/// <param name="Seconds">Time from first to last byte.</param>
/// <param name="ProcessorUsage">Share of the compute units it occupies meanwhile.</param>
public readonly record struct ExchangeCost(double Seconds, double ProcessorUsage)
{
    /// <summary>Whether the chip's network reaches across the exchange.</summary>
    public static bool IsReachable(Exchange exchange, ChipRates rates)
    {
        ArgumentNullException.ThrowIfNull(rates);
        return exchange.Group == ExchangeGroup.None || exchange.Tier >= 0 || rates.InnermostTier(exchange.Span) >= 0;
    }

    /// <summary>
    /// The tiers an exchange uses, innermost first: the innermost that spans it; an all-to-all over several is split by destination.
    /// </summary>
    /// <param name="exchange">What is exchanged; its span must be reachable.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="legs">Receives them; as long as the chip has tiers.</param>
    /// <returns>How many there are.</returns>
    /// <exception cref="ArgumentException">No tier spans it.</exception>
    public static int Legs(Exchange exchange, ChipRates rates, Span<ExchangeLeg> legs)
    {
        ArgumentNullException.ThrowIfNull(rates);
        int outermost = exchange.Tier >= 0 ? exchange.Tier : rates.InnermostTier(exchange.Span);
        if (outermost < 0)
        {
            throw new ArgumentException($"no tier of {rates.Chip.Name} spans {exchange.Span} cards", nameof(exchange));
        }

        if (exchange.Collective != Collective.AllToAll || outermost == 0)
        {
            legs[0] = new ExchangeLeg(outermost, 1, exchange.GroupSize, 1);
            return 1;
        }

        int count = 0;
        int cardsApart = exchange.Span / exchange.GroupSize;
        int reached = 1;
        int fewestReached = 1;
        for (int tier = 0; tier <= outermost; tier++)
        {
            int within = Math.Clamp(rates.Chip.Networks[tier].Size / cardsApart, reached, exchange.GroupSize);
            if (within > reached)
            {
                // Where a tier does not divide the group, the ranks left over reach the fewest inside and send the most outside.
                legs[count] = new ExchangeLeg(tier, (double)(within - fewestReached) / (exchange.GroupSize - 1), within, fewestReached);
                count++;
            }

            reached = within;
            fewestReached = exchange.GroupSize % within == 0 ? within : exchange.GroupSize % within;
        }

        return count;
    }

    /// <summary>
    /// What a leg of an exchange puts on its tier's wire, as a multiple of <c>message bytes / group size</c>. Lanes and the reference both take
    /// the message times this over the group size, in this order, so that they find the same row of a table.
    /// </summary>
    /// <param name="exchange">What is exchanged.</param>
    /// <param name="leg">The leg.</param>
    /// <param name="rates">The chip.</param>
    internal static double WireScale(Exchange exchange, ExchangeLeg leg, ChipRates rates) =>
        rates.Chip.Networks[leg.Tier].Collectives[(int)exchange.Collective].WireScale(exchange.GroupSize) * leg.MessageShare;

    /// <summary>The cards of a leg, as its tier sees them.</summary>
    internal static GroupPlace PlaceOf(in Exchange exchange, ExchangeLeg leg) => new(
        exchange.Collective,
        leg.Members,
        leg.Members == exchange.GroupSize ? exchange.Span : exchange.Span / exchange.GroupSize * leg.Members,
        leg.Inside)
    {
        Apart = exchange.Apart,
    };

    /// <summary>Bytes that a leg of an exchange puts on its tier's wire.</summary>
    internal static double WireBytes(in Exchange exchange, ExchangeLeg leg, ChipRates rates, double sequences) =>
        exchange.MessageBytes.At(sequences) * WireScale(exchange, leg, rates) / exchange.GroupSize;

    /// <summary>Costs an operator's exchange, as it was priced where a plan's launches were.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="index">The operator.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static ExchangeCost Of(OperatorTable table, int index, ChipRates rates, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        Exchange exchange = table.Exchanges[index];
        return table.PricedSeconds is { } priced && exchange.Group != ExchangeGroup.None
            ? new ExchangeCost(priced[index], 0)
            : Of(exchange, rates, sequences);
    }

    /// <summary>
    /// Costs an exchange: as one group, whose tiers work at the same time, so that the slowest decides, or over two levels, one phase after another, where that is admitted and faster. Compute units
    /// are occupied as by the one group.
    /// </summary>
    /// <param name="exchange">What is exchanged; its span must be reachable.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static ExchangeCost Of(Exchange exchange, ChipRates rates, double sequences)
    {
        ArgumentNullException.ThrowIfNull(rates);
        if (exchange.Group == ExchangeGroup.None)
        {
            return default;
        }

        ExchangeCost flat = OfOneGroup(exchange, rates, sequences);
        Span<int> cuts = stackalloc int[TwoLevels.MostCuts];
        cuts = cuts[..TwoLevels.Cuts(exchange, rates, cuts)];
        if (cuts.IsEmpty)
        {
            return flat;
        }

        double fastest = flat.Seconds;
        int outermost = rates.InnermostTier(exchange.Span);
        Span<Exchange> phases = stackalloc Exchange[TwoLevels.MostPhases];
        foreach (int together in cuts)
        {
            double seconds = 0;
            foreach (Exchange phase in phases[..TwoLevels.Phases(exchange, together, outermost, phases)])
            {
                seconds += OfOneGroup(phase, rates, sequences).Seconds;
            }

            fastest = Math.Min(fastest, seconds);
        }

        return flat with { Seconds = fastest };
    }

    private static ExchangeCost OfOneGroup(in Exchange exchange, ChipRates rates, double sequences)
    {
        Span<ExchangeLeg> legs = stackalloc ExchangeLeg[rates.Chip.Networks.Count];
        legs = legs[..Legs(exchange, rates, legs)];
        double slowest = 0;
        double usage = 0;
        foreach (ExchangeLeg leg in legs)
        {
            double wire = WireBytes(exchange, leg, rates, sequences);
            double seconds = rates.AlgorithmsOf(leg.Tier) is null
                ? rates.TransferSeconds(leg.Tier, exchange.Collective, exchange.GroupSize, wire)
                : rates.FastestSeconds(
                    leg.Tier, PlaceOf(exchange, leg), exchange.GroupSize, exchange.MessageBytes.At(sequences) * leg.MessageShare, wire);
            slowest = Math.Max(slowest, seconds);
            usage = Math.Max(usage, rates.Chip.Networks[leg.Tier].ProcessorUsage);
        }

        return new ExchangeCost(slowest, usage);
    }
}

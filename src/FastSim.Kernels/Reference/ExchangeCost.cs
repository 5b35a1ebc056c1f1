using FastSim.Kernels.Hardware;
using FastSim.Kernels.Operators;

namespace FastSim.Kernels.Reference;

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

    /// <summary>Costs an exchange.</summary>
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

        double message = exchange.MessageBytes.At(sequences);
        int tier = exchange.Tier >= 0 ? exchange.Tier : rates.InnermostTier(exchange.Span);
        if (exchange.Collective == Collective.AllToAll && tier > 0)
        {
            return ByDestination(exchange, rates, message, tier);
        }

        double seconds = rates.TransferSeconds(tier, exchange.Collective, exchange.GroupSize, message);
        return new ExchangeCost(seconds, rates.Chip.Networks[tier].ProcessorUsage);
    }

    /// <summary>Network tiers that an exchange uses, innermost first.</summary>
    /// <param name="exchange">What is exchanged; its span must be reachable.</param>
    /// <param name="rates">The chip.</param>
    public static IReadOnlyList<int> Tiers(Exchange exchange, ChipRates rates)
    {
        ArgumentNullException.ThrowIfNull(rates);
        int outermost = exchange.Tier >= 0 ? exchange.Tier : rates.InnermostTier(exchange.Span);
        if (exchange.Collective != Collective.AllToAll)
        {
            return [outermost];
        }

        List<int> tiers = [];
        int reached = 1;
        for (int tier = 0; tier <= outermost; tier++)
        {
            int within = RanksWithin(exchange, rates, tier, reached);
            if (within > reached)
            {
                tiers.Add(tier);
            }

            reached = within;
        }

        return tiers;
    }

    /// <summary>Ranks of the group that a tier reaches, its inner tiers' included.</summary>
    private static int RanksWithin(Exchange exchange, ChipRates rates, int tier, int reachedInside) =>
        Math.Clamp(rates.Chip.Networks[tier].Size / (exchange.Span / exchange.GroupSize), reachedInside, exchange.GroupSize);

    /// <summary>
    /// An all-to-all over several tiers is split by destination; the tiers work at the same time, so the slowest decides.
    /// </summary>
    private static ExchangeCost ByDestination(Exchange exchange, ChipRates rates, double message, int outermost)
    {
        int reached = 1;
        double slowest = 0;
        double usage = 0;
        for (int tier = 0; tier <= outermost; tier++)
        {
            int within = RanksWithin(exchange, rates, tier, reached);
            int destinations = within - reached;
            reached = within;
            if (destinations == 0)
            {
                continue;
            }

            double share = (double)destinations / (exchange.GroupSize - 1);
            double seconds = rates.TransferSeconds(tier, exchange.Collective, exchange.GroupSize, message * share);
            slowest = Math.Max(slowest, seconds);
            usage = Math.Max(usage, rates.Chip.Networks[tier].ProcessorUsage);
        }

        return new ExchangeCost(slowest, usage);
    }
}

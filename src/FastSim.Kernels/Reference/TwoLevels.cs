using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;

namespace FastSim.Kernels.Reference;

/// <summary>
/// Collectives over two levels of a network: cards that a tier, or a switch, has together do what they can among themselves, and what is left goes across between cards of the same place,
/// as many groups at once as there are places. Each phase is an exchange of its own, one after another. Source: docs/cost-model.md, "Collectives over two levels".
/// </summary>
internal static class TwoLevels
{
    /// <summary>Phases of a collective at most: an all-reduce's.</summary>
    public const int MostPhases = 3;

    /// <summary>Ways to cut a group at most: of a group with more divisors that are together the largest are left out.</summary>
    public const int MostCuts = 64;

    /// <summary>
    /// Numbers of members together by which a group can be cut into two levels, all that an inner tier or a switch holds a whole number of times: a multiple of the cards to a switch leaves all ways that there
    /// were. None where its tier does not admit that.
    /// </summary>
    /// <param name="exchange">What is exchanged; its span must be reachable.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="cuts">Receives them; as long as <see cref="MostCuts"/>.</param>
    /// <returns>How many there are.</returns>
    public static int Cuts(in Exchange exchange, ChipRates rates, Span<int> cuts)
    {
        int outermost = rates.InnermostTier(exchange.Span);
        if (exchange.Tier >= 0 || outermost < 0 || rates.AlgorithmsOf(outermost) is not { AdmitsTwoLevels: true }
            || exchange.Collective == Collective.PointToPoint || exchange.GroupSize < 4 || exchange.Span % exchange.GroupSize != 0)
        {
            return 0;
        }

        int count = 0;
        int stride = exchange.Span / exchange.GroupSize;
        for (int together = 2; together <= exchange.GroupSize / 2 && count < cuts.Length; together++)
        {
            if (exchange.GroupSize % together == 0 && HasTogether((long)together * stride, exchange.Collective, outermost, rates))
            {
                cuts[count] = together;
                count++;
            }
        }

        return count;
    }

    /// <summary>Whether an inner tier, or a switch or router of the tier itself, has neighbouring cards together wherever a group begins.</summary>
    private static bool HasTogether(long cards, Collective collective, int outermost, ChipRates rates)
    {
        for (int tier = 0; tier < outermost; tier++)
        {
            if (rates.Chip.Networks[tier].Size % cards == 0)
            {
                return true;
            }
        }

        // Between switches of one tier an all-to-all puts as much on the links as it is.
        NetworkTier network = rates.Chip.Networks[outermost];
        long together = 1;
        for (int level = 0; network.HasLevels && collective != Collective.AllToAll && level < network.Dimensions.Count - 1; level++)
        {
            together *= network.Dimensions[level];
            if (together % cards == 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The phases of an exchange that is cut, in order.</summary>
    /// <param name="exchange">What is exchanged.</param>
    /// <param name="together">Members together.</param>
    /// <param name="outermost">The tier that spans all of them.</param>
    /// <param name="phases">Receives them; as long as <see cref="MostPhases"/>.</param>
    /// <returns>How many there are.</returns>
    public static int Phases(in Exchange exchange, int together, int outermost, Span<Exchange> phases)
    {
        int places = exchange.GroupSize / together;
        int stride = exchange.Span / exchange.GroupSize;
        double part = 1d / together;
        double others = exchange.GroupSize - 1;
        bool isSpread = exchange.Collective == Collective.AllToAll;
        Exchange inside = exchange with
        {
            GroupSize = together,
            Span = together * stride,
            MessageBytes = isSpread ? exchange.MessageBytes * ((together - 1) * places / others) : exchange.MessageBytes,
        };
        Exchange across = exchange with
        {
            GroupSize = places,
            Tier = outermost,
            MessageBytes = exchange.MessageBytes * (isSpread ? (exchange.GroupSize - together) / others : part),
        };
        switch (exchange.Collective)
        {
            case Collective.AllReduce:
                phases[0] = inside with { Collective = Collective.ReduceScatter };
                phases[1] = across;
                phases[2] = inside with { Collective = Collective.AllGather };
                return 3;
            case Collective.AllGather:
                phases[0] = across;
                phases[1] = inside;
                return 2;
            default:
                phases[0] = inside;
                phases[1] = across;
                return 2;
        }
    }
}

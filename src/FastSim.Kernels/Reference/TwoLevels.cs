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

    /// <summary>Ways to cut a group at most: an inner tier each, and a level of switches each.</summary>
    public static int MostCuts(ChipRates rates) => rates.Chip.Networks.Count + MostLevels;

    private const int MostLevels = 8;

    /// <summary>Numbers of members together by which a group can be cut into two levels; none where its tier does not admit that.</summary>
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
        for (int tier = 0; tier < outermost; tier++)
        {
            Add(exchange, rates.Chip.Networks[tier].Size, cuts, ref count);
        }

        // Between switches of one tier an all-to-all puts as much on the links as it is.
        NetworkTier network = rates.Chip.Networks[outermost];
        long together = 1;
        for (int level = 0; network.HasLevels && exchange.Collective != Collective.AllToAll && level < network.Dimensions.Count - 1; level++)
        {
            together *= network.Dimensions[level];
            Add(exchange, together, cuts, ref count);
        }

        return count;
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

    private static void Add(in Exchange exchange, long cards, Span<int> cuts, ref int count)
    {
        int stride = exchange.Span / exchange.GroupSize;
        long together = cards / stride;
        if (cards % stride == 0 && together > 1 && together < exchange.GroupSize && exchange.GroupSize % together == 0 && !cuts[..count].Contains((int)together))
        {
            cuts[count] = (int)together;
            count++;
        }
    }
}

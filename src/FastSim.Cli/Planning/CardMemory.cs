using FastSim.Search.Jobs;

namespace FastSim.Cli.Planning;

/// <summary>What a memory of a card holds, bytes: the first, or the second.</summary>
/// <param name="Weights">Weights.</param>
/// <param name="Cache">Keys and values of the sequences in flight.</param>
/// <param name="Working">Working space; with an engine what it keeps for activations, graphs and itself.</param>
/// <param name="Free">The rest.</param>
/// <param name="IsFull">Whether one more sequence of each micro-batch would not fit what weights and cache may take.</param>
internal readonly record struct CardMemory(double Weights, double Cache, double Working, double Free, bool IsFull)
{
    /// <summary>Of the first: what lies in the second, of which the others say nothing.</summary>
    public double Second { get; private init; }

    /// <summary>Of a card of a phase.</summary>
    public static CardMemory Of(PhaseWinner winner)
    {
        double capacity = winner.Rates.CapacityBytes;
        double weights = winner.Memory.FirstWeightBytes;
        double working = winner.Memory.WorkingBytes(winner.Sequences);
        double cache = winner.Memory.FirstCacheBytesPerSequence * winner.Sequences;
        double share = winner.Shape.Engine?.CacheShare ?? 1;
        double most = weights + working + ((capacity - weights - working) * share);
        int unit = Unit(winner);
        return new CardMemory(
            weights,
            cache,
            working,
            capacity - weights - working - cache,
            winner.Memory.TotalBytes(winner.Sequences + unit) > most || winner.Memory.SecondBytes(winner.Sequences + unit) > winner.Rates.SecondCapacityBytes)
        {
            Second = winner.Memory.SecondBytes(winner.Sequences),
        };
    }

    /// <summary>What the second memory of a card of a phase holds, prefixes with the cache; null where it holds nothing.</summary>
    public static CardMemory? SecondOf(PhaseWinner winner)
    {
        double held = winner.Memory.SecondBytes(winner.Sequences);
        double capacity = winner.Rates.SecondCapacityBytes;
        return held == 0
            ? null
            : new CardMemory(
                winner.Memory.SecondWeightBytes,
                winner.Memory.SecondBytesPerSequence * winner.Sequences,
                0,
                capacity - held,
                winner.Memory.SecondBytes(winner.Sequences + Unit(winner)) > capacity);
    }

    private static int Unit(PhaseWinner winner) => winner.Shape.Model.Experts is null ? 1 : winner.Layout.RankCards;
}

using FastSim.Search.Jobs;

namespace FastSim.Cli.Planning;

/// <summary>What the memory of a card holds, bytes.</summary>
/// <param name="Weights">Weights.</param>
/// <param name="Cache">Keys and values of the sequences in flight.</param>
/// <param name="Working">Working space; with an engine what it keeps for activations, graphs and itself.</param>
/// <param name="Free">The rest.</param>
/// <param name="IsFull">Whether one more sequence of each micro-batch would not fit what weights and cache may take.</param>
internal readonly record struct CardMemory(double Weights, double Cache, double Working, double Free, bool IsFull)
{
    /// <summary>Of a card of a phase.</summary>
    public static CardMemory Of(PhaseWinner winner)
    {
        double capacity = winner.Rates.CapacityBytes;
        double weights = winner.Memory.WeightBytes;
        double working = winner.Memory.SpaceBytes(winner.Sequences) - weights;
        double cache = winner.Memory.CacheBytesPerSequence * winner.Sequences;
        double share = winner.Shape.Engine?.CacheShare ?? 1;
        double most = weights + working + ((capacity - weights - working) * share);
        int unit = winner.Shape.Model.Experts is null ? 1 : winner.Layout.RankCards;
        return new CardMemory(weights, cache, working, capacity - weights - working - cache, winner.Memory.TotalBytes(winner.Sequences + unit) > most);
    }
}

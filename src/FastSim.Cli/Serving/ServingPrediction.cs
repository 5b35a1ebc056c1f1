using FastSim.Kernels.Memory;
using FastSim.Kernels.Plans;

namespace FastSim.Cli.Serving;

/// <summary>What is predicted of a row, or why nothing is.</summary>
/// <param name="Figures">The figures.</param>
/// <param name="Memory">What a decoding card holds.</param>
/// <param name="Layout">Layout of a decoding instance, as read.</param>
/// <param name="Precision">Data types, as read.</param>
/// <param name="Cards">Cards of all instances.</param>
/// <param name="Batch">Clients of a decoding rank.</param>
/// <param name="Notes">What was taken where the row is silent, or otherwise than it says.</param>
/// <param name="HasDefaultedBatch">Whether the batch is not the row's own.</param>
/// <param name="IsBeyondTraining">Whether it has operators that the efficiency model was not trained among.</param>
/// <param name="Uncovered">Why nothing is predicted; null when something is.</param>
internal readonly record struct ServingPrediction(
    ServingFigures Figures,
    PredictedMemory Memory,
    ServingLayout? Layout,
    ServingPrecision? Precision,
    int Cards,
    double Batch,
    string Notes,
    bool HasDefaultedBatch,
    bool IsBeyondTraining,
    string? Uncovered)
{
    /// <summary>Where the time per output token lies four times of five.</summary>
    public PerTokenInterval Interval { get; init; }

    /// <summary>A row that is not covered.</summary>
    public static ServingPrediction Refused(string reason) => new(default, default, null, null, 0, double.NaN, "", false, false, reason);
}

/// <summary>What a card holds, bytes, in a prediction: see <see cref="ServingMemory"/>.</summary>
/// <param name="CapacityBytes">Memory of the card.</param>
/// <param name="WeightBytes">Weights.</param>
/// <param name="ReserveBytes">The engine's own.</param>
/// <param name="CacheBytes">Room for the cache.</param>
/// <param name="CacheBytesPerToken">Cache of a token.</param>
internal readonly record struct PredictedMemory(double CapacityBytes, double WeightBytes, double ReserveBytes, double CacheBytes, double CacheBytesPerToken)
{
    /// <summary>That of an instance.</summary>
    public static PredictedMemory Of(ServingMemory memory) => new(memory.CapacityBytes, memory.WeightBytes, memory.ReserveBytes, memory.CacheBytes, memory.CacheBytesPerToken);
}

namespace FastSim.Kernels.Chips;

/// <summary>What a chip is, before a job picks its data types.</summary>
/// <param name="Name">The chip's name as results print it.</param>
/// <param name="Matrix">Matrix units by data type.</param>
/// <param name="Vector">Vector units by data type.</param>
/// <param name="Memory">The first memory tier.</param>
/// <param name="Networks">Network tiers, innermost first; sizes never fall.</param>
/// <param name="Mode">How compute and memory time combine.</param>
/// <param name="CommunicationOverlap">Share of collective time hidden behind compute, 0 to 1 (cost model A5).</param>
/// <param name="StaticLatencySeconds">Latency of every operator; counts in physical accounting (B1.5).</param>
/// <param name="Timings">Timings fitted to measured operators; null where there are none.</param>
/// <param name="Efficiency">A learned efficiency of matrix operators, in place of tables and coefficients; null where those hold.</param>
public sealed record Chip(
    string Name,
    IReadOnlyDictionary<string, ComputeUnit> Matrix,
    IReadOnlyDictionary<string, ComputeUnit> Vector,
    DeviceMemory Memory,
    IReadOnlyList<NetworkTier> Networks,
    ProcessingMode Mode,
    double CommunicationOverlap,
    double StaticLatencySeconds,
    OperatorTimings? Timings = null,
    IEfficiencyModel? Efficiency = null)
{
    /// <summary>What a card costs and draws; null where its file states nothing of it.</summary>
    public ChipEconomics? Economics { get; init; }

    /// <summary>A larger, slower memory; null where there is none.</summary>
    public SecondMemory? SecondMemory { get; init; }

    /// <summary>Dollars of a card and hour, its second memory included; null where the card's price is unknown.</summary>
    public double? DollarsPerHour => Economics?.DollarsPerHour + (SecondMemory?.DollarsPerHour ?? 0);

    /// <summary>How it works beside its peaks, as far as its file says.</summary>
    public ChipStructure Structure { get; init; }

    /// <summary>The units a job computes on, by <see cref="OperatorRate"/>.</summary>
    /// <param name="types">Data types; each must be one of the chip's.</param>
    /// <exception cref="KeyNotFoundException">The chip lacks a data type.</exception>
    public ComputeUnit[] UnitsOf(FlopsTypes types)
    {
        ArgumentNullException.ThrowIfNull(types);
        return [Matrix[types.Matrix], Matrix[types.Attention], Vector[types.Vector]];
    }
}

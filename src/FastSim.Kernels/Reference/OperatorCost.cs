using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Reference;

/// <summary>What one operator of one block costs at a batch (cost model A2). Times in seconds.</summary>
/// <param name="Flops">FLOP.</param>
/// <param name="Bytes">Bytes moved.</param>
/// <param name="ComputeSeconds"><c>flops / rate</c>; 0 for communication, as the sample has it.</param>
/// <param name="MemorySeconds"><c>bytes / HBM rate</c>; with intermediate results in the cache as docs/cost-model.md, "Second-level cache", has it.</param>
/// <param name="StaticLatencySeconds">Latency of a launch (B1.5).</param>
/// <param name="ProcessSeconds">The longer of compute and memory, or their sum without overlap, plus the latency; 0 for communication.</param>
public readonly record struct OperatorCost(
    double Flops,
    double Bytes,
    double ComputeSeconds,
    double MemorySeconds,
    double StaticLatencySeconds,
    double ProcessSeconds)
{
    /// <summary>Whether compute takes longer than memory.</summary>
    public bool IsComputeBound => ComputeSeconds > MemorySeconds;

    /// <summary>Costs one operator.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="index">The operator.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static OperatorCost Of(OperatorTable table, int index, ChipRates rates, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rates);
        ref readonly OperatorIdentity identity = ref table.Identities[index];
        return table.PricedSeconds is { } priced && identity.Engine != OperatorEngine.Network
            ? Priced(table.Flops(index, sequences), table.Bytes(index, sequences), priced[index], identity.Rate, rates)
            : Unpriced(table, index, rates, sequences);
    }

    /// <summary>Costs one operator by the chip's rates, whether launches of its stage were priced or not.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="index">The operator.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    internal static OperatorCost Unpriced(OperatorTable table, int index, ChipRates rates, double sequences)
    {
        ref readonly OperatorIdentity identity = ref table.Identities[index];
        double flops = table.Flops(index, sequences);
        double bytes = table.Bytes(index, sequences);
        double memoryRate = rates.MemoryBytesPerSecond(bytes, identity.ReadsCache);
        double memory = bytes / memoryRate;
        if (identity.Engine == OperatorEngine.Network)
        {
            return new OperatorCost(flops, bytes, 0, memory, 0, 0);
        }

        if (table.Curves is { } curves && curves.Has(index))
        {
            return Learned(flops, bytes, curves.At(index, sequences), identity.Rate, rates);
        }

        if (rates.KeepsActivations && rates.Keeps(table.PassingBytes(index, sequences)))
        {
            memory = rates.CachedSeconds(bytes, table.StoredBytes(index, sequences), memoryRate);
        }

        double flopsPerSecond = rates.FlopsPerSecond(
            identity.Rate,
            flops,
            table.RowsPerSequence[index] * sequences,
            table.Columns[index],
            table.Depths[index]);
        double compute = flops / flopsPerSecond;
        double latency = rates.StaticLatencySeconds;
        double process = rates.ProcessSeconds(compute, memory);
        return new OperatorCost(flops, bytes, compute, memory, latency, process + latency);
    }

    /// <summary>Bytes of an operator that the memory moves: all of them, but for intermediate results that a cache before it holds.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="index">The operator.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static double MemoryBytes(OperatorTable table, int index, ChipRates rates, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rates);
        return rates.KeepsActivations && rates.Keeps(table.PassingBytes(index, sequences)) ? table.StoredBytes(index, sequences) : table.Bytes(index, sequences);
    }

    /// <summary>An operator of a launch that was priced: its roofline at the chip's peaks says what binds it.</summary>
    private static OperatorCost Priced(double flops, double bytes, double seconds, OperatorRate rate, ChipRates rates)
    {
        double compute = flops / rates.PeakFlopsPerSecond(rate);
        double memory = bytes / rates.PeakMemoryBytesPerSecond;
        double longer = Math.Max(compute, memory);
        double slowdown = longer > 0 ? seconds / longer : 0;
        return new OperatorCost(flops, bytes, compute * slowdown, memory * slowdown, 0, seconds);
    }

    /// <summary>An operator whose kernel's time is learned: the roofline at the chip's peaks, longer by the slowdown; launches are in it.</summary>
    private static OperatorCost Learned(double flops, double bytes, double slowdown, OperatorRate rate, ChipRates rates)
    {
        double compute = flops / rates.PeakFlopsPerSecond(rate);
        double memory = bytes / rates.PeakMemoryBytesPerSecond;
        double process = rates.ProcessSeconds(compute, memory) * slowdown;
        return new OperatorCost(flops, bytes, compute * slowdown, memory * slowdown, 0, process);
    }
}

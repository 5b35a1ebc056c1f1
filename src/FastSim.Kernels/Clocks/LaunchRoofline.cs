using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>Times of launches by the roofline: at the chip's efficiencies, and at its peaks where a second-level cache may hold intermediate results. Serves any number of threads.</summary>
/// <param name="rates">The chip.</param>
/// <param name="peakFlopsPerSecond">Its peaks, by <see cref="Chips.OperatorRate"/>.</param>
/// <param name="peakBytesPerSecond">Its memory's.</param>
internal sealed class LaunchRoofline(ChipRates rates, double[] peakFlopsPerSecond, double peakBytesPerSecond)
{
    /// <summary>Microseconds of a launch.</summary>
    /// <param name="table">Its stage.</param>
    /// <param name="launch">The launch.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it works on.</param>
    /// <param name="timesMatrixType">How many times as long as in the type that is stated it computes.</param>
    public double Microseconds(OperatorTable table, in StageLaunch launch, double sequences, double timesMatrixType)
    {
        double seconds = Roofline(launch.Operator);
        seconds += launch.Also < 0 ? 0 : Roofline(launch.Also);
        return seconds * Norms.Microseconds;

        double Roofline(int op)
        {
            OperatorCost cost = OperatorCost.Unpriced(table, op, rates, sequences);
            return timesMatrixType == 1 ? cost.ProcessSeconds : rates.ProcessSeconds(cost.ComputeSeconds * timesMatrixType, cost.MemorySeconds) + cost.StaticLatencySeconds;
        }
    }

    /// <summary>Microseconds at the chip's peaks of a launch whose intermediate results the second-level cache may hold; 0 where no rooflines count on that.</summary>
    /// <param name="table">Its stage.</param>
    /// <param name="launch">The launch.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it works on.</param>
    public double Cached(OperatorTable table, in StageLaunch launch, double sequences)
    {
        if (!rates.KeepsActivations || table.Identities[launch.Operator].ReadsCache)
        {
            return 0;
        }

        (double flops, double bytes, double stored) = Work(launch.Operator);
        double passing = table.PassingBytes(launch.Operator, sequences);
        if (launch.Also >= 0)
        {
            (double also, double alsoBytes, double alsoStored) = Work(launch.Also);
            (flops, bytes, stored) = (flops + also, bytes + alsoBytes, stored + alsoStored);
            passing += table.PassingBytes(launch.Also, sequences);
        }

        double compute = flops / peakFlopsPerSecond[(int)table.Identities[launch.Operator].Rate];
        double memory = rates.Keeps(passing) ? rates.CachedSeconds(bytes, stored, peakBytesPerSecond) : bytes / peakBytesPerSecond;
        return Math.Max(compute, memory) * Norms.Microseconds;

        (double Flops, double Bytes, double Stored) Work(int op) => (table.Flops(op, sequences), table.Bytes(op, sequences), table.StoredBytes(op, sequences));
    }
}

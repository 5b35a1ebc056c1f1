using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Clocks;

/// <summary>
/// Launches whose bounds (<see cref="LeastTime"/>) are sums of a floor and the longer of two affine functions of the batch, added up in few operations: a sweep asks for them at
/// some batches of every plan on every chip. Differs from adding up one by one by rounding alone. Serves any number of threads.
/// </summary>
internal sealed class LeastSums
{
    private readonly Row[] rows;
    private readonly double floorMicroseconds;

    /// <summary>Of launches that have such bounds (<see cref="LeastTime.IsAffine"/>).</summary>
    /// <param name="rows">Their bounds, all repeats.</param>
    public LeastSums(Row[] rows)
    {
        this.rows = rows;
        foreach (ref readonly Row row in rows.AsSpan())
        {
            floorMicroseconds += row.FloorMicroseconds;
        }
    }

    /// <summary>The bound of all of them, microseconds.</summary>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows they work on.</param>
    /// <param name="microsecondsPerFlop">Of a FLOP at the peaks, by <see cref="OperatorRate"/>.</param>
    /// <param name="microsecondsPerByte">Of a byte at the memory's peak.</param>
    public double Microseconds(double sequences, ReadOnlySpan<double> microsecondsPerFlop, double microsecondsPerByte)
    {
        double sum = floorMicroseconds;
        foreach (ref readonly Row row in rows.AsSpan())
        {
            sum += Math.Max(row.Flops.At(sequences) * microsecondsPerFlop[row.Rate], row.Bytes.At(sequences) * microsecondsPerByte);
        }

        return sum;
    }

    /// <summary>A launch, all its repeats; FLOP and bytes as many more as its form says it loses at least.</summary>
    internal readonly record struct Row(double FloorMicroseconds, AffineInBatch Flops, AffineInBatch Bytes, int Rate);
}

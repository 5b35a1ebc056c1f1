using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>Times of passes over activations: a small kernel, and its bytes at the rate that such kernels reach. Serves any number of threads.</summary>
internal sealed class PassTimes
{
    /// <summary>Share of the memory's rate that passes reach.</summary>
    public const double ReachedShare = 0.8;

    private readonly ChipRates rates;

    /// <summary>Takes a small kernel's time from the first clock that knows one.</summary>
    /// <param name="rates">The chip.</param>
    /// <param name="order">Clocks, the first choice first.</param>
    /// <param name="learnedMicroseconds">What a small kernel takes as learned; null where nothing says so.</param>
    /// <param name="fittedMicroseconds">The same as fitted.</param>
    public PassTimes(ChipRates rates, IReadOnlyList<ClockKind> order, double? learnedMicroseconds, double? fittedMicroseconds)
    {
        this.rates = rates;
        foreach (ClockKind kind in order)
        {
            double? floor = kind switch
            {
                ClockKind.Learned => learnedMicroseconds,
                ClockKind.Fitted => fittedMicroseconds,
                _ => null,
            };
            if (floor is not null)
            {
                (KernelMicroseconds, Clock) = (floor, kind);
                return;
            }
        }
    }

    /// <summary>What a small kernel takes; null where no clock says so, and passes have no times of their own.</summary>
    public double? KernelMicroseconds { get; }

    /// <summary>The clock that says so.</summary>
    public ClockKind Clock { get; }

    /// <summary>Whether a small kernel's time goes by its bytes; what keeps a state has kernels that are measured by themselves.</summary>
    /// <param name="identity">The operator.</param>
    public static bool IsPass(in OperatorIdentity identity) =>
        identity.Engine == OperatorEngine.Vector && identity.Kind is not (LaunchKind.ShortConvolution or LaunchKind.Recurrence);

    /// <summary>Microseconds of a pass.</summary>
    /// <param name="table">Its stage.</param>
    /// <param name="launch">The pass.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it works on.</param>
    /// <param name="kernel">What a small kernel takes, microseconds.</param>
    public double Microseconds(OperatorTable table, in StageLaunch launch, double sequences, double kernel)
    {
        double pass = table.Bytes(launch.Operator, sequences) / (rates.PeakMemoryBytesPerSecond * ReachedShare) * Norms.Microseconds;
        return Math.Max(kernel + pass, table.Flops(launch.Operator, sequences) / rates.PeakFlopsPerSecond(OperatorRate.Vector) * Norms.Microseconds);
    }

    /// <summary>What a pass is never faster than; null where passes have no times of their own.</summary>
    /// <param name="holdsForAnyChip">Whether learned times, which are a chip's own, are left out.</param>
    public LaunchBound? Bound(bool holdsForAnyChip) =>
        KernelMicroseconds is { } kernel ? new LaunchBound(holdsForAnyChip && Clock == ClockKind.Learned ? 0 : kernel, 0, 1 / ReachedShare) : null;
}

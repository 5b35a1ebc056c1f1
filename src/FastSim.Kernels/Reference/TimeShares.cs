using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Reference;

/// <summary>What takes most of a stage's time.</summary>
public enum TimeBound
{
    /// <summary>Operators that wait for the compute units.</summary>
    Compute,

    /// <summary>Operators that wait for the memory.</summary>
    MemoryBandwidth,

    /// <summary>Communication that compute does not hide, or is too short to hide.</summary>
    Communication,

    /// <summary>The power cap: the stage is as long as its energy takes at the watts that are left for work.</summary>
    PowerCap,

    /// <summary>A second memory, or the store of prefixes: the stage waits for what it streams from there.</summary>
    SecondMemory,
}

/// <summary>What a stage's time goes to, in seconds.</summary>
/// <param name="ComputeSeconds">Σ process time of the operators bound by compute.</param>
/// <param name="MemorySeconds">Σ process time of the operators bound by memory.</param>
/// <param name="CommunicationSeconds">Exposed communication, and the send to the next stage.</param>
/// <param name="ThrottledSeconds">What a power cap makes the stage longer than these.</param>
/// <param name="WaitSeconds">What the stage waits, beyond the first three, for bytes that a second memory or another place holds.</param>
public readonly record struct TimeShares(
    double ComputeSeconds, double MemorySeconds, double CommunicationSeconds, double ThrottledSeconds = 0, double WaitSeconds = 0)
{
    /// <summary>What takes the most.</summary>
    public TimeBound Bound
    {
        get
        {
            if (ThrottledSeconds > 0)
            {
                return TimeBound.PowerCap;
            }

            if (WaitSeconds > 0)
            {
                return TimeBound.SecondMemory;
            }

            if (CommunicationSeconds > ComputeSeconds && CommunicationSeconds > MemorySeconds)
            {
                return TimeBound.Communication;
            }

            return ComputeSeconds > MemorySeconds ? TimeBound.Compute : TimeBound.MemoryBandwidth;
        }
    }

    /// <summary>All of them.</summary>
    public double Seconds => ComputeSeconds + MemorySeconds + CommunicationSeconds + ThrottledSeconds + WaitSeconds;

    /// <summary>Explains a stage.</summary>
    /// <param name="table">The stage; its exchanges must be reachable.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static TimeShares Of(OperatorTable table, ChipRates rates, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rates);
        double compute = 0;
        double memory = 0;
        double communication = 0;
        double hidden = 0;
        double work = 0;
        for (int op = 0; op < table.Count; op++)
        {
            ref readonly OperatorIdentity identity = ref table.Identities[op];
            if (identity.Engine == OperatorEngine.Network)
            {
                double overlap = identity.Part == StagePart.Pipeline || table.PricedSeconds is not null ? 0 : rates.Chip.CommunicationOverlap;
                double exchange = ExchangeCost.Of(table, op, rates, sequences).Seconds;
                communication += (1 - overlap) * table.Repeats[op] * exchange;
                hidden += overlap * table.Repeats[op] * exchange;
                continue;
            }

            OperatorCost cost = OperatorCost.Of(table, op, rates, sequences);
            double seconds = cost.ProcessSeconds * table.Repeats[op];
            compute += cost.IsComputeBound ? seconds : 0;
            memory += cost.IsComputeBound ? 0 : seconds;
            work += identity.Part == StagePart.Logits ? 0 : seconds;
        }

        StageTime longer = rates.HasPowerCap || StreamTime.Has(table) ? StageTime.Of(table, rates, sequences) : default;
        return new TimeShares(compute, memory, communication + StageTime.Unhideable(hidden, work), longer.ThrottledSeconds, longer.WaitSeconds);
    }
}

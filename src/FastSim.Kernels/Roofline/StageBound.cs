using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// A lower bound of a stage's time on one chip at any batch, in a handful of affine functions: what a <see cref="StageSums"/> says at the
/// chip's rates. It costs a few operations a batch, and evaluates no operator.
/// </summary>
public readonly record struct StageBound
{
    private readonly Group memoryGroup;
    private readonly Group computeGroup;
    private readonly AffineInBatch shown;
    private readonly AffineInBatch exchanged;
    private readonly AffineInBatch send;
    private readonly double activationLog;
    private readonly bool isSum;

    /// <summary>Bounds a stage.</summary>
    /// <param name="sums">Its sums.</param>
    /// <param name="rates">The chip.</param>
    public StageBound(StageSums sums, ChipRates rates)
    {
        ArgumentNullException.ThrowIfNull(sums);
        ArgumentNullException.ThrowIfNull(rates);
        isSum = sums.IsSum;
        activationLog = sums.ActivationLog;
        memoryGroup = GroupOf(sums, 0, rates);
        computeGroup = GroupOf(sums, 1, rates);
        shown = Seconds(sums.Links.Shown, rates) + ((sums.OperatorRuns * rates.StaticLatencySeconds) + sums.FloorSeconds);
        exchanged = Seconds(sums.Links.Exchanged, rates);
        send = Seconds(sums.Links.Send, rates);
    }

    /// <summary>The stage takes at least this long.</summary>
    public double StageSeconds(double sequences) => StageSeconds(sequences, 0);

    /// <summary>The stage and the send to the next take at least this long.</summary>
    public double StepSeconds(double sequences) => StageSeconds(sequences) + send.At(sequences);

    /// <summary>The stage and the send take at least this long with operators that are not among the sums.</summary>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    /// <param name="others">Seconds of those operators at the least.</param>
    internal double StepSeconds(double sequences, double others) => StageSeconds(sequences, others) + send.At(sequences);

    private double StageSeconds(double sequences, double others)
    {
        double activated = memoryGroup.ActivatedSeconds + computeGroup.ActivatedSeconds > 0 ? ReadShare.Of(new Lanes1(activationLog * sequences)).Value : 0;
        double own = memoryGroup.At(sequences, activated, isSum) + computeGroup.At(sequences, activated, isSum) + shown.At(sequences) + others;
        return Math.Max(own, exchanged.At(sequences));
    }

    private static Group GroupOf(StageSums sums, int group, ChipRates rates)
    {
        AffineInBatch compute = 0;
        for (int rate = 0; rate < WorkSums.Rates; rate++)
        {
            compute += sums.Work.Flops(group, rate) * (1 / rates.BaseFlopsPerSecond[rate]);
            compute += sums.Learned.Flops(group, rate) * (rates.FlopsCoefficient((OperatorRate)rate) / rates.BaseFlopsPerSecond[rate]);
        }

        double secondsPerByte = 1 / rates.BaseMemoryBytesPerSecond;
        double atPeak = rates.MemoryCoefficient * secondsPerByte;
        return new Group(
            compute,
            (sums.Work.Bytes(group) * secondsPerByte) + (sums.Learned.Bytes(group) * atPeak),
            (sums.Work.ActivatedBytes(group) * secondsPerByte) + (sums.Learned.ActivatedBytes(group) * atPeak));
    }

    private static AffineInBatch Seconds(ReadOnlySpan<LinkSum> links, ChipRates rates)
    {
        AffineInBatch seconds = 0;
        for (int tier = 0; tier < links.Length; tier++)
        {
            seconds += (links[tier].Bytes * (1 / rates.BaseLinkBytesPerSecond[tier])) + (links[tier].Hops * rates.HopSeconds[tier]);
        }

        return seconds;
    }

    /// <summary>Time of a group of operators, seconds.</summary>
    private readonly record struct Group(AffineInBatch Compute, AffineInBatch Memory, double ActivatedSeconds)
    {
        public double At(double sequences, double activated, bool isSum)
        {
            double compute = Compute.At(sequences);
            double memory = Memory.At(sequences) + (ActivatedSeconds * activated);
            return isSum ? compute + memory : Math.Max(compute, memory);
        }
    }
}

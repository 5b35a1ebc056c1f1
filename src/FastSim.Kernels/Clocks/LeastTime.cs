using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>
/// What a launch is never faster than on any chip, in one row: a bound is asked at many batches of many chips, and reads nothing else of its stage.
/// </summary>
internal readonly struct LeastTime
{
    private const int Network = -1;

    private readonly double floorMicroseconds;
    private readonly double perFlop;
    private readonly double perByte;
    private readonly Work own;
    private readonly Work also;
    private readonly double activationLog;
    private readonly int rate;
    private readonly bool isOfPass;

    /// <summary>Of a launch whose bound is known.</summary>
    /// <param name="table">Its stage.</param>
    /// <param name="launch">The launch.</param>
    public LeastTime(OperatorTable table, in StageLaunch launch)
    {
        ref readonly OperatorIdentity identity = ref table.Identities[launch.Operator];
        if (identity.Engine == OperatorEngine.Network)
        {
            rate = Network;
            return;
        }

        (floorMicroseconds, perFlop, perByte, bool storedAlone) = launch.Bound;
        own = Work.Of(table, launch.Operator, storedAlone);
        also = launch.Also < 0 ? default : Work.Of(table, launch.Also, storedAlone);
        activationLog = table.ActivationLog;
        rate = (int)identity.Rate;
        isOfPass = launch.Way == LaunchWay.Pass && !storedAlone;
    }

    /// <summary>Whether it is an exchange, whose bound is its chip's to say.</summary>
    public bool IsExchange => rate == Network;

    /// <summary>Whether it is a floor and the longer of two affine functions of the batch: no exchange, and no experts, of whom a batch reaches some.</summary>
    public bool IsAffine => !IsExchange && own.ActivatedBytes == 0 && also.ActivatedBytes == 0;

    /// <summary>Whether it is of a pass, all of whose bytes it counts.</summary>
    public bool IsOfPass => isOfPass;

    /// <summary>What a pass's bytes take, microseconds.</summary>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it works on.</param>
    /// <param name="bytesPerSecond">What it reaches of the memory's rate.</param>
    public double PassMicroseconds(double sequences, double bytesPerSecond) =>
        own.Bytes(sequences, activationLog * sequences) / bytesPerSecond * Norms.Microseconds;

    /// <summary>What a pass's FLOP take, microseconds.</summary>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it works on.</param>
    /// <param name="peakFlopsPerSecond">Peaks of the compute units, by <see cref="Chips.OperatorRate"/>.</param>
    public double PassComputeMicroseconds(double sequences, ReadOnlySpan<double> peakFlopsPerSecond) =>
        own.Flops(sequences) / peakFlopsPerSecond[(int)Chips.OperatorRate.Vector] * Norms.Microseconds;

    /// <summary>Whether it computes in the type that is stated for all products.</summary>
    public bool IsOfMatrixType => rate == (int)Chips.OperatorRate.Matrix;

    /// <summary>What all its FLOP take, microseconds.</summary>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it works on.</param>
    /// <param name="peakFlopsPerSecond">Peaks of the compute units, by <see cref="Chips.OperatorRate"/>.</param>
    /// <param name="times">How many times as long as at the peak.</param>
    public double ComputeMicroseconds(double sequences, ReadOnlySpan<double> peakFlopsPerSecond, double times) =>
        (own.Flops(sequences) + also.Flops(sequences)) / peakFlopsPerSecond[rate] * times * Norms.Microseconds;

    /// <summary>It, all its repeats; it is affine.</summary>
    /// <param name="repeats">The repeats.</param>
    public LeastSums.Row Row(double repeats) => new(
        repeats * floorMicroseconds, (own.Computed + also.Computed) * (repeats * perFlop), (own.Moved + also.Moved) * (repeats * perByte), rate);

    /// <summary>The bound, microseconds.</summary>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it works on.</param>
    /// <param name="peakFlopsPerSecond">Peaks of the compute units, by <see cref="Chips.OperatorRate"/>.</param>
    /// <param name="peakBytesPerSecond">Peak of the memory.</param>
    /// <param name="reach">Share of the tokens that reach experts, evenly spread.</param>
    public double Microseconds(double sequences, ReadOnlySpan<double> peakFlopsPerSecond, double peakBytesPerSecond, double reach = EngineClock.LeastReach)
    {
        double flops = own.Flops(sequences) + also.Flops(sequences);
        double reachedLog = activationLog * (reach * sequences);
        double bytes = own.Bytes(sequences, reachedLog) + also.Bytes(sequences, reachedLog);
        double compute = flops * perFlop / peakFlopsPerSecond[rate];
        double memory = bytes * perByte / peakBytesPerSecond;
        return floorMicroseconds + (Math.Max(compute, memory) * Norms.Microseconds);
    }

    /// <summary>FLOP and bytes of an operator; no operator's are 0.</summary>
    private readonly record struct Work(AffineInBatch Computed, AffineInBatch Moved, double ActivatedBytes)
    {
        public static Work Of(OperatorTable table, int op, bool storedAlone) => new(
            new AffineInBatch(table.FlopsConstant[op], table.FlopsPerSequence[op]),
            table.MovedPart(op, storedAlone),
            table.ActivatedBytes[op]);

        public double Flops(double sequences) => Computed.At(sequences);

        public double Bytes(double sequences, double reachedLog) => ActivatedBytes == 0
            ? Moved.At(sequences)
            : Math.FusedMultiplyAdd(ActivatedBytes, ReadShare.Of(new Lanes1(reachedLog)).Value, Moved.At(sequences));
    }
}

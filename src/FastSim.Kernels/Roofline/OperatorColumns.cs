using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>What a chunk's operators are asked for one beside another: a column an operator, so that four are asked at once.</summary>
internal sealed class OperatorColumns
{
    /// <summary>Operators that are asked at once.</summary>
    public const int Width = 4;

    /// <summary>From the quantities of some neighbouring operators to those of the next.</summary>
    private const int NextGroup = (int)Quantity.Count * Width;

    private double[] cells = [];
    private double[] times = [];
    private int timesEach;

    /// <summary>A quantity.</summary>
    public enum Quantity
    {
        /// <summary>FLOP of no sequence.</summary>
        FlopsConstant,

        /// <summary>FLOP a sequence.</summary>
        FlopsPerSequence,

        /// <summary>Memory bytes of no sequence.</summary>
        BytesConstant,

        /// <summary>Memory bytes a sequence.</summary>
        BytesPerSequence,

        /// <summary>What its compute time is multiplied by at the most.</summary>
        ComputeInverse,

        /// <summary>What its memory time is multiplied by, on the last step.</summary>
        MemoryFactor,

        /// <summary>Memory bytes that a FLOP is worth, of batches of one chip.</summary>
        BytesPerFlop,

        /// <summary>What its compute efficiency goes by, of no sequence.</summary>
        StepConstant,

        /// <summary>The same a sequence.</summary>
        StepPerSequence,

        /// <summary>From where on a chunk's values are on the step of compute efficiency that the chunk before lay on, or reached first.</summary>
        ComputeFrom,

        /// <summary>Below which they are, so that they reach none before it.</summary>
        ComputeBelow,

        /// <summary>Below which values reach no more than one step before it; of an operator that lay on one step.</summary>
        ComputeNext,

        /// <summary>From where on memory bytes are on the step of the chunk before.</summary>
        MemoryFrom,

        /// <summary>Below which they are.</summary>
        MemoryBelow,

        /// <summary>Quantities.</summary>
        Count,
    }

    /// <summary>Sees to a column for each operator.</summary>
    public void Reserve(int operators)
    {
        int needed = (operators + Width - 1) / Width * NextGroup;
        if (cells.Length < needed)
        {
            cells = new double[needed];
            timesEach = needed / NextGroup * Width;
            times = new double[2 * timesEach];
        }
    }

    /// <summary>Takes an operator of a stage: one of a plain segment as it stays, of any other what does not depend on the chunk.</summary>
    public void Take(StageProgram program, in Segment segment, int op)
    {
        AffineInBatch flops = program.Flops(op);
        AffineInBatch bytes = program.MemoryBytes(op);
        AffineInBatch variable = segment.HasComputeSteps ? segment.StepsByShape ? new AffineInBatch(0, program.ProductRows[op]) : flops : 0;
        (Of(Quantity.FlopsConstant, op), Of(Quantity.FlopsPerSequence, op)) = (flops.Constant, flops.PerSequence);
        (Of(Quantity.BytesConstant, op), Of(Quantity.BytesPerSequence, op)) = (bytes.Constant, bytes.PerSequence);
        (Of(Quantity.ComputeInverse, op), Of(Quantity.MemoryFactor, op)) = (1, 1);
        (Of(Quantity.StepConstant, op), Of(Quantity.StepPerSequence, op)) = (variable.Constant, variable.PerSequence);
        Of(Quantity.ComputeFrom, op) = segment.IsPlain ? double.NegativeInfinity : double.PositiveInfinity;
        (Of(Quantity.ComputeBelow, op), Of(Quantity.ComputeNext, op)) = (double.PositiveInfinity, double.PositiveInfinity);
        (Of(Quantity.MemoryFrom, op), Of(Quantity.MemoryBelow, op)) = (double.NegativeInfinity, double.PositiveInfinity);
    }

    /// <summary>What an operator's compute efficiency goes by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public AffineInBatch Variable(int op) => new(Of(Quantity.StepConstant, op), Of(Quantity.StepPerSequence, op));

    /// <summary>A quantity of an operator.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref double Of(Quantity quantity, int op) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(cells), ((op / Width) * NextGroup) + ((int)quantity * Width) + (op % Width));

    /// <summary>What a chunk reaches beside the steps that are noted, of operators from one on.</summary>
    /// <param name="start">First of them.</param>
    /// <param name="operators">All operators of the stage.</param>
    /// <param name="fewest">Smallest batch of the chunk.</param>
    /// <param name="most">Largest batch.</param>
    /// <param name="hasMemorySteps">Whether the memory's efficiency has steps.</param>
    public Moves Moved(int start, int operators, double fewest, double most, bool hasMemorySteps)
    {
        (Vector256<double> low, Vector256<double> high) = (Vector256.Create(fewest), Vector256.Create(most));
        (ulong hold, ulong enter) = (0, 0);
        int end = Math.Min(operators - start, OperatorBits.Width);
        ref double group = ref Of(default, start);
        for (int op = 0; op < end; op += Width)
        {
            Vector256<double> constant = Some(ref group, Quantity.StepConstant);
            Vector256<double> perSequence = Some(ref group, Quantity.StepPerSequence);
            Vector256<double> largest = Vector256.FusedMultiplyAdd(perSequence, high, constant);
            Vector256<double> reach = Vector256.GreaterThanOrEqual(Vector256.FusedMultiplyAdd(perSequence, low, constant), Some(ref group, Quantity.ComputeFrom));
            Vector256<double> isBelow = Vector256.LessThan(largest, Some(ref group, Quantity.ComputeBelow));
            Vector256<double> isBelowNext = Vector256.LessThan(largest, Some(ref group, Quantity.ComputeNext));
            Vector256<double> holds = reach & isBelow;
            if (hasMemorySteps)
            {
                constant = Some(ref group, Quantity.BytesConstant);
                perSequence = Some(ref group, Quantity.BytesPerSequence);
                holds &= Vector256.GreaterThanOrEqual(Vector256.FusedMultiplyAdd(perSequence, low, constant), Some(ref group, Quantity.MemoryFrom))
                    & Vector256.LessThan(Vector256.FusedMultiplyAdd(perSequence, high, constant), Some(ref group, Quantity.MemoryBelow));
            }

            hold |= (ulong)holds.ExtractMostSignificantBits() << op;
            enter |= (ulong)(Vector256.AndNot(isBelowNext, isBelow) & reach).ExtractMostSignificantBits() << op;
            group = ref Unsafe.Add(ref group, NextGroup);
        }

        return new Moves(hold, enter);
    }

    /// <summary>
    /// Says which of compute and memory takes longer at a chunk's ends, and what operators take if they fold: both without overlap, otherwise that which is the longer one at the smallest batch.
    /// </summary>
    /// <param name="mode">How compute and memory time combine.</param>
    /// <param name="start">First of the operators.</param>
    /// <param name="operators">All operators of the stage.</param>
    /// <param name="fewest">Smallest batch of the chunk.</param>
    /// <param name="most">Largest batch.</param>
    /// <returns>A bit an operator for either end: whether compute takes at least as long as memory.</returns>
    public (ulong AtFewest, ulong AtMost) Fold(ProcessingMode mode, int start, int operators, double fewest, double most)
    {
        (Vector256<double> low, Vector256<double> high) = (Vector256.Create(fewest), Vector256.Create(most));
        bool isSum = mode == ProcessingMode.NoOverlap;
        (ulong atFewest, ulong atMost) = (0, 0);
        int end = Math.Min(operators - start, OperatorBits.Width);
        ref double group = ref Of(default, start);
        ref double time = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(times), start);
        for (int op = 0; op < end; op += Width)
        {
            Vector256<double> computeFactor = Some(ref group, Quantity.BytesPerFlop) * Some(ref group, Quantity.ComputeInverse);
            Vector256<double> memoryFactor = Some(ref group, Quantity.MemoryFactor);
            Vector256<double> compute = Some(ref group, Quantity.FlopsConstant) * computeFactor;
            Vector256<double> computeEach = Some(ref group, Quantity.FlopsPerSequence) * computeFactor;
            Vector256<double> memory = Some(ref group, Quantity.BytesConstant) * memoryFactor;
            Vector256<double> memoryEach = Some(ref group, Quantity.BytesPerSequence) * memoryFactor;
            Vector256<double> isCompute = Vector256.GreaterThanOrEqual(
                Vector256.FusedMultiplyAdd(computeEach, low, compute), Vector256.FusedMultiplyAdd(memoryEach, low, memory));
            Vector256<double> isComputeAtMost = Vector256.GreaterThanOrEqual(
                Vector256.FusedMultiplyAdd(computeEach, high, compute), Vector256.FusedMultiplyAdd(memoryEach, high, memory));
            atFewest |= (ulong)isCompute.ExtractMostSignificantBits() << op;
            atMost |= (ulong)isComputeAtMost.ExtractMostSignificantBits() << op;
            (isSum ? compute + memory : Vector256.ConditionalSelect(isCompute, compute, memory)).StoreUnsafe(ref time, (nuint)op);
            (isSum ? computeEach + memoryEach : Vector256.ConditionalSelect(isCompute, computeEach, memoryEach)).StoreUnsafe(ref time, (nuint)(timesEach + op));
            group = ref Unsafe.Add(ref group, NextGroup);
        }

        ulong asked = OperatorBits.Mask(0, end);
        return (atFewest & asked, atMost & asked);
    }

    /// <summary>An operator that does not fold takes nothing that is added to what folds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void LeaveOut(int op)
    {
        ref double time = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(times), op);
        time = 0;
        Unsafe.Add(ref time, timesEach) = 0;
    }

    /// <summary>What the operators of a segment that fold take together, in memory bytes and in their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public AffineInBatch Sum(in Segment segment)
    {
        double sum = 0;
        double sumEach = 0;
        ref double time = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(times), segment.Start);
        ref double end = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(times), segment.End);
        while (Unsafe.IsAddressLessThan(ref time, ref end))
        {
            sum += time;
            sumEach += Unsafe.Add(ref time, timesEach);
            time = ref Unsafe.Add(ref time, 1);
        }

        return new AffineInBatch(sum, sumEach);
    }

    /// <summary>Memory time of an operator on one step, in memory bytes.</summary>
    public AffineInBatch MemoryBytes(int op)
    {
        double factor = Of(Quantity.MemoryFactor, op);
        return new AffineInBatch(Of(Quantity.BytesConstant, op) * factor, Of(Quantity.BytesPerSequence, op) * factor);
    }

    /// <summary>A quantity of neighbouring operators; what stands behind the last has no meaning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Some(ref double group, Quantity quantity) => Vector256.LoadUnsafe(ref group, (nuint)((int)quantity * Width));
}

/// <summary>How a chunk lies beside steps that are noted, a bit an operator.</summary>
/// <param name="Hold">Whether it reaches nothing but the step.</param>
/// <param name="Enter">Whether it reaches the one before, too, and nothing else.</param>
internal readonly record struct Moves(ulong Hold, ulong Enter);

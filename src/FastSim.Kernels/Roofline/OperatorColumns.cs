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
    public static readonly int Width = Vector256<double>.Count;

    private double[] cells = [];
    private int stride;

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

        /// <summary>1 where its compute time is affine over the chunk: on one step, and not learned.</summary>
        IsOneCompute,

        /// <summary>1 where its memory time is: on one step, neither learned nor of experts that only tokens make it read.</summary>
        IsOneMemory,

        /// <summary>What its compute efficiency goes by, of no sequence.</summary>
        StepConstant,

        /// <summary>The same a sequence.</summary>
        StepPerSequence,

        /// <summary>From where on a chunk's values are on the step of compute efficiency that the chunk before lay on.</summary>
        ComputeFrom,

        /// <summary>Below which they are, so that they reach none before it.</summary>
        ComputeBelow,

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
        if (stride < operators + Width)
        {
            stride = operators + Width;
            cells = new double[(int)Quantity.Count * stride];
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
        (Of(Quantity.IsOneCompute, op), Of(Quantity.IsOneMemory, op)) = (1, 1);
        (Of(Quantity.StepConstant, op), Of(Quantity.StepPerSequence, op)) = (variable.Constant, variable.PerSequence);
        Of(Quantity.ComputeFrom, op) = segment.IsPlain ? double.NegativeInfinity : double.PositiveInfinity;
        Of(Quantity.ComputeBelow, op) = double.PositiveInfinity;
        (Of(Quantity.MemoryFrom, op), Of(Quantity.MemoryBelow, op)) = (double.NegativeInfinity, double.PositiveInfinity);
    }

    /// <summary>What an operator's compute efficiency goes by.</summary>
    public AffineInBatch Variable(int op) => new(Of(Quantity.StepConstant, op), Of(Quantity.StepPerSequence, op));

    /// <summary>A quantity of an operator.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref double Of(Quantity quantity, int op) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(cells), ((int)quantity * stride) + op);

    /// <summary>A quantity of an operator and of those after it; what stands behind the last has no meaning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> From(Quantity quantity, int op) => Vector256.LoadUnsafe(ref Of(quantity, op));

    /// <summary>A bit for each of some neighbouring operators: whether a chunk reaches nothing but the steps that the chunk before did. Mostly so, and sooner found out than what it reaches.</summary>
    /// <param name="op">First of them.</param>
    /// <param name="fewest">Smallest batch of the chunk.</param>
    /// <param name="most">Largest batch.</param>
    /// <param name="hasMemorySteps">Whether the memory's efficiency has steps.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint AreStill(int op, double fewest, double most, bool hasMemorySteps)
    {
        (Vector256<double> low, Vector256<double> high) = (Vector256.Create(fewest), Vector256.Create(most));
        Vector256<double> are = Holds(Quantity.StepConstant, Quantity.StepPerSequence, Quantity.ComputeFrom, Quantity.ComputeBelow, op, low, high);
        if (hasMemorySteps)
        {
            are &= Holds(Quantity.BytesConstant, Quantity.BytesPerSequence, Quantity.MemoryFrom, Quantity.MemoryBelow, op, low, high);
        }

        return are.ExtractMostSignificantBits();
    }

    /// <summary>
    /// Times of neighbouring operators as affine functions over the chunk, in memory bytes: the sum without overlap; otherwise the longer of compute and memory, if it is the same at both ends.
    /// A compute time that is not affine may be the shorter one all the same.
    /// </summary>
    /// <param name="mode">How compute and memory time combine.</param>
    /// <param name="first">First of them.</param>
    /// <param name="bytesPerFlop">Memory bytes that a FLOP of theirs is worth.</param>
    /// <param name="fewest">Smallest batch of the chunk.</param>
    /// <param name="most">Largest batch.</param>
    /// <param name="times">Their times.</param>
    /// <returns>A bit for each: whether it is.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Fold(ProcessingMode mode, int first, double bytesPerFlop, double fewest, double most, ref FewTimes times)
    {
        Vector256<double> computeFactor = Vector256.Create(bytesPerFlop) * From(Quantity.ComputeInverse, first);
        Vector256<double> memoryFactor = From(Quantity.MemoryFactor, first);
        Vector256<double> compute = From(Quantity.FlopsConstant, first) * computeFactor;
        Vector256<double> computeEach = From(Quantity.FlopsPerSequence, first) * computeFactor;
        Vector256<double> memory = From(Quantity.BytesConstant, first) * memoryFactor;
        Vector256<double> memoryEach = From(Quantity.BytesPerSequence, first) * memoryFactor;
        Vector256<double> isComputeAffine = Vector256.GreaterThan(From(Quantity.IsOneCompute, first), Vector256<double>.Zero);
        Vector256<double> folds = Vector256.GreaterThan(From(Quantity.IsOneMemory, first), Vector256<double>.Zero);
        if (mode == ProcessingMode.NoOverlap)
        {
            compute += memory;
            computeEach += memoryEach;
            folds &= isComputeAffine;
        }
        else
        {
            (Vector256<double> low, Vector256<double> high) = (Vector256.Create(fewest), Vector256.Create(most));
            Vector256<double> atFewest = Vector256.GreaterThanOrEqual(
                Vector256.FusedMultiplyAdd(computeEach, low, compute), Vector256.FusedMultiplyAdd(memoryEach, low, memory));
            Vector256<double> atMost = Vector256.GreaterThanOrEqual(
                Vector256.FusedMultiplyAdd(computeEach, high, compute), Vector256.FusedMultiplyAdd(memoryEach, high, memory));
            compute = Vector256.ConditionalSelect(atFewest, compute, memory);
            computeEach = Vector256.ConditionalSelect(atFewest, computeEach, memoryEach);
            folds &= ~(atFewest ^ atMost) & (isComputeAffine | ~atFewest);
        }

        compute.StoreUnsafe(ref times[0]);
        computeEach.StoreUnsafe(ref times[Width]);
        return folds.ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<double> Holds(
        Quantity constant, Quantity perSequence, Quantity from, Quantity below, int op, Vector256<double> fewest, Vector256<double> most)
    {
        Vector256<double> atNone = From(constant, op);
        Vector256<double> each = From(perSequence, op);
        return Vector256.GreaterThanOrEqual(Vector256.FusedMultiplyAdd(each, fewest, atNone), From(from, op))
            & Vector256.LessThan(Vector256.FusedMultiplyAdd(each, most, atNone), From(below, op));
    }

    /// <summary>Constants of some operators' times, then what each takes a sequence.</summary>
    [InlineArray(8)]
    public struct FewTimes
    {
        private double first;
    }
}

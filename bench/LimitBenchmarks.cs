using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using BenchmarkDotNet.Attributes;

namespace FastSim.Bench;

/// <summary>
/// What the machine allows: nothing but the two multiply-adds, the product, the maximum and the sum of 21 operators, written out by hand at
/// 512 bits, two vectors interleaved: the yardstick of docs/performance.md, which also says what broadcasts cost it.
/// </summary>
[Config(typeof(ProductConfig))]
[MedianColumn]
public class LimitBenchmarks
{
    private const int Candidates = 4096;
    private const int Chunk = 256;
    private const int Operators = 21;

    private readonly double[] rows = new double[Operators * 4];
    private readonly double[] batches = new double[Chunk];
    private readonly double[] ratios = new double[Chunk];
    private readonly double[] sums = new double[Chunk];

    /// <summary>Fills the operands with ordinary numbers.</summary>
    [GlobalSetup]
    public void Setup()
    {
        for (int index = 0; index < rows.Length; index++)
        {
            rows[index] = index + 1;
        }

        for (int index = 0; index < Chunk; index++)
        {
            batches[index] = index + 1;
            ratios[index] = 0.01;
        }
    }

    /// <summary>The loop.</summary>
    [Benchmark(OperationsPerInvoke = Candidates)]
    public void BareLoop()
    {
        for (int chunk = 0; chunk < Candidates; chunk += Chunk)
        {
            for (int index = 0; index < Chunk; index += 2 * Vector512<double>.Count)
            {
                Sum(index);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Sum(int index)
    {
        ref double batch = ref MemoryMarshal.GetArrayDataReference(batches);
        ref double ratio = ref MemoryMarshal.GetArrayDataReference(ratios);
        ref double sum = ref MemoryMarshal.GetArrayDataReference(sums);
        ref double row = ref MemoryMarshal.GetArrayDataReference(rows);
        nuint low = (nuint)index;
        nuint high = low + (nuint)Vector512<double>.Count;
        Vector512<double> lowBatch = Vector512.LoadUnsafe(ref batch, low);
        Vector512<double> highBatch = Vector512.LoadUnsafe(ref batch, high);
        Vector512<double> lowRatio = Vector512.LoadUnsafe(ref ratio, low);
        Vector512<double> highRatio = Vector512.LoadUnsafe(ref ratio, high);
        Vector512<double> lowSum = Vector512<double>.Zero;
        Vector512<double> highSum = Vector512<double>.Zero;
        for (int op = 0; op < Operators; op++)
        {
            Vector512<double> flops = Vector512.Create(Unsafe.Add(ref row, 1));
            Vector512<double> flopsConstant = Vector512.Create(row);
            Vector512<double> bytes = Vector512.Create(Unsafe.Add(ref row, 3));
            Vector512<double> bytesConstant = Vector512.Create(Unsafe.Add(ref row, 2));
            lowSum += Vector512.MaxNative(
                Vector512.FusedMultiplyAdd(flops, lowBatch, flopsConstant) * lowRatio, Vector512.FusedMultiplyAdd(bytes, lowBatch, bytesConstant));
            highSum += Vector512.MaxNative(
                Vector512.FusedMultiplyAdd(flops, highBatch, flopsConstant) * highRatio, Vector512.FusedMultiplyAdd(bytes, highBatch, bytesConstant));
            row = ref Unsafe.Add(ref row, 4);
        }

        lowSum.StoreUnsafe(ref sum, low);
        highSum.StoreUnsafe(ref sum, high);
    }
}

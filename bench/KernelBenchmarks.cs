using BenchmarkDotNet.Attributes;
using FastSim.Kernels.Hardware;
using FastSim.Kernels.Operators;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Roofline;

namespace FastSim.Bench;

/// <summary>
/// Time per candidate of the golden DeepSeek-V3 decode stage: each lane width, the scalar loop over the same table, and the reference
/// evaluator. 4,096 candidates a run; divide by <c>OperationsPerInvoke</c> is done already.
/// </summary>
[Config(typeof(ProductConfig))]
[MemoryDiagnoser]
[MedianColumn]
public class KernelBenchmarks
{
    private const int Candidates = 4096;

    private readonly OperatorTable table = BenchInputs.DecodeStage();
    private readonly StageProgram program = new();
    private LaneBlock block = new(0, 0);
    private ChipRates rates = BenchInputs.Rates(BenchInputs.FlatChip);

    /// <summary>Whether every unit has a six-row efficiency table.</summary>
    [Params(false, true)]
    public bool Tables { get; set; }

    /// <summary>Prepares the block.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Chip chip = Tables ? BenchInputs.TableChip : BenchInputs.FlatChip;
        rates = BenchInputs.Rates(chip);
        program.Load(table, rates);
        block = new LaneBlock(Candidates, chip.Networks.Count);
        block.SetChip(rates);
        for (int candidate = 0; candidate < Candidates; candidate++)
        {
            block.Sequences[candidate] = candidate + 1;
        }
    }

    /// <summary>512 bits.</summary>
    [Benchmark(OperationsPerInvoke = Candidates)]
    public void Bits512() => RooflineKernel.Evaluate(program, block, Candidates, LaneWidth.Bits512);

    /// <summary>256 bits.</summary>
    [Benchmark(OperationsPerInvoke = Candidates)]
    public void Bits256() => RooflineKernel.Evaluate(program, block, Candidates, LaneWidth.Bits256);

    /// <summary>128 bits.</summary>
    [Benchmark(OperationsPerInvoke = Candidates)]
    public void Bits128() => RooflineKernel.Evaluate(program, block, Candidates, LaneWidth.Bits128);

    /// <summary>One lane: the scalar loop over the same table.</summary>
    [Benchmark(OperationsPerInvoke = Candidates, Baseline = true)]
    public void Scalar() => RooflineKernel.Evaluate(program, block, Candidates, LaneWidth.Scalar);

    /// <summary>The reference evaluator.</summary>
    [Benchmark(OperationsPerInvoke = Candidates)]
    public double Reference()
    {
        double sum = 0;
        for (int candidate = 0; candidate < Candidates; candidate++)
        {
            sum += StageTime.Of(table, rates, candidate + 1).StepSeconds;
        }

        return sum;
    }
}

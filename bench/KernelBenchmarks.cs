using BenchmarkDotNet.Attributes;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;

namespace FastSim.Bench;

/// <summary>
/// Time per candidate of the golden DeepSeek-V3 decode stage: batches of one chip at each lane width, lanes that are chips of their own, the
/// scalar loop over the same table, and the reference evaluator. 4,096 candidates a run; figures are per candidate.
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
    private LaneBlock chips = new(0, 0);
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
        chips = new LaneBlock(Candidates, chip.Networks.Count);
        chips.SetChip(rates, 0, Candidates);
        for (int candidate = 0; candidate < Candidates; candidate++)
        {
            block.Sequences[candidate] = candidate + 1;
            chips.Sequences[candidate] = candidate + 1;
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

    /// <summary>One lane.</summary>
    [Benchmark(OperationsPerInvoke = Candidates)]
    public void Scalar() => RooflineKernel.Evaluate(program, block, Candidates, LaneWidth.Scalar);

    /// <summary>512 bits, every lane a chip of its own: nothing folds.</summary>
    [Benchmark(OperationsPerInvoke = Candidates)]
    public void ChipsBits512() => RooflineKernel.Evaluate(program, chips, Candidates, LaneWidth.Bits512);

    /// <summary>256 bits, likewise.</summary>
    [Benchmark(OperationsPerInvoke = Candidates)]
    public void ChipsBits256() => RooflineKernel.Evaluate(program, chips, Candidates, LaneWidth.Bits256);

    /// <summary>The scalar loop over the same table: one lane, operator by operator.</summary>
    [Benchmark(OperationsPerInvoke = Candidates, Baseline = true)]
    public void ChipsScalar() => RooflineKernel.Evaluate(program, chips, Candidates, LaneWidth.Scalar);

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

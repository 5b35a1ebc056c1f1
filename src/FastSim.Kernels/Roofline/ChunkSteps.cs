using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// The steps of efficiency tables that the batches of a chunk reach, operator by operator: mostly one, which needs no comparison, of the others two. What an
/// efficiency goes by never falls with the batch, so that the smallest batch says which step is the last, and the largest which is the first.
/// </summary>
internal sealed class ChunkSteps
{
    private Reached[] compute = [];
    private Reached[] memory = [];
    private StageProgram? stage;

    /// <summary>Looks up a chunk.</summary>
    /// <param name="program">The stage.</param>
    /// <param name="fewest">Smallest batch of the chunk.</param>
    /// <param name="most">Largest batch.</param>
    public void Load(StageProgram program, double fewest, double most)
    {
        stage = program;
        if (compute.Length < program.Operators)
        {
            compute = new Reached[program.Operators];
            memory = new Reached[program.Operators];
        }

        for (StagePart part = StagePart.Attention; part <= StagePart.Logits; part++)
        {
            foreach (ref readonly Segment segment in program.SegmentsOf(part))
            {
                for (int op = segment.Start; op < segment.End && !segment.IsPlain; op++)
                {
                    AffineInBatch rows = segment.StepsByShape ? new AffineInBatch(0, program.ProductRows[op]) : program.Flops(op);
                    compute[op] = segment.HasComputeSteps ? Reach(program.Steps(op), rows, fewest, most) : default;
                    memory[op] = !segment.HasMemorySteps ? default
                        : program.ActivatedBytes[op] == 0 ? Reach(program.MemorySteps, program.MemoryBytes(op), fewest, most)
                        : new Reached(0, program.MemorySteps.Length);
                }
            }
        }
    }

    /// <summary>Steps of an operator's compute efficiency that the chunk reaches.</summary>
    public ReadOnlySpan<EfficiencyStep> Compute(int op) => stage!.Steps(op).Slice(compute[op].First, compute[op].Count);

    /// <summary>Steps of the memory's efficiency that an operator reaches in the chunk.</summary>
    public ReadOnlySpan<EfficiencyStep> Memory(int op) => stage!.MemorySteps.Slice(memory[op].First, memory[op].Count);

    /// <summary>Whether an operator's compute and memory time are affine over the chunk: each table on one step, every expert read.</summary>
    /// <param name="segment">The operator's segment.</param>
    /// <param name="op">The operator.</param>
    /// <param name="computeInverse">What its compute time is multiplied by.</param>
    /// <param name="memoryFactor">What its memory time is multiplied by.</param>
    public bool IsUniform(in Segment segment, int op, out double computeInverse, out double memoryFactor)
    {
        (computeInverse, memoryFactor) = (1, 1);
        if (segment.IsPlain)
        {
            return true;
        }

        if (stage!.IsLearned(op) || stage.ActivatedBytes[op] != 0 || compute[op].Count > 1 || memory[op].Count > 1)
        {
            return false;
        }

        computeInverse = segment.HasComputeSteps ? Compute(op)[0].Inverse : 1;
        memoryFactor = segment.HasMemorySteps ? Memory(op)[0].Inverse * stage.CacheScales[op] : 1;
        return true;
    }

    private static Reached Reach(ReadOnlySpan<EfficiencyStep> steps, AffineInBatch variable, double fewest, double most)
    {
        // Thresholds of shapes need not fall: the first that the largest batch reaches may lie behind others that it does not.
        int first = First(steps, Math.FusedMultiplyAdd(variable.PerSequence, most, variable.Constant));
        int last = First(steps, Math.FusedMultiplyAdd(variable.PerSequence, fewest, variable.Constant));
        return new Reached(first, last + 1 - first);
    }

    /// <summary>The first step that a value reaches.</summary>
    private static int First(ReadOnlySpan<EfficiencyStep> steps, double value)
    {
        int step = 0;
        while (value < steps[step].Threshold)
        {
            step++;
        }

        return step;
    }

    private readonly record struct Reached(int First, int Count);
}

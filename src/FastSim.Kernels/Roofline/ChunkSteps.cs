using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// The steps of efficiency tables that the batches of a chunk reach, operator by operator: mostly one, which needs no comparison, of the others two. What an
/// efficiency goes by never falls with the batch, so that the smallest batch says which step is the last, and the largest which is the first.
/// </summary>
internal sealed class ChunkSteps(int mostCandidates)
{
    /// <summary>From one operator's factors to the next operator's.</summary>
    public const int NextFactors = 2 * LaneWidths.Copies;

    /// <summary>By which a row of times is longer than a chunk, so that rows lie in other sets of the cache than the ones before.</summary>
    private const int TimesSkew = 5 * LaneWidths.Copies;

    private static readonly Choice Plain = new() { ComputeInverse = 1, MemoryFactor = 1, IsOneCompute = true, IsOneMemory = true };

    private Choice[] choices = [];
    private double[] factors = [];
    private int firstFactor;
    private double[] times = [];
    private int firstTime;
    private int[] endsOfRuns = [];
    private StageProgram? stage;
    private int loads;

    /// <summary>Looks up a chunk.</summary>
    /// <param name="program">The stage.</param>
    /// <param name="fewest">Smallest batch of the chunk.</param>
    /// <param name="most">Largest batch.</param>
    public void Load(StageProgram program, double fewest, double most)
    {
        bool isSame = stage == program && loads == program.Loads;
        (stage, loads) = (program, program.Loads);
        if (choices.Length < program.Operators)
        {
            choices = new Choice[program.Operators];
            isSame = false;
            (factors, firstFactor) = AlignedCells.Of(program.Operators * NextFactors);
        }

        if (!isSame)
        {
            Array.Fill(factors, 1);
        }

        for (StagePart part = StagePart.Attention; part <= StagePart.Logits && program.HasSteps; part++)
        {
            foreach (ref readonly Segment segment in program.SegmentsOf(part))
            {
                for (int op = segment.Start; op < segment.End && !segment.IsPlain; op++)
                {
                    ref Choice choice = ref choices[op];
                    if (!isSame || !choice.IsUniform || !IsStill(program, segment, op, fewest, most, choice))
                    {
                        Choose(program, segment, op, fewest, most, ref choice);
                    }
                }
            }
        }
    }

    /// <summary>Steps of an operator's compute efficiency that the chunk reaches.</summary>
    public ReadOnlySpan<EfficiencyStep> Compute(int op) => stage!.Steps(op)[choices[op].FirstCompute..(choices[op].LastCompute + 1)];

    /// <summary>Steps of the memory's efficiency that an operator reaches in the chunk.</summary>
    public ReadOnlySpan<EfficiencyStep> Memory(int op) => stage!.MemorySteps[choices[op].FirstMemory..(choices[op].LastMemory + 1)];

    /// <summary>
    /// What compute times are multiplied by from an operator on, then memory times, each side by side as often as the widest lanes load it; they hold where an operator lies on one step of its tables.
    /// </summary>
    public ref double Factors(int op) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(factors), firstFactor + (op * NextFactors));

    /// <summary>From one row of times to the next.</summary>
    public int TimesStride { get; private set; }

    /// <summary>Times of operators that reach several steps, a row each, in the program's order.</summary>
    public ref double Times(int row) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(times), firstTime + (row * TimesStride));

    /// <summary>Where neighbouring operators that lie on one step each end, segment after segment, from the start and from behind each operator that reaches several.</summary>
    public ref int EndsOfRuns => ref MemoryMarshal.GetArrayDataReference(endsOfRuns);

    /// <summary>Sees to room for times of every operator of a stage.</summary>
    public void ReserveTimes(StageProgram program)
    {
        int stride = Math.Min(program.ChunkCandidates, mostCandidates + LaneWidths.Copies - (mostCandidates % LaneWidths.Copies)) + TimesSkew;
        if (times.Length < (program.Operators * stride) + LaneWidths.Copies)
        {
            (times, firstTime) = AlignedCells.Of(program.Operators * stride);
        }

        if (endsOfRuns.Length <= 2 * program.Operators)
        {
            endsOfRuns = new int[(2 * program.Operators) + 1];
        }

        TimesStride = stride;
    }

    /// <summary>One past the last of neighbouring operators of a segment, each of which lies on one step of its tables; the first where that one does not.</summary>
    public int EndOfUniform(in Segment segment, int first)
    {
        int op = first;
        while (op < segment.End && (segment.IsPlain || choices[op].IsUniform))
        {
            op++;
        }

        return op;
    }

    /// <summary>What an operator reaches in the chunk.</summary>
    public ref readonly Choice Of(in Segment segment, int op) => ref segment.IsPlain ? ref Plain : ref choices[op];

    /// <summary>Whether a chunk reaches nothing but the steps that the chunk before it did: mostly so, and sooner found out than what it reaches.</summary>
    private static bool IsStill(StageProgram program, in Segment segment, int op, double fewest, double most, in Choice choice) =>
        (!segment.HasComputeSteps || choice.Compute.Holds(Variable(program, segment, op), fewest, most))
        && (!segment.HasMemorySteps || choice.Memory.Holds(program.MemoryBytes(op), fewest, most));

    /// <summary>What an operator's compute efficiency goes by.</summary>
    private static AffineInBatch Variable(StageProgram program, in Segment segment, int op) =>
        segment.StepsByShape ? new AffineInBatch(0, program.ProductRows[op]) : program.Flops(op);

    private void Choose(StageProgram program, in Segment segment, int op, double fewest, double most, ref Choice choice)
    {
        bool isAffine = !program.IsLearned(op) && program.ActivatedBytes[op] == 0;
        choice.ComputeInverse = 1;
        choice.MemoryFactor = 1;
        choice.IsOneCompute = isAffine;
        choice.IsOneMemory = isAffine;
        if (segment.HasComputeSteps)
        {
            ReadOnlySpan<EfficiencyStep> steps = program.Steps(op);
            Reach(steps, Variable(program, segment, op), fewest, most, out int first, out int last);
            (choice.FirstCompute, choice.LastCompute) = (first, last);
            choice.Compute = new StepEnds(steps, last);
            choice.IsOneCompute &= first == last;
            choice.ComputeInverse = steps[last].Inverse;
            for (; first < last; first++)
            {
                choice.ComputeInverse = Math.Max(choice.ComputeInverse, steps[first].Inverse);
            }
        }

        if (segment.HasMemorySteps)
        {
            // What experts read grows by a share that is rounded otherwise than a line: all steps.
            ReadOnlySpan<EfficiencyStep> steps = program.MemorySteps;
            (int first, int last) = (0, steps.Length - 1);
            if (program.ActivatedBytes[op] == 0)
            {
                Reach(steps, program.MemoryBytes(op), fewest, most, out first, out last);
            }

            (choice.FirstMemory, choice.LastMemory) = (first, last);
            choice.Memory = new StepEnds(steps, last);
            choice.IsOneMemory &= first == last;
            choice.MemoryFactor = steps[last].Inverse * program.CacheScales[op];
        }

        ref double factor = ref Factors(op);
        Vector512.Create(choice.ComputeInverse).StoreUnsafe(ref factor);
        Vector512.Create(choice.MemoryFactor).StoreUnsafe(ref factor, LaneWidths.Copies);
    }

    /// <summary>The first and the last step that values of a chunk reach.</summary>
    private static void Reach(ReadOnlySpan<EfficiencyStep> steps, AffineInBatch variable, double fewest, double most, out int first, out int last)
    {
        (double lowest, double highest) = (variable.At(fewest), variable.At(most));
        first = 0;
        while (highest < steps[first].Threshold)
        {
            first++;
        }

        last = first;
        while (lowest < steps[last].Threshold)
        {
            last++;
        }
    }

    /// <summary>From where on values are on a step, and below which they must be so that they reach none before it.</summary>
    internal readonly struct StepEnds
    {
        private readonly double from;
        private readonly double below = double.PositiveInfinity;

        /// <summary>Ends of a step.</summary>
        /// <param name="steps">Steps of a table; those of shapes come in any order.</param>
        /// <param name="step">The step.</param>
        public StepEnds(ReadOnlySpan<EfficiencyStep> steps, int step)
        {
            from = steps[step].Threshold;
            foreach (ref readonly EfficiencyStep before in steps[..step])
            {
                below = Math.Min(below, before.Threshold);
            }
        }

        /// <summary>Whether all values of a chunk are on the step.</summary>
        public bool Holds(AffineInBatch variable, double fewest, double most) => variable.At(fewest) >= from && variable.At(most) < below;
    }

    /// <summary>What an operator reaches in a chunk. It is filled in its place.</summary>
    internal struct Choice
    {
        /// <summary>First step of its compute efficiency.</summary>
        public int FirstCompute;

        /// <summary>Last of them.</summary>
        public int LastCompute;

        /// <summary>First step of the memory's efficiency.</summary>
        public int FirstMemory;

        /// <summary>Last of them.</summary>
        public int LastMemory;

        /// <summary>Ends of the last step of its compute efficiency.</summary>
        public StepEnds Compute;

        /// <summary>Ends of the last step of the memory's.</summary>
        public StepEnds Memory;

        /// <summary>What its compute time is multiplied by at the most.</summary>
        public double ComputeInverse;

        /// <summary>What its memory time is multiplied by, on the last step.</summary>
        public double MemoryFactor;

        /// <summary>Whether its compute time is affine over the chunk: on one step, and not learned.</summary>
        public bool IsOneCompute;

        /// <summary>Whether its memory time is: on one step, neither learned nor of experts that only tokens make it read.</summary>
        public bool IsOneMemory;

        /// <summary>Whether both are.</summary>
        public readonly bool IsUniform => IsOneCompute && IsOneMemory;
    }
}

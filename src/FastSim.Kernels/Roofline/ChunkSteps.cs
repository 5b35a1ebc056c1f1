using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;
using static FastSim.Kernels.Roofline.OperatorColumns;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// The steps of efficiency tables that the batches of a chunk reach, operator by operator: mostly one, which needs no comparison, of the others two. What an
/// efficiency goes by never falls with the batch, so that the smallest batch says which step is the last, and the largest which is the first.
/// </summary>
/// <param name="mostCandidates">Candidates that the block holds at most.</param>
internal sealed class ChunkSteps(int mostCandidates)
{
    /// <summary>From one operator's factors to the next operator's.</summary>
    public const int NextFactors = 2 * LaneWidths.Copies;

    /// <summary>By which a row of times is longer than a chunk, so that rows lie in other sets of the cache than the ones before.</summary>
    private const int TimesSkew = 5 * LaneWidths.Copies;

    private Choice[] choices = [];
    private int[] segmentOf = [];
    private double[] factors = [];
    private int firstFactor;
    private double[] times = [];
    private int firstTime;
    private int[] endsOfRuns = [];
    private StageProgram? stage;
    private int loads;

    /// <summary>The same and more, an operator beside another.</summary>
    public OperatorColumns Columns { get; } = new();

    /// <summary>Looks up a chunk.</summary>
    /// <param name="program">The stage.</param>
    /// <param name="fewest">Smallest batch of the chunk.</param>
    /// <param name="most">Largest batch.</param>
    public void Load(StageProgram program, double fewest, double most)
    {
        if (stage != program || loads != program.Loads)
        {
            (stage, loads) = (program, program.Loads);
            Take(program);
        }

        for (int first = 0; first < program.Operators && program.HasSteps; first += Width)
        {
            uint asked = (1u << Math.Min(Width, program.Operators - first)) - 1;
            uint changed = asked & ~Columns.AreStill(first, fewest, most, program.HasMemorySteps);
            for (; changed != 0; changed &= changed - 1)
            {
                int op = first + BitOperations.TrailingZeroCount(changed);
                Choose(program, program.Segments[segmentOf[op]], op, fewest, most);
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
        while (op < segment.End && choices[op].IsUniform)
        {
            op++;
        }

        return op;
    }

    /// <summary>Whether an operator lies on one step of its tables, neither learned nor of experts that only tokens make it read.</summary>
    public bool IsUniform(int op) => choices[op].IsUniform;

    /// <summary>Takes a stage: operators of plain segments stay as they are here, of others the first chunk finds out.</summary>
    private void Take(StageProgram program)
    {
        if (choices.Length < program.Operators)
        {
            choices = new Choice[program.Operators];
            segmentOf = new int[program.Operators];
            (factors, firstFactor) = AlignedCells.Of(program.Operators * NextFactors);
            Columns.Reserve(program.Operators);
        }

        Array.Fill(factors, 1);
        for (int index = 0; index < program.Segments.Length; index++)
        {
            ref readonly Segment segment = ref program.Segments[index];
            for (int op = segment.Start; op < segment.End; op++)
            {
                segmentOf[op] = index;
                choices[op] = new Choice { IsUniform = true };
                Columns.Take(program, segment, op);
            }
        }
    }

    private void Choose(StageProgram program, in Segment segment, int op, double fewest, double most)
    {
        ref Choice choice = ref choices[op];
        bool isAffine = !program.IsLearned(op) && program.ActivatedBytes[op] == 0;
        bool isOneCompute = isAffine;
        bool isOneMemory = isAffine;
        double computeInverse = 1;
        double memoryFactor = 1;
        (double computeFrom, double computeBelow) = (double.NegativeInfinity, double.PositiveInfinity);
        (double memoryFrom, double memoryBelow) = (double.NegativeInfinity, double.PositiveInfinity);
        if (segment.HasComputeSteps)
        {
            ReadOnlySpan<EfficiencyStep> steps = program.Steps(op);
            Reach(steps, Columns.Variable(op), fewest, most, out int first, out int last, out computeBelow);
            (choice.FirstCompute, choice.LastCompute) = (first, last);
            isOneCompute &= first == last;
            computeFrom = steps[last].Threshold;
            computeInverse = steps[last].Inverse;
            for (; first < last; first++)
            {
                computeInverse = Math.Max(computeInverse, steps[first].Inverse);
            }
        }

        if (segment.HasMemorySteps)
        {
            // What experts read grows by a share that is rounded otherwise than a line: all steps.
            ReadOnlySpan<EfficiencyStep> steps = program.MemorySteps;
            (int first, int last) = (0, steps.Length - 1);
            if (program.ActivatedBytes[op] == 0)
            {
                Reach(steps, program.MemoryBytes(op), fewest, most, out first, out last, out memoryBelow);
            }

            (choice.FirstMemory, choice.LastMemory) = (first, last);
            isOneMemory &= first == last;
            memoryFrom = steps[last].Threshold;
            memoryFactor = steps[last].Inverse * program.CacheScales[op];
        }

        choice.IsUniform = isOneCompute && isOneMemory;
        Columns.Of(Quantity.ComputeInverse, op) = computeInverse;
        Columns.Of(Quantity.MemoryFactor, op) = memoryFactor;
        Columns.Of(Quantity.IsOneCompute, op) = isOneCompute ? 1 : 0;
        Columns.Of(Quantity.IsOneMemory, op) = isOneMemory ? 1 : 0;
        Columns.Of(Quantity.ComputeFrom, op) = choice.IsUniform ? computeFrom : double.PositiveInfinity;
        Columns.Of(Quantity.ComputeBelow, op) = computeBelow;
        Columns.Of(Quantity.MemoryFrom, op) = memoryFrom;
        Columns.Of(Quantity.MemoryBelow, op) = memoryBelow;
        ref double factor = ref Factors(op);
        Vector512.Create(computeInverse).StoreUnsafe(ref factor);
        Vector512.Create(memoryFactor).StoreUnsafe(ref factor, LaneWidths.Copies);
    }

    /// <summary>The first and the last step that values of a chunk reach, and below what values must be so that they reach none before the last.</summary>
    private static void Reach(
        ReadOnlySpan<EfficiencyStep> steps, AffineInBatch variable, double fewest, double most, out int first, out int last, out double below)
    {
        (double lowest, double highest) = (variable.At(fewest), variable.At(most));
        below = double.PositiveInfinity;
        first = 0;
        while (highest < steps[first].Threshold)
        {
            below = double.MinNative(below, steps[first].Threshold);
            first++;
        }

        last = first;
        while (lowest < steps[last].Threshold)
        {
            below = double.MinNative(below, steps[last].Threshold);
            last++;
        }
    }

    /// <summary>What an operator reaches in a chunk. It is filled in its place.</summary>
    private struct Choice
    {
        /// <summary>First step of its compute efficiency.</summary>
        public int FirstCompute;

        /// <summary>Last of them.</summary>
        public int LastCompute;

        /// <summary>First step of the memory's efficiency.</summary>
        public int FirstMemory;

        /// <summary>Last of them.</summary>
        public int LastMemory;

        /// <summary>Whether its times are affine over the chunk.</summary>
        public bool IsUniform;
    }
}

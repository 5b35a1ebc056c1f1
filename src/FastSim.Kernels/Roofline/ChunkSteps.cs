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
    private ulong[] changed = [];
    private ulong[] areOneCompute = [];
    private ulong[] areOneMemory = [];
    private ulong[] goByThresholds = [];
    private ulong[] areCrossing = [];
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

        for (int word = 0; word < changed.Length && program.HasSteps; word++)
        {
            int start = word * OperatorBits.Width;
            Moves moves = Columns.Moved(start, program.Operators, fewest, most, program.HasMemorySteps);
            ulong settle = areCrossing[word] & moves.Hold;
            ulong enter = goByThresholds[word] & ~areCrossing[word] & moves.Enter;
            ulong others = ~(moves.Hold | enter) | (areCrossing[word] & ~settle);
            others &= OperatorBits.Mask(0, program.Operators - start);
            changed[word] = settle | enter | others;
            areCrossing[word] = (areCrossing[word] | enter) & ~settle;
            areOneCompute[word] = (areOneCompute[word] | settle) & ~enter;
            for (; settle != 0; settle &= settle - 1)
            {
                Settle(program, start + BitOperations.TrailingZeroCount(settle));
            }

            for (; enter != 0; enter &= enter - 1)
            {
                Enter(program, start + BitOperations.TrailingZeroCount(enter));
            }

            for (; others != 0; others &= others - 1)
            {
                int op = start + BitOperations.TrailingZeroCount(others);
                Choose(program, program.Segments[segmentOf[op]], op, fewest, most);
            }
        }
    }

    /// <summary>A bit an operator, many operators from one on: whether it reaches other steps than in the chunk before, or did.</summary>
    public ulong Changed(int word) => changed[word];

    /// <summary>Likewise whether its compute time is affine over the chunk: on one step, and not learned.</summary>
    public ulong AreOneCompute(int word) => areOneCompute[word];

    /// <summary>Likewise whether its memory time is: on one step, neither learned nor of experts that only tokens make it read.</summary>
    public ulong AreOneMemory(int word) => areOneMemory[word];

    /// <summary>Whether an operator's memory time is.</summary>
    public bool IsOneMemory(int op) => OperatorBits.Has(areOneMemory, op);

    /// <summary>Whether an operator that goes by the FLOP alone reaches two steps of its compute efficiency.</summary>
    public bool IsCrossing(int op) => OperatorBits.Has(areCrossing, op);

    /// <summary>Steps of an operator's compute efficiency that the chunk reaches.</summary>
    public ReadOnlySpan<EfficiencyStep> Compute(int op)
    {
        ref readonly Choice choice = ref choices[op];
        return stage!.Steps(op).Slice(choice.FirstCompute, choice.LastCompute + 1 - choice.FirstCompute);
    }

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
            int words = OperatorBits.WordsOf(program.Operators);
            (changed, areOneCompute, areOneMemory) = (new ulong[words], new ulong[words], new ulong[words]);
            (goByThresholds, areCrossing) = (new ulong[words], new ulong[words]);
        }

        Array.Fill(factors, 1);
        Array.Clear(changed);
        Array.Clear(areCrossing);
        Array.Fill(areOneCompute, ulong.MaxValue);
        Array.Fill(areOneMemory, ulong.MaxValue);
        for (int index = 0; index < program.Segments.Length; index++)
        {
            ref readonly Segment segment = ref program.Segments[index];
            for (int op = segment.Start; op < segment.End; op++)
            {
                segmentOf[op] = index;
                choices[op] = new Choice { IsUniform = true };
                Columns.Take(program, segment, op);
                OperatorBits.Set(goByThresholds, op, segment.HasComputeSteps && segment.StepsFall && !segment.StepsByShape && !segment.HasMemorySteps && IsAffine(program, op));
            }
        }
    }

    /// <summary>Whether nothing but steps keeps an operator's times from being affine: it is neither learned nor of experts that only tokens make it read.</summary>
    private static bool IsAffine(StageProgram program, int op) => !program.IsLearned(op) && program.ActivatedBytes[op] == 0;

    /// <summary>An operator that goes by thresholds alone has crossed one: it lies on the step behind.</summary>
    private void Settle(StageProgram program, int op)
    {
        ref Choice choice = ref choices[op];
        ref EfficiencyStep steps = ref MemoryMarshal.GetReference(program.Steps(op));
        int step = choice.FirstCompute;
        choice.LastCompute = step;
        choice.IsUniform = true;
        Columns.Of(Quantity.ComputeInverse, op) = Unsafe.Add(ref steps, step).Inverse;
        Columns.Of(Quantity.ComputeNext, op) = Before(ref steps, step - 1);
        Vector512.Create(Unsafe.Add(ref steps, step).Inverse).StoreUnsafe(ref Factors(op));
    }

    /// <summary>An operator that goes by thresholds alone and lay on one step reaches the one before, too.</summary>
    private void Enter(StageProgram program, int op)
    {
        ref Choice choice = ref choices[op];
        ref EfficiencyStep steps = ref MemoryMarshal.GetReference(program.Steps(op));
        int step = choice.LastCompute - 1;
        choice.FirstCompute = step;
        choice.IsUniform = false;
        Columns.Of(Quantity.ComputeInverse, op) = double.MaxNative(Unsafe.Add(ref steps, step).Inverse, Unsafe.Add(ref steps, step + 1).Inverse);
        Columns.Of(Quantity.ComputeFrom, op) = Unsafe.Add(ref steps, step).Threshold;
        Columns.Of(Quantity.ComputeBelow, op) = Before(ref steps, step);
    }

    /// <summary>The threshold of the step before one, infinity where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Before(ref EfficiencyStep steps, int step) => step > 0 ? Unsafe.Add(ref steps, step - 1).Threshold : double.PositiveInfinity;

    private void Choose(StageProgram program, in Segment segment, int op, double fewest, double most)
    {
        ref Choice choice = ref choices[op];
        bool readsIfReached = program.ActivatedBytes[op] != 0;
        bool isAffine = IsAffine(program, op);
        bool isOneCompute = isAffine;
        bool isOneMemory = isAffine;
        ref double factor = ref Factors(op);
        double computeFrom = double.NegativeInfinity;
        if (segment.HasComputeSteps)
        {
            ref EfficiencyStep steps = ref MemoryMarshal.GetReference(program.Steps(op));
            (choice.FirstCompute, choice.LastCompute, computeFrom, double computeBelow) =
                Reach(ref steps, segment.StepsFall, choice.FirstCompute, Columns.Variable(op), fewest, most);
            isOneCompute &= choice.FirstCompute == choice.LastCompute;
            double computeInverse = Unsafe.Add(ref steps, choice.LastCompute).Inverse;
            for (int step = choice.FirstCompute; step < choice.LastCompute; step++)
            {
                computeInverse = double.MaxNative(computeInverse, Unsafe.Add(ref steps, step).Inverse);
            }

            Columns.Of(Quantity.ComputeInverse, op) = computeInverse;
            Columns.Of(Quantity.ComputeBelow, op) = computeBelow;
            Vector512.Create(computeInverse).StoreUnsafe(ref factor);
        }

        if (segment.HasMemorySteps)
        {
            // What experts read grows by a share that is rounded otherwise than a line: all steps.
            ReadOnlySpan<EfficiencyStep> steps = program.MemorySteps;
            (int first, int last, double memoryFrom, double memoryBelow) = !readsIfReached
                ? Reach(ref MemoryMarshal.GetReference(steps), program.MemoryStepsFall, choice.FirstMemory, program.MemoryBytes(op), fewest, most)
                : (0, steps.Length - 1, steps[^1].Threshold, double.PositiveInfinity);
            (choice.FirstMemory, choice.LastMemory) = (first, last);
            isOneMemory &= first == last;
            double memoryFactor = steps[last].Inverse * program.CacheScales[op];
            Columns.Of(Quantity.MemoryFactor, op) = memoryFactor;
            Columns.Of(Quantity.MemoryFrom, op) = memoryFrom;
            Columns.Of(Quantity.MemoryBelow, op) = memoryBelow;
            Vector512.Create(memoryFactor).StoreUnsafe(ref factor, LaneWidths.Copies);
        }

        choice.IsUniform = isOneCompute && isOneMemory;
        OperatorBits.Set(areOneCompute, op, isOneCompute);
        OperatorBits.Set(areOneMemory, op, isOneMemory);
        bool isCrossing = choice.LastCompute == choice.FirstCompute + 1 && OperatorBits.Has(goByThresholds, op);
        OperatorBits.Set(areCrossing, op, isCrossing);
        if (isCrossing)
        {
            // What it will lie on once the threshold is behind.
            ref EfficiencyStep steps = ref MemoryMarshal.GetReference(program.Steps(op));
            computeFrom = Unsafe.Add(ref steps, choice.FirstCompute).Threshold;
            Columns.Of(Quantity.ComputeBelow, op) = Before(ref steps, choice.FirstCompute);
        }
        else if (choice.IsUniform && segment.HasComputeSteps)
        {
            Columns.Of(Quantity.ComputeNext, op) = Before(ref MemoryMarshal.GetReference(program.Steps(op)), choice.LastCompute - 1);
        }

        Columns.Of(Quantity.ComputeFrom, op) = choice.IsUniform || isCrossing ? computeFrom : double.PositiveInfinity;
    }

    /// <summary>
    /// The first and the last step that values of a chunk reach, the last one's threshold, and below what values must be so that they reach none before it. Where thresholds fall the step of the
    /// chunk before is near.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int First, int Last, double From, double Below) Reach(
        ref EfficiencyStep start, bool fall, int near, AffineInBatch variable, double fewest, double most)
    {
        (double lowest, double highest) = (variable.At(fewest), variable.At(most));
        if (!fall)
        {
            return FromStart(ref start, lowest, highest);
        }

        int first = near;
        while (first > 0 && highest >= Unsafe.Add(ref start, first - 1).Threshold)
        {
            first--;
        }

        while (highest < Unsafe.Add(ref start, first).Threshold)
        {
            first++;
        }

        int last = first;
        while (lowest < Unsafe.Add(ref start, last).Threshold)
        {
            last++;
        }

        return (first, last, Unsafe.Add(ref start, last).Threshold, last > 0 ? Unsafe.Add(ref start, last - 1).Threshold : double.PositiveInfinity);
    }

    /// <summary>The same where thresholds do not fall.</summary>
    private static (int First, int Last, double From, double Below) FromStart(ref EfficiencyStep start, double lowest, double highest)
    {
        double below = double.PositiveInfinity;
        int first = 0;
        double threshold = start.Threshold;
        while (highest < threshold)
        {
            below = double.MinNative(below, threshold);
            first++;
            threshold = Unsafe.Add(ref start, first).Threshold;
        }

        int last = first;
        while (lowest < threshold)
        {
            below = double.MinNative(below, threshold);
            last++;
            threshold = Unsafe.Add(ref start, last).Threshold;
        }

        return (first, last, threshold, below);
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

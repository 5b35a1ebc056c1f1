using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Stages;

/// <summary>
/// How many times longer than its roofline each operator of a stage takes, at the points of the grid of batches. Never less than once: the
/// accounting's roofline at the chip's peaks bounds it.
/// </summary>
public sealed class OperatorCurves
{
    private double[] slowdowns = [];
    private bool[] has = [];
    private double[] least = [];
    private double[] leastUpTo = [];
    private double[] fromSeconds = [];
    private double[] toSeconds = [];
    private int points;
    private int room;
    private PricedRates priced;

    /// <summary>Kernels that the stage's operators make; null until they are found.</summary>
    internal List<PricedKernel>? Kernels { get; set; }

    /// <summary>Operators of the kernels, one kernel after another; those that a kernel runs for nothing as their complement.</summary>
    internal List<int> Members { get; } = [];

    /// <summary>Scratch of pricing: launches that are asked for.</summary>
    internal List<(OperatorShape PerSequence, RooflineChip Chip)> Asked { get; } = [];

    /// <summary>Scratch of pricing: their times.</summary>
    internal List<double[]> Answers { get; } = [];

    /// <summary>Whether an operator's time follows a curve.</summary>
    internal bool Has(int op) => has[op];

    /// <summary>The least slowdown of an operator at any batch.</summary>
    internal double Least(int op) => points == 0 ? least[op] : leastUpTo[(op * room) + points - 1];

    /// <summary>Slowdowns of an operator, a point of the grid each; beyond the last the last holds.</summary>
    internal ReadOnlySpan<double> Slowdowns(int op) => slowdowns.AsSpan(op * room, points);

    /// <summary>Slowdown of an operator at a batch; the least where only bounds were taken.</summary>
    internal double At(int op, double sequences) => points == 0 ? least[op] : slowdowns[(op * room) + PointOf(sequences)];

    /// <summary>The point whose slowdowns hold at a batch; -1 where only bounds were taken.</summary>
    internal int PointOf(double sequences) => Math.Min(BatchGrid.IndexOf(sequences), points - 1);

    /// <summary>Whether an operator's slowdown is the same at two points.</summary>
    internal bool AreSame(int op, int point, int other) => points == 0 || slowdowns[(op * room) + point] == slowdowns[(op * room) + other];

    /// <summary>Whether slowdowns of as many points are known at some rates already; then these are as many from now on.</summary>
    internal bool IsPriced(in PricedRates rates, int pointsOfGrid)
    {
        if (priced != rates || room < pointsOfGrid)
        {
            return false;
        }

        points = pointsOfGrid;
        return true;
    }

    /// <summary>Says at what rates the slowdowns are.</summary>
    internal void PricedAt(in PricedRates rates) => priced = rates;

    /// <summary>Takes an operator's slowdowns, a point each.</summary>
    internal void Set(int op, ReadOnlySpan<double> ofPoints)
    {
        ofPoints.CopyTo(slowdowns.AsSpan(op * room));
        Span<double> leasts = leastUpTo.AsSpan(op * room, ofPoints.Length);
        double smallest = double.PositiveInfinity;
        for (int point = 0; point < leasts.Length; point++)
        {
            leasts[point] = smallest = Math.Min(smallest, ofPoints[point]);
        }
    }

    /// <summary>Points whose slowdowns are known; 0 where only bounds were taken.</summary>
    internal int Points => points;

    /// <summary>Seconds of a stage's operators that have curves, all repeats, at the smallest batch that a point's slowdowns hold at.</summary>
    internal double FromSeconds(int point) => fromSeconds[point];

    /// <summary>The same at the next point's batch by this one's slowdowns, what no batch exceeds that they hold at; of no account at the last.</summary>
    internal double ToSeconds(int point) => toSeconds[point];

    /// <summary>Adds a kernel's time to that of the stage.</summary>
    internal void AddSeconds(int point, double from, double to)
    {
        fromSeconds[point] += from;
        toSeconds[point] += to;
    }

    /// <summary>Says of an operator that its kernel runs it for nothing.</summary>
    internal void SetNone(int op)
    {
        slowdowns.AsSpan(op * room, points).Clear();
        leastUpTo.AsSpan(op * room, points).Clear();
    }

    /// <summary>Forgets the stage's kernels: its table is filled anew.</summary>
    internal void Restart() => (Kernels, priced) = (null, default);

    /// <summary>Makes room for a stage of whose operators none has a curve yet.</summary>
    internal void Reserve(int operators)
    {
        if (has.Length < operators)
        {
            has = new bool[operators];
            least = new double[operators];
        }

        Array.Clear(has);
    }

    /// <summary>Makes room for curves of some points.</summary>
    internal void Reserve(int operators, int pointsOfGrid)
    {
        (points, room, priced) = (pointsOfGrid, pointsOfGrid, default);
        if (slowdowns.Length < operators * points)
        {
            slowdowns = new double[operators * points];
            leastUpTo = new double[operators * points];
        }

        if (fromSeconds.Length < points)
        {
            fromSeconds = new double[points];
            toSeconds = new double[points];
        }

        Array.Clear(fromSeconds);
        Array.Clear(toSeconds);
    }

    /// <summary>Says that an operator has a curve.</summary>
    internal void Mark(int op) => has[op] = true;

    /// <summary>Says what an operator's slowdown is not below, where only bounds are taken.</summary>
    internal void Bound(int op, double slowdown) => least[op] = slowdown;
}

/// <summary>All of a chip that learned times and rooflines go by: what differs in links, capacities and calibration alone has the same slowdowns.</summary>
/// <param name="Times">The learned times; null for none.</param>
/// <param name="Mode">Whether compute and memory time add up.</param>
/// <param name="Structure">How it works beside its peaks.</param>
/// <param name="ComputeUnits">Its compute units.</param>
/// <param name="MemoryBytesPerSecond">Peak rate of its memory.</param>
/// <param name="HalfFlopsPerSecond">Peak in 16 bits.</param>
/// <param name="Matrix">Peak of matrix products, FLOP/s.</param>
/// <param name="Attention">Peak of attention.</param>
/// <param name="Vector">Peak of the vector units.</param>
internal readonly record struct PricedRates(
    ILaunchTimes? Times,
    ProcessingMode Mode,
    ChipStructure Structure,
    double ComputeUnits,
    double MemoryBytesPerSecond,
    double HalfFlopsPerSecond,
    double Matrix,
    double Attention,
    double Vector);

/// <summary>Operators that one kernel runs.</summary>
/// <param name="PerSequence">The kernel at one sequence.</param>
/// <param name="Rate">What it computes on.</param>
/// <param name="FirstMember">Its first operator's place among the members.</param>
/// <param name="EndMember">The place after its last.</param>
internal readonly record struct PricedKernel(OperatorShape PerSequence, OperatorRate Rate, int FirstMember, int EndMember);

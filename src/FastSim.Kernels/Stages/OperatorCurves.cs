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
    private int points;

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
    internal double Least(int op) => least[op];

    /// <summary>Slowdowns of an operator, a point of the grid each; beyond the last the last holds.</summary>
    internal Span<double> Slowdowns(int op) => slowdowns.AsSpan(op * points, points);

    /// <summary>Slowdown of an operator at a batch; the least where only bounds were taken.</summary>
    internal double At(int op, double sequences) => points == 0 ? least[op] : slowdowns[(op * points) + Math.Min(BatchGrid.IndexOf(sequences), points - 1)];

    /// <summary>The fewest sequences from which up to a batch an operator's slowdown stays the same.</summary>
    internal double HoldsDownTo(int op, double sequences)
    {
        if (points == 0)
        {
            return double.NegativeInfinity;
        }

        ReadOnlySpan<double> curve = Slowdowns(op);
        int point = Math.Min(BatchGrid.IndexOf(sequences), points - 1);
        while (point > 0 && curve[point - 1] == curve[point])
        {
            point--;
        }

        return point == 0 ? double.NegativeInfinity : BatchGrid.At(point);
    }

    /// <summary>Forgets the stage's kernels: its table is filled anew.</summary>
    internal void Restart() => Kernels = null;

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
        points = pointsOfGrid;
        if (slowdowns.Length < operators * points)
        {
            slowdowns = new double[operators * points];
        }
    }

    /// <summary>Says that an operator has a curve.</summary>
    internal void Mark(int op) => has[op] = true;

    /// <summary>Says what an operator's slowdown is not below.</summary>
    internal void Bound(int op, double slowdown) => least[op] = slowdown;
}

/// <summary>Operators that one kernel runs.</summary>
/// <param name="PerSequence">The kernel at one sequence.</param>
/// <param name="Rate">What it computes on.</param>
/// <param name="FirstMember">Its first operator's place among the members.</param>
/// <param name="EndMember">The place after its last.</param>
internal readonly record struct PricedKernel(OperatorShape PerSequence, OperatorRate Rate, int FirstMember, int EndMember);

using System.Runtime.InteropServices;
using FastSim.Kernels.Hardware;
using FastSim.Kernels.Operators;

namespace FastSim.Kernels.Efficiency;

/// <summary>
/// How many times longer than its roofline each operator of a stage takes by a learned efficiency, at the points of the grid. Never less
/// than once: the accounting's roofline at the chip's peaks bounds it. One kernel's operators share its time as their rooflines do.
/// </summary>
public sealed class OperatorCurves
{
    private readonly List<int> members = [];
    private readonly List<Kernel> kernels = [];
    private readonly List<(OperatorShape PerSequence, RooflineChip Chip)> wanted = [];
    private readonly List<double[]> microseconds = [];
    private double[] slowdowns = [];
    private bool[] has = [];
    private double[] least = [];
    private int points;
    private bool knowsKernels;

    /// <summary>Whether some operator was unlike all that the model was trained among, at some batch.</summary>
    public bool IsBeyondTraining(ChipRates rates, double sequences)
    {
        ArgumentNullException.ThrowIfNull(rates);
        double rows = BatchGrid.At(BatchGrid.IndexOf(sequences));
        return kernels.Exists(kernel =>
            !rates.Learned!.Covers(kernel.PerSequence with { Rows = kernel.PerSequence.Rows * rows }, ChipOf(rates, kernel.Rate)));
    }

    /// <summary>Whether an operator's efficiency is learned.</summary>
    internal bool Has(int op) => has[op];

    /// <summary>The least slowdown of an operator at any batch.</summary>
    internal double Least(int op) => least[op];

    /// <summary>Slowdowns of an operator, a point of the grid each; beyond the last the last holds.</summary>
    internal ReadOnlySpan<double> Slowdowns(int op) => slowdowns.AsSpan(op * points, points);

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
    internal void Restart() => knowsKernels = false;

    /// <summary>Learns a stage's curves.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="rates">The chip, as its numbers now are; its data types and model stay while the stage does.</param>
    /// <param name="largest">The largest batch that will be evaluated, in sequences.</param>
    internal void Load(OperatorTable table, ChipRates rates, double largest)
    {
        points = BatchGrid.IndexOf(Math.Max(1, largest)) + 1;
        FindKernels(table, rates);
        if (slowdowns.Length < table.Count * points)
        {
            slowdowns = new double[table.Count * points];
        }

        wanted.Clear();
        foreach (Kernel kernel in kernels)
        {
            wanted.Add((kernel.PerSequence, ChipOf(rates, kernel.Rate)));
        }

        rates.Learned!.Microseconds(wanted, points, microseconds);
        for (int kernel = 0; kernel < kernels.Count; kernel++)
        {
            Share(table, rates, MembersOf(kernels[kernel]), microseconds[kernel]);
        }
    }

    /// <summary>Takes what holds of a stage's curves without asking the model: which operators have one, and that none is below 1. Enough for bounds.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="rates">The chip.</param>
    internal void LoadLeast(OperatorTable table, ChipRates rates)
    {
        points = 0;
        FindKernels(table, rates);
        foreach (Kernel kernel in kernels)
        {
            foreach (int member in MembersOf(kernel))
            {
                least[member < 0 ? ~member : member] = member < 0 ? 0 : 1;
            }
        }
    }

    /// <summary>Finds the kernels that a stage's operators make, once a stage: numbers of the chip change none of it.</summary>
    private void FindKernels(OperatorTable table, ChipRates rates)
    {
        if (knowsKernels)
        {
            return;
        }

        if (has.Length < table.Count)
        {
            has = new bool[table.Count];
            least = new double[table.Count];
        }

        Array.Clear(has);
        members.Clear();
        kernels.Clear();
        for (int op = 0; op < table.Count; op++)
        {
            int first = members.Count;
            if (TableShapes.At(table, op, rates.Types, members) is not { } shape)
            {
                continue;
            }

            if (!rates.Learned!.Knows(shape.Family))
            {
                members.RemoveRange(first, members.Count - first);
                continue;
            }

            Kernel kernel = new(shape, table.Identities[op].Rate, first, members.Count);
            kernels.Add(kernel);
            foreach (int member in MembersOf(kernel))
            {
                has[member < 0 ? ~member : member] = true;
            }
        }

        knowsKernels = true;
    }

    private ReadOnlySpan<int> MembersOf(in Kernel kernel) => CollectionsMarshal.AsSpan(members)[kernel.FirstMember..kernel.EndMember];

    private static RooflineChip ChipOf(ChipRates rates, OperatorRate rate)
    {
        double peak = rates.PeakFlopsPerSecond(rate);
        return new RooflineChip(rates.ComputeUnits, rates.PeakMemoryBytesPerSecond, peak, peak, peak);
    }

    private void Share(OperatorTable table, ChipRates rates, ReadOnlySpan<int> members, ReadOnlySpan<double> microseconds)
    {
        foreach (int member in members)
        {
            int op = member < 0 ? ~member : member;
            least[op] = member < 0 ? 0 : double.PositiveInfinity;
            slowdowns.AsSpan(op * points, points).Clear();
        }

        for (int point = 0; point < points; point++)
        {
            double sequences = BatchGrid.At(point);
            double roofline = 0;
            foreach (int member in members)
            {
                roofline += member < 0 ? 0 : Roofline(table, rates, member, sequences);
            }

            double slowdown = Math.Max(1, microseconds[point] * 1e-6 / roofline);
            foreach (int member in members)
            {
                if (member >= 0)
                {
                    slowdowns[(member * points) + point] = slowdown;
                    least[member] = Math.Min(least[member], slowdown);
                }
            }
        }
    }

    private static double Roofline(OperatorTable table, ChipRates rates, int op, double sequences)
    {
        double compute = table.Flops(op, sequences) / rates.PeakFlopsPerSecond(table.Identities[op].Rate);
        double memory = table.Bytes(op, sequences) / rates.PeakMemoryBytesPerSecond;
        return rates.ProcessSeconds(compute, memory);
    }

    /// <summary>Operators that one kernel runs.</summary>
    /// <param name="PerSequence">The kernel at one sequence.</param>
    /// <param name="Rate">What it computes on.</param>
    /// <param name="FirstMember">Its first operator's place among the members.</param>
    /// <param name="EndMember">The place after its last.</param>
    private readonly record struct Kernel(OperatorShape PerSequence, OperatorRate Rate, int FirstMember, int EndMember);
}

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
    private readonly List<(OperatorShape PerSequence, RooflineChip Chip)> wanted = [];
    private readonly List<double[]> microseconds = [];
    private double[] slowdowns = [];
    private bool[] has = [];
    private double[] least = [];
    private int points;

    /// <summary>Whether some operator was unlike all that the model was trained among, at some batch.</summary>
    public bool IsBeyondTraining(OperatorTable table, ChipRates rates, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rates);
        LearnedTimes learned = rates.Learned!;
        for (int op = 0; op < table.Count; op++)
        {
            if (TableShapes.At(table, op, rates.Types, members) is { } shape
                && learned.Knows(shape.Family)
                && !learned.Covers(shape with { Rows = shape.Rows * BatchGrid.At(BatchGrid.IndexOf(sequences)) }, ChipOf(rates, table.Identities[op].Rate)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether an operator's efficiency is learned.</summary>
    internal bool Has(int op) => has[op];

    /// <summary>The least slowdown of an operator at any batch.</summary>
    internal double Least(int op) => least[op];

    /// <summary>Slowdowns of an operator, a point of the grid each; beyond the last the last holds.</summary>
    internal ReadOnlySpan<double> Slowdowns(int op) => slowdowns.AsSpan(op * points, points);

    /// <summary>Slowdown of an operator at a batch; the least where only bounds were taken.</summary>
    internal double At(int op, double sequences) => points == 0 ? least[op] : slowdowns[(op * points) + Math.Min(BatchGrid.IndexOf(sequences), points - 1)];

    /// <summary>Learns a stage's curves.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="largest">The largest batch that will be asked for, in sequences.</param>
    internal void Load(OperatorTable table, ChipRates rates, double largest)
    {
        points = BatchGrid.IndexOf(Math.Max(1, largest)) + 1;
        Reserve(table);
        if (slowdowns.Length < table.Count * points)
        {
            slowdowns = new double[table.Count * points];
        }

        wanted.Clear();
        for (int op = 0; op < table.Count; op++)
        {
            if (TableShapes.At(table, op, rates.Types, members) is { } shape && rates.Learned!.Knows(shape.Family))
            {
                wanted.Add((shape, ChipOf(rates, table.Identities[op].Rate)));
            }
        }

        rates.Learned!.Microseconds(wanted, points, microseconds);
        int next = 0;
        for (int op = 0; op < table.Count; op++)
        {
            if (TableShapes.At(table, op, rates.Types, members) is { } shape && rates.Learned!.Knows(shape.Family))
            {
                Share(table, rates, microseconds[next++]);
            }
        }
    }

    /// <summary>Takes what holds of a stage's curves without asking the model: which operators have one, and that none is below 1. Enough for bounds.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="rates">The chip.</param>
    internal void LoadLeast(OperatorTable table, ChipRates rates)
    {
        points = 0;
        Reserve(table);
        for (int op = 0; op < table.Count; op++)
        {
            if (TableShapes.At(table, op, rates.Types, members) is { } shape && rates.Learned!.Knows(shape.Family))
            {
                foreach (int member in members)
                {
                    has[member < 0 ? ~member : member] = true;
                    least[member < 0 ? ~member : member] = member < 0 ? 0 : 1;
                }
            }
        }
    }

    private void Reserve(OperatorTable table)
    {
        if (has.Length < table.Count)
        {
            has = new bool[table.Count];
            least = new double[table.Count];
        }

        Array.Clear(has);
    }

    private static RooflineChip ChipOf(ChipRates rates, OperatorRate rate)
    {
        double peak = rates.PeakFlopsPerSecond(rate);
        return new RooflineChip(rates.ComputeUnits, rates.PeakMemoryBytesPerSecond, peak, peak, peak);
    }

    private void Share(OperatorTable table, ChipRates rates, ReadOnlySpan<double> microseconds)
    {
        foreach (int member in members)
        {
            int op = member < 0 ? ~member : member;
            has[op] = true;
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
        return rates.Chip.Mode == ProcessingMode.Roofline ? Math.Max(compute, memory) : compute + memory;
    }
}

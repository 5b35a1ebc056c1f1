using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>
/// Takes the times of a stage's operators from what a chip's launches are priced by (<see cref="ChipRates.Learned"/>), as curves over the batch. One
/// kernel's operators share its time as their rooflines do.
/// </summary>
public static class LaunchPricing
{
    private const int HalfBits = 16;

    /// <summary>Prices a stage, if the chip's launches are priced at all.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="rates">The chip, as its numbers now are; its data types and times stay while the stage does.</param>
    /// <param name="largest">The largest batch that will be evaluated, in sequences.</param>
    public static void Price(OperatorTable table, ChipRates rates, double largest)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rates);
        if (rates.Learned is not { } times)
        {
            table.Curves = null;
            return;
        }

        OperatorCurves curves = table.TakeCurves();
        int points = BatchGrid.IndexOf(Math.Max(1, largest)) + 1;
        PricedRates at = new(
            times,
            rates.Chip.Mode,
            rates.Structure,
            rates.ComputeUnits,
            rates.PeakMemoryBytesPerSecond,
            rates.HalfFlopsPerSecond,
            rates.PeakFlopsPerSecond(OperatorRate.Matrix),
            rates.PeakFlopsPerSecond(OperatorRate.Attention),
            rates.PeakFlopsPerSecond(OperatorRate.Vector));
        if (curves.IsPriced(at, points))
        {
            return;
        }

        List<PricedKernel> kernels = KernelsOf(table, curves, times, rates.Types);
        curves.Reserve(table.Count, points);
        curves.Asked.Clear();
        foreach (PricedKernel kernel in kernels)
        {
            curves.Asked.Add((kernel.PerSequence, ChipOf(rates, kernel)));
        }

        times.Microseconds(curves.Asked, points, curves.Answers);
        for (int kernel = 0; kernel < kernels.Count; kernel++)
        {
            Share(table, curves, rates, MembersOf(curves, kernels[kernel]), curves.Answers[kernel].AsSpan(0, points));
        }

        curves.PricedAt(at);
    }

    /// <summary>Takes what holds of a stage's times without asking for any: which operators have one, and that none is below its roofline. Enough for bounds.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="rates">The chip.</param>
    public static void PriceLeast(OperatorTable table, ChipRates rates)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rates);
        if (rates.Learned is not { } times)
        {
            table.Curves = null;
            return;
        }

        OperatorCurves curves = table.TakeCurves();
        List<PricedKernel> kernels = KernelsOf(table, curves, times, rates.Types);
        curves.Reserve(table.Count, 0);
        foreach (PricedKernel kernel in kernels)
        {
            foreach (int member in MembersOf(curves, kernel))
            {
                curves.Bound(member < 0 ? ~member : member, member < 0 ? 0 : 1);
            }
        }
    }

    /// <summary>Whether some operator was unlike all that the chip's times were learned from, at a batch; null where no times are.</summary>
    /// <param name="table">The stage, priced.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="sequences">The batch.</param>
    public static bool? IsBeyondTraining(OperatorTable table, ChipRates rates, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rates);
        return table.Curves is { } curves ? IsBeyondTraining(curves, rates, BatchGrid.IndexOf(sequences)) : null;
    }

    private static bool IsBeyondTraining(OperatorCurves curves, ChipRates rates, int point) =>
        curves.Kernels!.Exists(kernel => !rates.Learned!.Covers(kernel.PerSequence, ChipOf(rates, kernel), point));

    /// <summary>The kernels that a stage's operators make, found once a stage: numbers of the chip change none of it.</summary>
    private static List<PricedKernel> KernelsOf(OperatorTable table, OperatorCurves curves, ILaunchTimes times, FlopsTypes types)
    {
        if (curves.Kernels is { } known)
        {
            return known;
        }

        curves.Reserve(table.Count);
        List<int> members = curves.Members;
        members.Clear();
        List<PricedKernel> kernels = [];
        for (int op = 0; op < table.Count; op++)
        {
            int first = members.Count;
            if (TableShapes.At(table, op, types, members) is not { } shape)
            {
                continue;
            }

            if (!times.Knows(shape.Family))
            {
                members.RemoveRange(first, members.Count - first);
                continue;
            }

            PricedKernel kernel = new(shape, table.Identities[op].Rate, first, members.Count);
            kernels.Add(kernel);
            foreach (int member in MembersOf(curves, kernel))
            {
                curves.Mark(member < 0 ? ~member : member);
            }
        }

        curves.Kernels = kernels;
        return kernels;
    }

    private static ReadOnlySpan<int> MembersOf(OperatorCurves curves, in PricedKernel kernel) =>
        CollectionsMarshal.AsSpan(curves.Members)[kernel.FirstMember..kernel.EndMember];

    /// <summary>The chip at the peak of the operator's data type; what runs in 16 bits whatever the type says, at that of 16.</summary>
    private static RooflineChip ChipOf(ChipRates rates, in PricedKernel kernel)
    {
        double peak = rates.PeakFlopsPerSecond(kernel.Rate);
        double half = MatrixPeaks.BitsOf(rates.Types.Of(kernel.Rate)) < HalfBits && rates.HalfFlopsPerSecond > 0 ? rates.HalfFlopsPerSecond : peak;
        return new RooflineChip(rates.ComputeUnits, rates.PeakMemoryBytesPerSecond, half, peak, peak)
        {
            Structure = rates.Structure,
            IssueFlopsPerSecond = rates.HalfFlopsPerSecond,
        };
    }

    private static void Share(
        OperatorTable table, OperatorCurves curves, ChipRates rates, ReadOnlySpan<int> members, ReadOnlySpan<double> microseconds)
    {
        foreach (int member in members)
        {
            if (member < 0)
            {
                curves.SetNone(~member);
            }
        }

        // Of one member its roofline, of several their sum, and the same with repeats.
        int points = microseconds.Length;
        Span<double> rooflines = stackalloc double[points];
        Span<double> repeated = stackalloc double[points];
        rooflines.Clear();
        repeated.Clear();
        foreach (int member in members)
        {
            if (member >= 0)
            {
                AddRoofline(table, rates, member, rooflines, repeated);
            }
        }

        Span<double> ratios = stackalloc double[points];
        TensorPrimitives.Multiply(microseconds, 1e-6, ratios);
        TensorPrimitives.Divide(ratios, rooflines, ratios);
        for (int point = 0; point < points; point++)
        {
            double slowdown = Math.Max(1, ratios[point]);
            curves.AddSeconds(point, slowdown * repeated[point], point + 1 < points ? slowdown * repeated[point + 1] : 0);
            rooflines[point] = slowdown;
        }

        foreach (int member in members)
        {
            if (member >= 0)
            {
                curves.Set(member, rooflines);
            }
        }
    }

    /// <summary>Adds an operator's seconds at the chip's peaks, once and all its repeats, at the points of the grid.</summary>
    private static void AddRoofline(OperatorTable table, ChipRates rates, int op, Span<double> once, Span<double> repeated)
    {
        double repeats = table.Repeats[op];
        Span<double> compute = stackalloc double[once.Length];
        Span<double> memory = stackalloc double[once.Length];
        for (int point = 0; point < once.Length; point++)
        {
            double sequences = BatchGrid.At(point);
            (compute[point], memory[point]) = (table.Flops(op, sequences), table.Bytes(op, sequences));
        }

        // Divisions are what takes time here: several at once.
        TensorPrimitives.Divide(compute, rates.PeakFlopsPerSecond(table.Identities[op].Rate), compute);
        TensorPrimitives.Divide(memory, rates.PeakMemoryBytesPerSecond, memory);
        for (int point = 0; point < once.Length; point++)
        {
            double seconds = rates.ProcessSeconds(compute[point], memory[point]);
            once[point] += seconds;
            repeated[point] += seconds * repeats;
        }
    }
}

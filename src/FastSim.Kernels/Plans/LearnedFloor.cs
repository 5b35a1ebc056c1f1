using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>
/// What a stage whose operators have learned times never falls below, in few operations: over the batches that one point of the grid holds for these operators take no less than at the first,
/// and yield no more than at the next point's; the stage's other operators and exchanges are bounded by sums (<see cref="StageSums"/>), which are the same on every chip. Serves one thread.
/// </summary>
internal sealed class LearnedFloor
{
    private StageSums? others;

    /// <summary>Sequences over a step's seconds that no batch up to one exceeds within a limit; 0 where none can meet it.</summary>
    /// <param name="table">The stage, priced.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="most">The largest batch, sequences of a rank's micro-batch.</param>
    /// <param name="limit">The longest step, seconds.</param>
    /// <param name="wanted">A ratio; where some batch may reach it nothing closer is said than that all may be: the largest number. Infinite for never.</param>
    public double MostWithin(OperatorTable table, ChipRates rates, double most, double limit, double wanted)
    {
        OperatorCurves curves = table.Curves!;
        StageBound bound = OthersOf(table, rates, most);
        double highest = 0;
        double end = most;
        int last = curves.PointOf(most);
        for (int point = last; point >= 0; point--)
        {
            double start = BatchGrid.At(point);
            double from = bound.StepSeconds(start, curves.FromSeconds(point));
            if (from <= limit)
            {
                highest = Math.Max(highest, end / (point == last ? from : Math.Max(from, bound.StepSeconds(end, curves.ToSeconds(point)))));
                if (highest >= wanted)
                {
                    return double.MaxValue;
                }
            }

            end = start;
        }

        return highest;
    }

    /// <summary>The largest batch up to one that may be within a limit; 0 for none.</summary>
    /// <param name="table">The stage, priced.</param>
    /// <param name="rates">The chip.</param>
    /// <param name="most">The largest batch, sequences of a rank's micro-batch.</param>
    /// <param name="limit">The longest step, seconds.</param>
    public double LargestWithin(OperatorTable table, ChipRates rates, double most, double limit)
    {
        OperatorCurves curves = table.Curves!;
        StageBound bound = OthersOf(table, rates, most);
        double end = most;
        for (int point = curves.PointOf(most); point >= 0; point--)
        {
            double start = BatchGrid.At(point);
            if (bound.StepSeconds(start, curves.FromSeconds(point)) <= limit)
            {
                return end;
            }

            end = Math.BitDecrement(start);
        }

        return 0;
    }

    private StageBound OthersOf(OperatorTable table, ChipRates rates, double sequences) =>
        new(others ??= new StageSums(table, rates, sequences, holdsForAnyChip: true, SumLimits.Others), rates);
}

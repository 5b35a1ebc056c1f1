using FastSim.Cli.Configuration;

namespace FastSim.Cli.Sweeps;

/// <summary>The rows of a sweep, of those that have a plan, that no other row beats: at least as good in every objective and better in one.</summary>
internal static class ParetoFront
{
    /// <summary>Finds the front of each job.</summary>
    /// <param name="table">The rows; holds the objectives.</param>
    /// <param name="objectives">What is traded.</param>
    /// <returns>Its rows: job by job, best in the first objective first.</returns>
    public static int[] Of(SweepTable table, IReadOnlyList<Objective> objectives)
    {
        double[] throughput = table.Number(SweepColumns.PerCard);
        double[][] values = [.. objectives.Select(objective => Losses(table, objective))];
        List<int> front = [];
        foreach (IGrouping<int, int> job in Enumerable.Range(0, table.Count)
            .Where(row => !double.IsNaN(throughput[row]) && Array.TrueForAll(values, objective => !double.IsNaN(objective[row])))
            .GroupBy(row => table.Jobs[row])
            .OrderBy(group => group.Key))
        {
            front.AddRange(FrontOf([.. job], values));
        }

        return [.. front];
    }

    /// <summary>Less is better in all.</summary>
    private static double[] Losses(SweepTable table, Objective objective)
    {
        double[] column = table.Number(objective.Field);
        return objective.Maximise ? Array.ConvertAll(column, value => -value) : column;
    }

    /// <summary>In the order of the first objective a row can only be beaten by one before it; those that are on the front suffice.</summary>
    private static List<int> FrontOf(int[] rows, double[][] losses)
    {
        Array.Sort(rows, (left, right) =>
        {
            foreach (double[] objective in losses)
            {
                int order = objective[left].CompareTo(objective[right]);
                if (order != 0)
                {
                    return order;
                }
            }

            return left.CompareTo(right);
        });

        List<int> front = [];
        double leastSecond = double.PositiveInfinity;
        foreach (int row in rows)
        {
            // Of two objectives the second alone decides.
            bool isBeaten = losses.Length == 2
                ? losses[1][row] > leastSecond || (front.Count > 0 && losses[1][row] == leastSecond && !IsSame(front[^1], row, losses))
                : front.Exists(other => Beats(other, row, losses));
            if (!isBeaten)
            {
                front.Add(row);
                leastSecond = losses[1][row];
            }
        }

        return front;
    }

    private static bool Beats(int other, int row, double[][] losses) =>
        Array.TrueForAll(losses, objective => objective[other] <= objective[row]) && !IsSame(other, row, losses);

    private static bool IsSame(int other, int row, double[][] losses) => Array.TrueForAll(losses, objective => objective[other] == objective[row]);
}

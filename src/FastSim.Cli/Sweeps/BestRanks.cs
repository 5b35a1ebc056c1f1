namespace FastSim.Cli.Sweeps;

/// <summary>Keeps the rows of the highest scores of all that come; of equals the first that came.</summary>
/// <param name="score">Score of each row.</param>
/// <param name="most">Rows that are kept.</param>
internal sealed class BestRanks(double[] score, int most)
{
    /// <summary>Rows beyond twice as many as are kept that wait to be sorted out, so that few are not sorted one by one.</summary>
    private const int Spare = 64;

    private readonly List<int> rows = [];
    private bool isFull = most == 0;
    private double least = double.PositiveInfinity;

    /// <summary>Adds a row, which comes after all that were added.</summary>
    public void Add(int row)
    {
        if (isFull && !(score[row] > least))
        {
            return;
        }

        rows.Add(row);
        if (rows.Count == (2 * most) + Spare)
        {
            Sort();
        }
    }

    /// <summary>The best, highest first.</summary>
    public IReadOnlyList<int> Rows()
    {
        Sort();
        return rows;
    }

    private void Sort()
    {
        rows.Sort((one, other) => score[other].CompareTo(score[one]) is not 0 and int order ? order : one.CompareTo(other));
        if (rows.Count >= most && most > 0)
        {
            rows.RemoveRange(most, rows.Count - most);
            (isFull, least) = (true, score[rows[^1]]);
        }
    }
}

namespace FastSim.Cli.Sweeps;

/// <summary>
/// Which answers of a sweep are guesses by their learned efficiency's own word (docs/surrogate.md, "Intervals of a plan"): some launch is beyond training, or
/// the upper end of the throughput's interval is at least <see cref="Wide"/> times the lower.
/// </summary>
internal sealed class GuessedRows
{
    /// <summary>Upper over lower end of an interval that says little.</summary>
    public const double Wide = 2;

    private static readonly string[] Beyond = ["prefill_beyond_training", "decoder_beyond_training"];
    private static readonly string[] Ends = [WholeInterval.LeastPerCard, WholeInterval.MostPerCard];

    private readonly double[][] beyond;
    private readonly double[]? least;
    private readonly double[]? most;

    /// <summary>Of a sweep's rows.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="table">Its rows, <see cref="ColumnsOf"/> among them.</param>
    public GuessedRows(SweepPlan plan, SweepTable table)
    {
        string[] columns = [.. ColumnsOf(plan)];
        beyond = [.. Beyond.Where(columns.Contains).Select(table.Number)];
        (least, most) = Array.TrueForAll(Ends, columns.Contains) ? (table.Number(Ends[0]), table.Number(Ends[1])) : (null, null);
        Count = columns.Length == 0 ? 0 : Enumerable.Range(0, table.Count).Count(Has);
    }

    /// <summary>How many rows are guesses.</summary>
    public int Count { get; }

    /// <summary>Columns of a sweep that tell; none where no learned efficiency answers.</summary>
    /// <param name="plan">The sweep.</param>
    public static IEnumerable<string> ColumnsOf(SweepPlan plan) => plan.Columns.Select(column => column.Name).Where(name => Beyond.Contains(name) || Ends.Contains(name));

    /// <summary>Whether a row is a guess.</summary>
    public bool Has(int row) => IsBeyond(row) || (least is not null && most![row] >= Wide * least[row]);

    private bool IsBeyond(int row)
    {
        foreach (double[] column in beyond)
        {
            if (column[row] == 1)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The throughput's interval; null where none is stated.</summary>
    public (double Least, double Most)? IntervalOf(int row) => least is null || double.IsNaN(least[row]) ? null : (least[row], most![row]);
}

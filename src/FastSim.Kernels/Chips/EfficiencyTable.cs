namespace FastSim.Kernels.Chips;

/// <summary>
/// Efficiency by operator size or shape (cost model A1): the first row that the operator reaches wins, an operator
/// below every row takes the last.
/// </summary>
public sealed class EfficiencyTable
{
    private readonly double[] sizes;
    private readonly double[] rows;
    private readonly double[] columns;
    private readonly double[] depths;
    private readonly double[] efficiencies;

    private EfficiencyTable(double[] sizes, double[] rows, double[] columns, double[] depths, double[] efficiencies)
    {
        this.sizes = sizes;
        this.rows = rows;
        this.columns = columns;
        this.depths = depths;
        this.efficiencies = efficiencies;
        ThresholdsFall = NeverRises(sizes.Length > 0 ? sizes : rows);
        IsRising = sizes.Length > 0 && NeverRises(efficiencies);
        IsFlat = Array.TrueForAll(efficiencies, efficiency => efficiency == efficiencies[0]);
    }

    /// <summary>Whether every operator gets the same efficiency.</summary>
    public bool IsFlat { get; }

    /// <summary>Whether no row asks for more than the one before, in size or in rows <c>m</c>.</summary>
    internal bool ThresholdsFall { get; }

    /// <summary>Whether thresholds are matrix shapes; otherwise they are sizes.</summary>
    public bool IsByShape => sizes.Length == 0;

    /// <summary>Rows of the table.</summary>
    public int Rows => efficiencies.Length;

    /// <summary>Whether efficiency never falls with an operator's size: thresholds fall, so must efficiencies.</summary>
    public bool IsRising { get; }

    /// <summary>The best efficiency the table can return.</summary>
    public double Best => efficiencies.Max();

    /// <summary>A table of sizes.</summary>
    /// <param name="thresholds">Size a row asks for, in the caller's unit (GFLOP or MB), falling; negative infinity matches anything.</param>
    /// <param name="efficiencies">Efficiency of each row.</param>
    /// <exception cref="ArgumentException">The lengths differ or are zero.</exception>
    public static EfficiencyTable BySize(double[] thresholds, double[] efficiencies)
    {
        ArgumentNullException.ThrowIfNull(thresholds);
        ArgumentNullException.ThrowIfNull(efficiencies);
        RequireRows(efficiencies, thresholds);
        return new EfficiencyTable(thresholds, [], [], [], efficiencies);
    }

    /// <summary>A table of matrix shapes; a row is reached when each of its three extents is.</summary>
    /// <param name="rows">Least <c>m</c> of each row; negative infinity matches anything.</param>
    /// <param name="columns">Least <c>n</c>.</param>
    /// <param name="depths">Least <c>k</c>.</param>
    /// <param name="efficiencies">Efficiency of each row.</param>
    /// <exception cref="ArgumentException">The lengths differ or are zero.</exception>
    public static EfficiencyTable ByShape(double[] rows, double[] columns, double[] depths, double[] efficiencies)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(depths);
        ArgumentNullException.ThrowIfNull(efficiencies);
        RequireRows(efficiencies, rows, columns, depths);
        return new EfficiencyTable([], rows, columns, depths, efficiencies);
    }

    /// <summary>The table with its sizes in another unit: a threshold of 2 GFLOP in units of 1e9 is one of 2e9 FLOP.</summary>
    /// <param name="unit">What a threshold counts.</param>
    public EfficiencyTable InUnitsOf(double unit) =>
        sizes.Length == 0 ? this : BySize(Array.ConvertAll(sizes, threshold => threshold * unit), efficiencies);

    /// <summary>A table of one efficiency for everything.</summary>
    public static EfficiencyTable Flat(double efficiency) => BySize([double.NegativeInfinity], [efficiency]);

    /// <summary>Efficiency of an operator that has a size alone; a table of shapes reads it as one that reaches no row but a free one.</summary>
    public double At(double size) => At(size, double.NaN, double.NaN, double.NaN);

    /// <summary>Efficiency of an operator.</summary>
    /// <param name="size">GFLOP or MB, as the table's thresholds are.</param>
    /// <param name="m">Rows of the product.</param>
    /// <param name="n">Columns of the product.</param>
    /// <param name="k">Depth of the product.</param>
    public double At(double size, double m, double n, double k)
    {
        for (int row = 0; row < efficiencies.Length; row++)
        {
            bool reached = sizes.Length > 0
                ? size >= sizes[row]
                : Reaches(m, rows[row]) && Reaches(n, columns[row]) && Reaches(k, depths[row]);
            if (reached)
            {
                return efficiencies[row];
            }
        }

        return efficiencies[^1];
    }

    /// <summary>
    /// A size over its efficiency, where a transfer may be cut into smaller ones and padded to a larger one: it never falls with the size, nor does it rise
    /// faster. For a table of sizes.
    /// </summary>
    /// <param name="size">Size, as the table's thresholds are.</param>
    internal double LeastCost(double size)
    {
        double least = size / BestUpTo(size);
        foreach (double threshold in sizes)
        {
            least = threshold > size ? Math.Min(least, threshold / BestUpTo(threshold)) : least;
        }

        return least;
    }

    /// <summary>The best efficiency of all transfers up to a size.</summary>
    private double BestUpTo(double size)
    {
        double best = efficiencies[^1];
        for (int row = 0; row < sizes.Length; row++)
        {
            best = size >= sizes[row] ? Math.Max(best, efficiencies[row]) : best;
        }

        return best;
    }

    /// <summary>
    /// The least size, or rows <c>m</c> for a table of shapes, from which up to the one given the efficiency stays the same; negative infinity
    /// where it does so however small the operator.
    /// </summary>
    /// <param name="size">Size, as the table's thresholds are.</param>
    /// <param name="m">Rows of the product; NaN where it is none.</param>
    /// <param name="n">Columns of the product.</param>
    /// <param name="k">Depth of the product.</param>
    internal double HoldsDownTo(double size, double m, double n, double k)
    {
        double[] thresholds = IsByShape ? rows : sizes;
        double variable = IsByShape ? m : size;
        double efficiency = At(size, m, n, k);
        double least = double.PositiveInfinity;
        for (int row = 0; row < efficiencies.Length; row++)
        {
            bool mayBeReached = !IsByShape || (Reaches(n, columns[row]) && Reaches(k, depths[row]));
            bool isFirst = double.IsPositiveInfinity(least);

            // Below one step lies the first of the later ones that asks for less.
            if (!mayBeReached || (isFirst ? !Reaches(variable, thresholds[row]) : thresholds[row] >= least))
            {
                continue;
            }

            if (efficiencies[row] != efficiency)
            {
                return least;
            }

            least = thresholds[row];
        }

        return efficiencies[^1] == efficiency ? double.NegativeInfinity : least;
    }

    /// <summary>
    /// The rows that an operator may reach, as steps of one variable: its size, or the rows <c>m</c> of its product for a table of shapes,
    /// whose other two extents are known. The first step that is reached wins; below every step the last row of the table counts.
    /// </summary>
    /// <param name="n">Columns of the product.</param>
    /// <param name="k">Depth of the product.</param>
    /// <param name="steps">Receives the steps; one longer than the table at least.</param>
    /// <returns>Steps written; the last one is reached always.</returns>
    internal int Steps(double n, double k, Span<EfficiencyStep> steps)
    {
        int count = 0;
        for (int row = 0; row < efficiencies.Length; row++)
        {
            if (sizes.Length == 0 && !(Reaches(n, columns[row]) && Reaches(k, depths[row])))
            {
                continue;
            }

            double threshold = sizes.Length > 0 ? sizes[row] : rows[row];
            steps[count] = new EfficiencyStep(threshold, 1 / efficiencies[row]);
            count++;
            if (double.IsNegativeInfinity(threshold))
            {
                return count;
            }
        }

        steps[count] = new EfficiencyStep(double.NegativeInfinity, 1 / efficiencies[^1]);
        return count + 1;
    }

    private static bool Reaches(double extent, double least) => double.IsNegativeInfinity(least) || extent >= least;

    private static bool NeverRises(double[] values)
    {
        for (int index = 1; index < values.Length; index++)
        {
            if (values[index] > values[index - 1])
            {
                return false;
            }
        }

        return true;
    }

    private static void RequireRows(double[] efficiencies, params ReadOnlySpan<double[]> columns)
    {
        foreach (double[] column in columns)
        {
            if (efficiencies.Length == 0 || column.Length != efficiencies.Length)
            {
                throw new ArgumentException("an efficiency table needs at least one row and columns of one length", nameof(efficiencies));
            }
        }
    }
}

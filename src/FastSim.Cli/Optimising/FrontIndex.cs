namespace FastSim.Cli.Optimising;

/// <summary>
/// Points in the order of their losses, under a tree of the least losses of each run of them: whether some point beats another is found without looking
/// at most of them. It does not change, so any number of threads may ask.
/// </summary>
internal sealed class FrontIndex
{
    private const int Fan = 16;

    private readonly int objectives;
    private readonly List<double[]> levels = [];

    /// <summary>An index.</summary>
    /// <param name="points">The points, by their losses in turn, the least first.</param>
    /// <param name="objectives">Losses a point.</param>
    public FrontIndex(IReadOnlyList<KeptVariants> points, int objectives)
    {
        this.objectives = objectives;
        double[] level = new double[points.Count * objectives];
        for (int point = 0; point < points.Count; point++)
        {
            points[point].Losses.CopyTo(level, point * objectives);
        }

        levels.Add(level);
        while (level.Length > Fan * objectives)
        {
            level = Above(level);
            levels.Add(level);
        }
    }

    /// <summary>Whether some point is at least as good in every objective, and better in one.</summary>
    /// <param name="losses">Losses, an objective each.</param>
    public bool Beats(ReadOnlySpan<double> losses) => Beats(levels.Count - 1, 0, levels[^1].Length / objectives, losses);

    private bool Beats(int level, int first, int end, ReadOnlySpan<double> losses)
    {
        double[] nodes = levels[level];
        for (int node = first; node < end; node++)
        {
            ReadOnlySpan<double> least = nodes.AsSpan(node * objectives, objectives);
            if (least[0] > losses[0])
            {
                // Those after it are no better in the first objective.
                return false;
            }

            bool reaches = true;
            bool isLess = false;
            for (int objective = 0; objective < objectives; objective++)
            {
                reaches &= least[objective] <= losses[objective];
                isLess |= least[objective] < losses[objective];
            }

            // A run that is nowhere less holds points that are equal at best.
            if (reaches && isLess
                && (level == 0 || Beats(level - 1, node * Fan, Math.Min((node + 1) * Fan, levels[level - 1].Length / objectives), losses)))
            {
                return true;
            }
        }

        return false;
    }

    private double[] Above(double[] level)
    {
        int count = level.Length / objectives;
        double[] above = new double[(count + Fan - 1) / Fan * objectives];
        Array.Fill(above, double.PositiveInfinity);
        for (int node = 0; node < count; node++)
        {
            for (int objective = 0; objective < objectives; objective++)
            {
                ref double least = ref above[(node / Fan * objectives) + objective];
                least = Math.Min(least, level[(node * objectives) + objective]);
            }
        }

        return above;
    }
}

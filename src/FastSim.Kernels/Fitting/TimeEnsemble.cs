using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Fitting;

/// <summary>
/// Networks of one operator family that were trained from different first weights: their mean answers, and how far they differ says how little the rows
/// they learned from decide.
/// </summary>
/// <param name="Members">The networks, <see cref="Size"/>.</param>
public sealed record TimeEnsemble(IReadOnlyList<MonotoneNetwork> Members)
{
    /// <summary>Networks of an ensemble.</summary>
    public const int Size = 3;

    /// <summary>Half width of the interval in 16 bits where members agree: by how much more the logarithm of time is off, in one case of five, than they differ.</summary>
    public float LeastHalfWidth { get; init; }

    /// <summary>What each mark that is set adds to <see cref="LeastHalfWidth"/>, a number a mark; none where it is the same in all number formats.</summary>
    public IReadOnlyList<float> HalfWidthsOfMarks { get; init; } = [];

    /// <summary>Half width above which an answer counts as beyond what the family was trained among.</summary>
    public float MostHalfWidth { get; init; } = float.MaxValue;

    /// <summary>Natural logarithm of an operator's microseconds.</summary>
    /// <param name="row">Its components and marks.</param>
    /// <param name="halfWidth">By how much it is off in one case of five at least.</param>
    public double Logarithm(ReadOnlySpan<float> row, out double halfWidth)
    {
        double sum = 0;
        double least = double.PositiveInfinity;
        double most = double.NegativeInfinity;
        foreach (MonotoneNetwork member in Members)
        {
            double own = member.Logarithm(row);
            sum += own;
            least = Math.Min(least, own);
            most = Math.Max(most, own);
        }

        float width = LeastHalfWidth;
        for (int mark = 0; mark < HalfWidthsOfMarks.Count; mark++)
        {
            width += row[OperatorComponents.Most + mark] * HalfWidthsOfMarks[mark];
        }

        halfWidth = Math.Max(0, width) + (most - least);
        return sum / Members.Count;
    }
}

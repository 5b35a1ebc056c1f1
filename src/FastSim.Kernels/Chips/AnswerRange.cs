namespace FastSim.Kernels.Chips;

/// <summary>What a model's two answers for a family lie between, by its own word.</summary>
/// <param name="LeastFirst">Least efficiency, above 0; by the second contract least logarithm of microseconds.</param>
/// <param name="MostFirst">Most efficiency, at most 1; by the second contract most logarithm of microseconds.</param>
/// <param name="LeastSecond">Least latency floor in microseconds, at least 0; by the second contract least logarithm of the interval's half width.</param>
/// <param name="MostSecond">Most of the same.</param>
public readonly record struct AnswerRange(double LeastFirst, double MostFirst, double LeastSecond, double MostSecond)
{
    /// <summary>What rounding may take an answer beyond an end by, as a share of it.</summary>
    private const double Tolerance = 1e-5;

    /// <summary>Whether answers lie within; what is not a number does not.</summary>
    /// <param name="first">The first.</param>
    /// <param name="second">The second.</param>
    public bool Holds(double first, double second) => IsWithin(first, LeastFirst, MostFirst) && IsWithin(second, LeastSecond, MostSecond);

    private static bool IsWithin(double answer, double least, double most) =>
        answer >= least - (Math.Abs(least) * Tolerance) && answer <= most + (Math.Abs(most) * Tolerance);
}

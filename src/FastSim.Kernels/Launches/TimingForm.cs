namespace FastSim.Kernels.Launches;

/// <summary>A number of a timing form that is fitted to measured operators.</summary>
/// <param name="Name">Its name in system files; ends in its unit where it has one.</param>
/// <param name="Least">Least value a fit may give it; above 0.</param>
/// <param name="Most">Most.</param>
/// <param name="Start">Where a fit starts.</param>
public sealed record TimingParameter(string Name, double Least, double Most, double Start);

/// <summary>The parameters of an operator family's timing, in the order its formula takes them.</summary>
/// <param name="Family">The family's key in system files.</param>
/// <param name="Parameters">The parameters.</param>
/// <param name="OtherStarts">Further points a fit starts from; the best wins.</param>
/// <param name="Frozen">Index of a parameter that fits leave where it starts; -1 for none.</param>
public sealed record TimingForm(string Family, IReadOnlyList<TimingParameter> Parameters, IReadOnlyList<double[]> OtherStarts, int Frozen = -1)
{
    /// <summary>Where a fit starts.</summary>
    public double[] Start => [.. Parameters.Select(parameter => parameter.Start)];

    /// <summary>All points a fit starts from.</summary>
    public double[][] Starts => [Start, .. OtherStarts];
}

/// <summary>What of a chip a timing form scales with.</summary>
/// <param name="ComputeUnits">Streaming multiprocessors, or cores: what tiles of work spread over; whole but where they are guessed.</param>
/// <param name="MemoryBytesPerSecond">Peak rate of the memory.</param>
/// <param name="LinkBytesPerSecond">Peak rate of a card's links within a server, one direction.</param>
public readonly record struct TimingChip(double ComputeUnits, double MemoryBytesPerSecond, double LinkBytesPerSecond);

/// <summary>How times combine.</summary>
internal static class Norms
{
    /// <summary>Microseconds in a second.</summary>
    public const double Microseconds = 1e6;

    /// <summary>
    /// The p-norm of two times: their longer where <paramref name="power"/> is large, their sum where it is 1; in between what overlaps
    /// only in part. Never below the longer.
    /// </summary>
    public static double Of(double first, double second, double power)
    {
        double longer = Math.Max(first, second);
        return longer <= 0 ? 0 : longer * Math.Pow(1 + Math.Pow(Math.Min(first, second) / longer, power), 1 / power);
    }

    /// <summary>The p-norm of three times.</summary>
    public static double Of(double first, double second, double third, double power)
    {
        double longer = Math.Max(first, Math.Max(second, third));
        return longer <= 0
            ? 0
            : longer * Math.Pow(Share(first / longer, power) + Share(second / longer, power) + Share(third / longer, power), 1 / power);
    }

    /// <summary>A time's part of a norm; the longest one's is 1 whatever the power.</summary>
    private static double Share(double ratio, double power) => ratio == 1 ? 1 : Math.Pow(ratio, power);
}

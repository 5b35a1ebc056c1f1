using System.Runtime.CompilerServices;

namespace FastSim.Kernels.Lanes;

/// <summary>
/// The share of experts that some token reaches, <c>1 - e^x</c> for the logarithm <c>x</c> of the chance that one stays unread. Written once
/// for lanes and the reference, so that both have the same bits, and to some rounding errors however small the share: of a model of a
/// million experts few are read, and the plain difference would leave half of the digits.
/// </summary>
internal static class ReadShare
{
    /// <summary>From here on up the series serves; below it the difference loses no more than two bits.</summary>
    private const double SeriesFrom = -0.5;

    /// <summary>From here on down the share is 1 to the last bit. Exponentials of less than -708 round those beside them otherwise, so none is asked.</summary>
    private const double AllFrom = -40;

    /// <summary>1/14! down to 1/2!: the next term is less than a rounding error at <see cref="SeriesFrom"/>.</summary>
    private static ReadOnlySpan<double> InverseFactorials =>
    [
        1d / 87178291200, 1d / 6227020800, 1d / 479001600, 1d / 39916800, 1d / 3628800, 1d / 362880, 1d / 40320,
        1d / 5040, 1d / 720, 1d / 120, 1d / 24, 1d / 6, 1d / 2,
    ];

    /// <summary>The share.</summary>
    /// <param name="log">Logarithm of the chance that an expert stays unread: at most 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes>(TLanes log)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes one = TLanes.Broadcast(1);
        TLanes series = TLanes.Broadcast(0);
        foreach (double coefficient in InverseFactorials)
        {
            series = TLanes.MultiplyAdd(series, log, TLanes.Broadcast(coefficient));
        }

        series = TLanes.MultiplyAdd(series, log, one);
        return TLanes.SelectAtLeast(
            log, TLanes.Broadcast(SeriesFrom), (TLanes.Broadcast(0) - log) * series, one - TLanes.Exp(TLanes.Max(log, TLanes.Broadcast(AllFrom))));
    }
}

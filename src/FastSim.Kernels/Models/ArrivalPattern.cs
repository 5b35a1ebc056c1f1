namespace FastSim.Kernels.Models;

/// <summary>How the requests of a load come (docs/validation.md, "A closed loop").</summary>
/// <param name="OpeningShare">Share of requests that come in an opening burst, all clients at once: one of ten waves where nobody says.</param>
/// <param name="LengthSpread">
/// Spread of requests' lengths, their standard deviation as a share of the mean, drawn evenly about it: requests that were answered together ask again within as many steps, so
/// that answers of one length keep a wave of prompts together and answers that differ disperse it.
/// </param>
public sealed record ArrivalPattern(double OpeningShare, double LengthSpread)
{
    /// <summary>Of requests that are all as long as is stated.</summary>
    public static ArrivalPattern Usual { get; } = new(0.1, 0);

    /// <summary>Root of 12, which makes the whole range of evenly drawn numbers of their standard deviation.</summary>
    private const double RangeOfDeviation = 3.4641016151377544;

    /// <summary>How requests come whose lengths are drawn evenly between a share of what is stated and the whole of it.</summary>
    /// <param name="least">The share, above 0 to 1.</param>
    public static ArrivalPattern Drawn(double least) => least == 1 ? Usual : Usual with { LengthSpread = (1 - least) / RangeOfDeviation / MeanDrawn(least) };

    /// <summary>Mean of lengths that are drawn evenly between a share of what is stated and the whole of it, as a share of that.</summary>
    /// <param name="least">The share, above 0 to 1.</param>
    public static double MeanDrawn(double least) => (1 + least) / 2;

    /// <summary>Share of the other sequences of a wave whose answers end in the step in which one's does: their ends lie evenly over the range of lengths.</summary>
    /// <param name="steps">Steps that an answer takes.</param>
    public double EndTogether(double steps) => 1 / Math.Max(1, RangeOfDeviation * LengthSpread * steps);

    /// <summary>The longest of some requests over the mean of all.</summary>
    /// <param name="requests">The requests, at least 1.</param>
    public double Longest(double requests) => 1 + (RangeOfDeviation / 2 * LengthSpread * (requests - 1) / (requests + 1));
}

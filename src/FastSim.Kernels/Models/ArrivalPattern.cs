namespace FastSim.Kernels.Models;

/// <summary>How the requests of a load come (docs/validation.md, "A closed loop").</summary>
/// <param name="OpeningShare">Share of requests that come in an opening burst, all clients at once: one of ten waves where nobody says.</param>
/// <param name="LengthSpread">
/// Spread of answers' lengths, as a share: requests that were answered together ask again within as many steps, so that short answers keep a wave of
/// prompts together and long ones disperse it.
/// </param>
public sealed record ArrivalPattern(double OpeningShare, double LengthSpread)
{
    /// <summary>A benchmark's.</summary>
    public static ArrivalPattern Usual { get; } = new(0.1, 0.03);
}

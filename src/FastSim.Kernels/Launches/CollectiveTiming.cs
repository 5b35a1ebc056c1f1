using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Launches;

/// <summary>
/// Time of a collective within a server: of three protocols, each a latency, a latency a further member and a share of the link, the
/// fastest for the message. Source: docs/validation.md, "Collectives".
/// </summary>
public static class CollectiveTiming
{
    private const int Protocols = 3;
    private const int PerProtocol = 3;

    /// <summary>The parameters.</summary>
    public static TimingForm Form { get; } = new(
        "collectives",
        [
            new("low_latency_us", 1, 30, 4),
            new("low_latency_hop_us", 0.01, 5, 0.8),
            new("low_latency_link_share", 0.005, 1, 0.08),
            new("middle_us", 2, 60, 8),
            new("middle_hop_us", 0.01, 8, 1.5),
            new("middle_link_share", 0.02, 1, 0.25),
            new("bulk_us", 4, 150, 30),
            new("bulk_hop_us", 0.01, 20, 3),
            new("bulk_link_share", 0.1, 1, 0.8),
        ],
        [[2.5, 0.1, 0.2, 4, 0.3, 0.4, 30, 2, 0.8], [4, 0.1, 0.05, 8, 1, 0.3, 40, 1, 0.7]]);

    /// <summary>Bytes on the wire per byte of message: a ring's.</summary>
    public static double WireShare(Collective collective, double members) => collective switch
    {
        Collective.AllReduce => 2 * (members - 1) / members,
        Collective.PointToPoint => 1,
        _ => (members - 1) / members,
    };

    /// <summary>Microseconds of a collective.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="collective">What is exchanged.</param>
    /// <param name="messageBytes">Bytes of the message, a member.</param>
    /// <param name="members">Cards of the group, at least 2.</param>
    public static double Microseconds(
        ReadOnlySpan<double> parameters, TimingChip chip, Collective collective, double messageBytes, double members)
    {
        double wire = WireShare(collective, members) * messageBytes;
        double best = double.PositiveInfinity;
        for (int protocol = 0; protocol < Protocols; protocol++)
        {
            ReadOnlySpan<double> own = parameters.Slice(protocol * PerProtocol, PerProtocol);
            best = Math.Min(best, own[0] + (own[1] * (members - 2)) + (wire / (chip.LinkBytesPerSecond * own[2]) * Norms.Microseconds));
        }

        return best;
    }

    /// <summary>The least latency of any protocol, and the most of its links that one reaches.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="members">Cards of the group, at least 2.</param>
    public static (double FloorMicroseconds, double LinkShare) Bound(ReadOnlySpan<double> parameters, double members)
    {
        (double floor, double share) = (double.PositiveInfinity, 0);
        for (int protocol = 0; protocol < Protocols; protocol++)
        {
            ReadOnlySpan<double> own = parameters.Slice(protocol * PerProtocol, PerProtocol);
            (floor, share) = (Math.Min(floor, own[0] + (own[1] * (members - 2))), Math.Max(share, own[2]));
        }

        return (floor, share);
    }
}

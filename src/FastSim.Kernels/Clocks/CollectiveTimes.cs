using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Clocks;

/// <summary>Fitted times of collectives: by the collective library, and by an engine's own kernel where that is faster.</summary>
/// <param name="forms">What was fitted.</param>
internal sealed class CollectiveTimes(FittedForms forms)
{
    private readonly double[]? libraryAllReduce = forms.Find(CollectiveTiming.Form.Family, "nccl_all_reduce");
    private readonly double[]? ownAllReduce = forms.Find(CollectiveTiming.Form.Family, "custom_all_reduce");
    private readonly double[]? allToAll = forms.Find(CollectiveTiming.Form.Family, "nccl_alltoall");
    private readonly double[]? allGather = forms.Find(CollectiveTiming.Form.Family, "nccl_all_gather");

    /// <summary>Microseconds of a collective; null where none of its kind was fitted.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="collective">What is exchanged.</param>
    /// <param name="bytes">Bytes of a member's message.</param>
    /// <param name="members">Cards of the group.</param>
    public double? Microseconds(FormChip chip, Collective collective, double bytes, double members) => collective switch
    {
        Collective.AllReduce => AllReduce(chip, bytes, members),
        Collective.AllToAll => AllToAll(chip, bytes, members),
        Collective.AllGather => AllGather(chip, bytes, members),
        _ => null,
    };

    /// <summary>The least latency of a collective, and the most of its links that it reaches; none where no form says so.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="collective">What is exchanged.</param>
    /// <param name="members">Cards of the group.</param>
    public (double FloorMicroseconds, double LinkShare)? Bound(FormChip chip, Collective collective, double members)
    {
        double[]? parameters = collective switch
        {
            Collective.AllReduce => libraryAllReduce,
            Collective.AllToAll => allToAll,
            Collective.AllGather => allGather,
            _ => null,
        };
        if (parameters is null || members > chip.ServerCards)
        {
            return null;
        }

        (double floor, double share) = CollectiveTiming.Bound(parameters, members);
        if (collective != Collective.AllReduce || ownAllReduce is null)
        {
            return (floor, share);
        }

        (double ownFloor, double ownShare) = CollectiveTiming.Bound(ownAllReduce, members);
        return (Math.Min(floor, ownFloor), Math.Max(share, ownShare));
    }

    /// <summary>A sum over a group of cards: the faster of the engine's own kernel and the library's; beyond a server, a ring of servers besides.</summary>
    private double? AllReduce(FormChip chip, double bytes, double members)
    {
        if (libraryAllReduce is not { } library)
        {
            return null;
        }

        if (members <= chip.ServerCards)
        {
            double byLibrary = CollectiveTiming.Microseconds(library, chip.Scale, Collective.AllReduce, bytes, members);
            return ownAllReduce is { } own
                ? Math.Min(byLibrary, CollectiveTiming.Microseconds(own, chip.Scale, Collective.AllReduce, bytes, members))
                : byLibrary;
        }

        const double FirstHop = 15;
        const double FurtherHop = 5;
        double servers = members / chip.ServerCards;
        return CollectiveTiming.Microseconds(library, chip.Scale, Collective.AllReduce, bytes, chip.ServerCards)
            + FirstHop + (FurtherHop * (servers - 1))
            + (2 * (servers - 1) / servers * bytes / chip.ServerCards / chip.OuterBytesPerSecond * Norms.Microseconds);
    }

    /// <summary>Everybody's part of a message to everybody else: the slower of what stays in the server and what leaves it.</summary>
    private double? AllToAll(FormChip chip, double bytes, double members)
    {
        if (allToAll is not { } parameters)
        {
            return null;
        }

        if (members <= chip.ServerCards)
        {
            return CollectiveTiming.Microseconds(parameters, chip.Scale, Collective.AllToAll, bytes, members);
        }

        const double OuterHop = 15;
        double outside = (bytes * (members - chip.ServerCards) / members / chip.OuterBytesPerSecond * Norms.Microseconds) + OuterHop;
        return Math.Max(
            CollectiveTiming.Microseconds(parameters, chip.Scale, Collective.AllToAll, bytes * chip.ServerCards / members, chip.ServerCards), outside);
    }

    /// <summary>Everybody's part to everybody.</summary>
    private double? AllGather(FormChip chip, double bytes, double members)
    {
        const double BeyondServer = 30;
        if (members > chip.ServerCards)
        {
            return BeyondServer;
        }

        return allGather is { } parameters
            ? CollectiveTiming.Microseconds(parameters, chip.Scale, Collective.AllGather, bytes, members)
            : null;
    }
}

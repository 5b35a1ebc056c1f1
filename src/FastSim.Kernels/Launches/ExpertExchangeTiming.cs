namespace FastSim.Kernels.Launches;

/// <summary>
/// Time of an expert-parallel library's kernels that bring tokens to their experts (dispatch) and the results back (combine): in low
/// latency a copy an expert, in throughput a copy a card and, between servers, a copy a server. What stays in a server takes its links,
/// what leaves it the outer network at the same time; units that copy have a rate of their own. Source: docs/validation.md, "Expert
/// exchanges".
/// </summary>
public static class ExpertExchangeTiming
{
    /// <summary>Kind of low latency's dispatch.</summary>
    public const string LowLatencyDispatch = "low_latency/dispatch";

    /// <summary>Kind of low latency's combine.</summary>
    public const string LowLatencyCombine = "low_latency/combine";

    /// <summary>Kind of throughput's dispatch.</summary>
    public const string ThroughputDispatch = "normal/dispatch";

    /// <summary>Kind of throughput's combine.</summary>
    public const string ThroughputCombine = "normal/combine";

    private const int FloorMicroseconds = 0;
    private const int PartMicroseconds = 1;
    private const int LinkShare = 2;
    private const int TokenMicroseconds = 3;
    private const int UnitRate = 4;
    private const int Overlap = 5;
    private const int OuterMicroseconds = 6;
    private const int OuterShare = 7;

    private const double BytesPerGigabyte = 1e9;
    private const double ScaleBlock = 128;
    private const double ScaleBytes = 4;
    private const double CombinedBytes = 2;

    /// <summary>
    /// The parameters. A part is an expert in low latency, a copying unit in throughput. Those of the outer network stay where they start
    /// unless measurements span servers.
    /// </summary>
    public static TimingForm Form { get; } = new(
        "expert_exchange",
        [
            new("floor_us", 2, 100, 10),
            new("part_us", 1e-4, 5, 0.01),
            new("link_share", 0.1, 0.85, 0.6),
            new("token_us", 1e-3, 5, 0.3),
            new("unit_gigabytes_per_second", 1, 200, 20),
            new("overlap", 1, 12, 3),
            new("outer_us", 1, 100, 15),
            new("outer_share", 0.1, 1, 0.9),
        ],
        []);

    /// <summary>Bytes of a dispatched token: 8 bits an element and a scale a block of 128.</summary>
    public static double DispatchedBytes(double hidden) => hidden + (hidden / ScaleBlock * ScaleBytes);

    /// <summary>Bytes of a combined token: 16 bits an element.</summary>
    public static double ReturnedBytes(double hidden) => hidden * CombinedBytes;

    /// <summary>
    /// Groups that a token's experts fall into on average when it chooses them evenly, of groups with equally many:
    /// groups · (1 − C(experts − experts/groups, chosen) / C(experts, chosen)).
    /// </summary>
    /// <param name="groups">Groups, cards or servers.</param>
    /// <param name="experts">Experts.</param>
    /// <param name="chosen">Experts a token chooses.</param>
    public static double GroupsReached(double groups, double experts, double chosen)
    {
        double elsewhere = experts - (experts / groups);
        double missed = 1;
        for (int pick = 0; pick < chosen; pick++)
        {
            missed *= Math.Max(0, (elsewhere - pick) / (experts - pick));
        }

        return groups * (1 - missed);
    }

    /// <summary>Microseconds of a low-latency kernel: a copy an expert.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="outerBytesPerSecond">Rate of a card's outer network, one direction; read only where members do not share a server.</param>
    /// <param name="tokens">Tokens of a card.</param>
    /// <param name="tokenBytes">Bytes of a token on the wire, <see cref="DispatchedBytes"/> or <see cref="ReturnedBytes"/>.</param>
    /// <param name="chosen">Experts a token chooses.</param>
    /// <param name="experts">Experts of the group, copies included.</param>
    /// <param name="members">Cards of the group.</param>
    /// <param name="serverCards">Cards of it that share a server.</param>
    public static double LowLatency(
        ReadOnlySpan<double> parameters,
        TimingChip chip,
        double outerBytesPerSecond,
        double tokens,
        double tokenBytes,
        double chosen,
        double experts,
        double members,
        double serverCards)
    {
        double near = Math.Min(members, serverCards);

        // A kernel takes as many units as there are experts, or shares each among several.
        double units = Math.Max(1, Math.Ceiling(experts / Math.Ceiling(experts / chip.ComputeUnits)));
        double messages = tokens * chosen;
        return Microseconds(
            parameters,
            chip,
            outerBytesPerSecond,
            experts,
            Math.Ceiling(tokens / units),
            Math.Ceiling(tokens / units) * tokenBytes,
            messages * tokenBytes * (near - 1) / members,
            messages * tokenBytes * (members - near) / members);
    }

    /// <summary>Microseconds of a throughput kernel: a copy a card, which between servers travels once a server and is spread there.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="outerBytesPerSecond">Rate of a card's outer network, one direction; read only where members do not share a server.</param>
    /// <param name="tokens">Tokens of a card.</param>
    /// <param name="tokenBytes">Bytes of a token on the wire, <see cref="DispatchedBytes"/> or <see cref="ReturnedBytes"/>.</param>
    /// <param name="chosen">Experts a token chooses.</param>
    /// <param name="experts">Experts of the group, copies included.</param>
    /// <param name="members">Cards of the group.</param>
    /// <param name="serverCards">Cards of it that share a server.</param>
    /// <param name="mostServers">Servers that routing lets a token's experts be on at most; 0 where it does not say.</param>
    /// <param name="units">Compute units that copy.</param>
    public static double Throughput(
        ReadOnlySpan<double> parameters,
        TimingChip chip,
        double outerBytesPerSecond,
        double tokens,
        double tokenBytes,
        double chosen,
        double experts,
        double members,
        double serverCards,
        double mostServers,
        double units)
    {
        double near = Math.Min(members, serverCards);
        double servers = Math.Max(1, members / near);
        double open = mostServers > 0 ? Math.Min(mostServers, servers) : servers;
        double reachable = experts * open / servers;
        double cards = GroupsReached(near * open, reachable, chosen);
        double outside = GroupsReached(open, reachable, chosen) * (servers - 1) / servers;
        return Microseconds(
            parameters,
            chip,
            outerBytesPerSecond,
            units,
            tokens / units,
            tokens * cards * tokenBytes / units,
            tokens * cards * tokenBytes * (near - 1) / near,
            tokens * outside * tokenBytes);
    }

    private static double Microseconds(
        ReadOnlySpan<double> parameters,
        TimingChip chip,
        double outerBytesPerSecond,
        double parts,
        double tokensPerUnit,
        double bytesPerUnit,
        double innerBytes,
        double outerBytes)
    {
        double wire = innerBytes / (chip.LinkBytesPerSecond * parameters[LinkShare]) * Norms.Microseconds;
        double units = (tokensPerUnit * parameters[TokenMicroseconds])
            + (bytesPerUnit / (parameters[UnitRate] * BytesPerGigabyte) * Norms.Microseconds);
        double inside = Norms.Of(wire, units, parameters[Overlap]);
        double outside = outerBytes > 0
            ? parameters[OuterMicroseconds] + (outerBytes / (outerBytesPerSecond * parameters[OuterShare]) * Norms.Microseconds)
            : 0;
        return parameters[FloorMicroseconds] + (parameters[PartMicroseconds] * parts) + Math.Max(inside, outside);
    }
}

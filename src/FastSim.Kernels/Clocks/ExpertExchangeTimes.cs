using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Clocks;

/// <summary>Fitted times of token exchanges by an expert-parallel library.</summary>
/// <param name="forms">What was fitted.</param>
internal sealed class ExpertExchangeTimes(FittedForms forms)
{
    private const double MostLowLatencyTokens = 256;
    private const double CopyingUnits = 20;

    private readonly double[]?[] kinds =
    [
        .. new[]
        {
            ExpertExchangeTiming.LowLatencyDispatch, ExpertExchangeTiming.LowLatencyCombine, ExpertExchangeTiming.ThroughputDispatch, ExpertExchangeTiming.ThroughputCombine,
        }.Select(kind => forms.Find(ExpertExchangeTiming.Form.Family, kind)),
    ];

    /// <summary>Whether kernels of low latency exchange a card's tokens with experts, which may have forms where those of many tokens have none.</summary>
    /// <param name="tokens">Tokens of a card.</param>
    public static bool IsFew(double tokens) => tokens <= MostLowLatencyTokens;

    /// <summary>Microseconds of a token exchange by an expert-parallel library: its low-latency kernels for few tokens, those for throughput beyond; null where they were not fitted.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="isDispatch">Whether tokens go to their experts; otherwise the results come back.</param>
    /// <param name="tokens">Tokens of a card.</param>
    /// <param name="hidden">Hidden width.</param>
    /// <param name="routing">The experts that a token chooses from.</param>
    /// <param name="experts">Experts of the group, copies included.</param>
    /// <param name="members">Cards of the group.</param>
    public double? Microseconds(FormChip chip, bool isDispatch, double tokens, double hidden, MixtureOfExperts routing, double experts, double members)
    {
        bool isFew = IsFew(tokens);
        if (kinds[(isFew ? 0 : 2) + (isDispatch ? 0 : 1)] is not { } parameters)
        {
            return null;
        }

        ArgumentNullException.ThrowIfNull(routing);
        double chosen = routing.ActiveExperts;
        double mostServers = routing.MostServers(Math.Max(1, members / chip.ServerCards));
        double bytes = isDispatch ? ExpertExchangeTiming.DispatchedBytes(hidden) : ExpertExchangeTiming.ReturnedBytes(hidden);
        return isFew
            ? ExpertExchangeTiming.LowLatency(parameters, chip.Scale, chip.OuterBytesPerSecond, tokens, bytes, chosen, experts, members, chip.ServerCards)
            : ExpertExchangeTiming.Throughput(parameters, chip.Scale, chip.OuterBytesPerSecond, tokens, bytes, chosen, experts, members, chip.ServerCards, mostServers, CopyingUnits);
    }
}

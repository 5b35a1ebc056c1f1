using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>Times of exchanges: by an expert-parallel library's kernels where an engine has them and they are faster, by a collective's fitted form, else by the network's links. Serves any number of threads.</summary>
/// <param name="fitted">Fitted forms; null where the chip has none.</param>
/// <param name="engine">The engine.</param>
/// <param name="rates">The chip.</param>
internal sealed class ExchangeTimes(FittedTimes? fitted, ServingEngine engine, ChipRates rates)
{
    /// <summary>Share of exchanges that work does not hide (cost model A5): a second micro-batch's, where a system says so.</summary>
    public double ShownShare => 1 - rates.Chip.CommunicationOverlap;

    /// <summary>Microseconds of an exchange.</summary>
    /// <param name="table">Its stage.</param>
    /// <param name="launch">The exchange.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it carries.</param>
    /// <param name="clock">What priced it.</param>
    public double Microseconds(OperatorTable table, in StageLaunch launch, double sequences, out ClockKind clock)
    {
        ref readonly Exchange exchange = ref table.Exchanges[launch.Operator];
        double? byLibrary = engine.HasExpertLibrary ? ByLibrary(table, launch, sequences) : null;
        double? byForm = byLibrary is null ? null : ByForm(exchange, sequences);

        // Between servers the collective library's all-to-all was never measured.
        bool isUnmeasured = byForm is null || exchange.GroupSize > fitted!.ServerCards;
        if (byLibrary is { } known && (isUnmeasured || known < byForm))
        {
            clock = ClockKind.Fitted;
            return known;
        }

        return Collective(exchange, sequences, out clock);
    }

    /// <summary>What shows of an exchange at the least, microseconds.</summary>
    /// <param name="exchange">The exchange.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it carries.</param>
    /// <param name="byFormsAlone">Whether exchanges that no form prices are left out: their tables by the message's size may fall.</param>
    public double Least(in Exchange exchange, double sequences, bool byFormsAlone)
    {
        if (fitted is null || exchange.Group == ExchangeGroup.ExpertParallel)
        {
            return 0;
        }

        return ShownShare * (byFormsAlone ? ByForm(exchange, sequences) ?? 0 : Collective(exchange, sequences, out _));
    }

    /// <summary>The least latency of an exchange, and the most of the links within a server that it reaches; none where no form says so.</summary>
    /// <param name="exchange">The exchange.</param>
    public (double FloorMicroseconds, double LinkShare)? Bound(in Exchange exchange) =>
        exchange.Group == ExchangeGroup.ExpertParallel ? null : fitted?.Bound(exchange.Collective, exchange.GroupSize);

    private double? ByForm(in Exchange exchange, double sequences) => fitted?.Exchange(exchange.Collective, exchange.MessageBytes.At(sequences), exchange.GroupSize);

    private double Collective(in Exchange exchange, double sequences, out ClockKind clock)
    {
        if (ByForm(exchange, sequences) is { } time)
        {
            clock = ClockKind.Fitted;
            return time;
        }

        clock = ClockKind.Roofline;
        return ExchangeCost.Of(exchange, rates, sequences).Seconds * Norms.Microseconds;
    }

    /// <summary>An exchange with experts by an expert-parallel library.</summary>
    private double? ByLibrary(OperatorTable table, in StageLaunch launch, double sequences)
    {
        LaunchKind kind = table.Identities[launch.Operator].Kind;
        if (fitted is null || kind is not (LaunchKind.ExpertDispatch or LaunchKind.ExpertCombine))
        {
            return null;
        }

        DeploymentShape shape = table.Shape;
        MixtureOfExperts experts = shape.Model.Experts!;
        return fitted.ExpertExchange.Microseconds(
            fitted.Chip,
            kind == LaunchKind.ExpertDispatch,
            ExpertFeedForward.CardTokens(shape).At(sequences),
            experts.RoutedInput(shape.Model.Hidden),
            experts,
            experts.Experts + shape.Layout.RedundantExperts,
            table.Exchanges[launch.Operator].GroupSize);
    }
}

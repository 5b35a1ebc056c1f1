using FastSim.Cli.Configuration;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>
/// Measured exchanges of an expert-parallel library, <c>wideep_deepep_ll_perf.parquet</c> (low latency) and
/// <c>wideep_deepep_normal_perf.parquet</c> (throughput): a kind a direction, in microseconds. Dispatch carries 8 bits, combine 16.
/// </summary>
internal static class ExpertExchangeFiles
{
    /// <summary>Cards of a server of the measured systems.</summary>
    private const double ServerCards = 8;

    /// <summary>Columns of text: none is needed.</summary>
    public static readonly string[] Texts = [];

    /// <summary>Columns of numbers, low latency.</summary>
    public static readonly string[] LowLatencyNumbers =
        ["node_num", "hidden_size", "num_token", "num_topk", "num_experts", "dispatch_avg_t_us", "combine_avg_t_us"];

    /// <summary>Columns of numbers, throughput.</summary>
    public static readonly string[] ThroughputNumbers =
    [
        "node_num", "hidden_size", "num_token", "num_topk", "num_experts", "dispatch_sms", "dispatch_transmit_us", "combine_sms", "combine_transmit_us",
    ];

    /// <summary>The kinds of low latency.</summary>
    public static IEnumerable<MeasuredKind> LowLatency(MeasuredTable table, CalibrationChip chip, Findings findings)
    {
        double Timing(double[] parameters, Exchange item) => ExpertExchangeTiming.LowLatency(
            parameters, chip.Scale, chip.OuterBytesPerSecond, item.Tokens, item.TokenBytes, item.Chosen, item.Experts, item.Members, ServerCards);
        double Roofline(Exchange item) =>
            Longest(chip, item.Tokens * item.Chosen * item.TokenBytes, Math.Min(item.Members, ServerCards) / item.Members, 1 / item.Members);
        return
        [
            Kind(table, ExpertExchangeTiming.LowLatencyDispatch, "dispatch_avg_t_us", null, Timing, Roofline, findings),
            Kind(table, ExpertExchangeTiming.LowLatencyCombine, "combine_avg_t_us", null, Timing, Roofline, findings),
        ];
    }

    /// <summary>The kinds of throughput.</summary>
    public static IEnumerable<MeasuredKind> Throughput(MeasuredTable table, CalibrationChip chip, Findings findings)
    {
        double Timing(double[] parameters, Exchange item) => ExpertExchangeTiming.Throughput(
            parameters,
            chip.Scale,
            chip.OuterBytesPerSecond,
            item.Tokens,
            item.TokenBytes,
            item.Chosen,
            item.Experts,
            item.Members,
            ServerCards,
            mostServers: 0,
            item.Units);
        double Roofline(Exchange item)
        {
            double cards = ExpertExchangeTiming.GroupsReached(item.Members, item.Experts, item.Chosen);
            return Longest(chip, item.Tokens * cards * item.TokenBytes, Math.Min(item.Members, ServerCards) / item.Members, 1 / item.Members);
        }

        return
        [
            Kind(table, ExpertExchangeTiming.ThroughputDispatch, "dispatch_transmit_us", "dispatch_sms", Timing, Roofline, findings),
            Kind(table, ExpertExchangeTiming.ThroughputCombine, "combine_transmit_us", "combine_sms", Timing, Roofline, findings),
        ];
    }

    /// <summary>Microseconds of copies at the peaks: those within a server, those beyond.</summary>
    private static double Longest(CalibrationChip chip, double bytes, double insideShare, double ownShare) => Math.Max(
        bytes * (insideShare - ownShare) / chip.Scale.LinkBytesPerSecond,
        insideShare < 1 ? bytes * (1 - insideShare) / chip.OuterBytesPerSecond : 0) * MeasuredRows.MicrosecondsPerSecond;

    private static MeasuredKind<Exchange> Kind(
        MeasuredTable table,
        string kind,
        string time,
        string? units,
        Func<double[], Exchange, double> timing,
        Func<Exchange, double> roofline,
        Findings findings)
    {
        bool dispatches = kind is ExpertExchangeTiming.LowLatencyDispatch or ExpertExchangeTiming.ThroughputDispatch;
        double[] servers = table.Numbers("node_num");
        double[] hidden = table.Numbers("hidden_size");
        double[] tokens = table.Numbers("num_token");
        double[] chosen = table.Numbers("num_topk");
        double[] experts = table.Numbers("num_experts");
        double[]? copying = units is null ? null : table.Numbers(units);
        List<(Exchange Case, double Microseconds)> cases =
        [
            .. MeasuredRows.ByKind(
                table,
                _ => kind,
                row => new Exchange(
                    servers[row] * ServerCards,
                    tokens[row],
                    dispatches ? ExpertExchangeTiming.DispatchedBytes(hidden[row]) : ExpertExchangeTiming.ReturnedBytes(hidden[row]),
                    chosen[row],
                    experts[row],
                    copying?[row] ?? 0),
                new MeasuredTime(time, 1, findings)).SelectMany(pair => pair.Cases),
        ];
        return new MeasuredKind<Exchange>(
            ExpertExchangeTiming.Form,
            kind,
            cases,
            item => [item.Members, item.Tokens, item.TokenBytes, item.Chosen, item.Experts, item.Units],
            parameters => item => timing(parameters, item),
            roofline);
    }

    private readonly record struct Exchange(double Members, double Tokens, double TokenBytes, double Chosen, double Experts, double Units);
}

using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Cli.Configuration;

/// <summary>Which engine runs a job's instances, and what prices its launches: <c>engine</c> and <c>timing</c> (docs/file-formats.md, "Runtime").</summary>
/// <param name="Engine">The engine; null for operators of the cost model, each by itself.</param>
/// <param name="Timing">Clocks, the first choice first.</param>
internal sealed record ServingChoice(ServingEngine? Engine, IReadOnlyList<ClockKind> Timing)
{
    /// <summary>Whether the roofline alone is asked for, so that a chip's learned efficiency is left.</summary>
    public bool LeavesLearned { get; init; }

    /// <summary>A chip as the choice takes it.</summary>
    public Chip Of(Chip chip) => LeavesLearned ? chip with { Efficiency = null } : chip;

    /// <summary>Words of <c>timing</c> and <c>--timing</c>.</summary>
    public static IReadOnlyDictionary<string, ClockKind> Clocks { get; } = new Dictionary<string, ClockKind>
    {
        ["roofline"] = ClockKind.Roofline,
        ["fitted"] = ClockKind.Fitted,
        ["learned"] = ClockKind.Learned,
    };

    /// <summary>The word of a clock.</summary>
    public static string WordOf(ClockKind clock) => Clocks.Single(pair => pair.Value == clock).Key;

    /// <summary>Reads the choice of a mode.</summary>
    /// <param name="json">The mode.</param>
    /// <param name="accounting">Its accounting.</param>
    /// <param name="stated">Clocks that the command line says; null for none.</param>
    /// <param name="findings">Where to put warnings.</param>
    /// <returns>The choice for a job's chips.</returns>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static Func<ChipPair, ServingChoice> Read(JsonObject json, Accounting accounting, IReadOnlyList<ClockKind>? stated, Findings findings)
    {
        ServingEngine? engine = json.Has("engine") ? ServingEngineReader.Read(json["engine"], findings) : null;
        IReadOnlyList<ClockKind>? timing = stated ?? (json.Has("timing") ? Timings(json["timing"]) : null);
        if (accounting == Accounting.Seed)
        {
            JsonValue? counted = engine is not null ? json["engine"] : null;
            counted ??= timing is not null && timing.Contains(ClockKind.Fitted) && stated is null ? json["timing"] : null;
            if (counted is not null)
            {
                throw counted.Value.Complaint("none in seed accounting, which counts operators as the sample table does; \"accounting\": \"physical\" counts what an engine launches");
            }

            return stated is not null && stated.Contains(ClockKind.Fitted)
                ? throw new ConfigurationException("--timing: found fitted for seed accounting; expected roofline or learned, or --accounting physical")
                : _ => new ServingChoice(null, []) { LeavesLearned = timing is not null && timing[0] == ClockKind.Roofline };
        }

        return chips =>
        {
            if (timing is not null && timing.Contains(ClockKind.Learned) && chips is { Prefill.Efficiency: null, Decode.Efficiency: null })
            {
                findings.Warn($"timing learned: {chips.Decode.Name} has no efficiency model; efficiency_model names one");
            }

            if (timing is not null && timing.Contains(ClockKind.Fitted) && !(IsMeasured(chips.Prefill) && IsMeasured(chips.Decode)))
            {
                findings.Warn($"timing fitted: {(IsMeasured(chips.Decode) ? chips.Prefill.Name : chips.Decode.Name)} has no measured forms (operators); the next clock prices its launches");
            }

            return Of(chips, engine, timing);
        };
    }

    /// <summary>Reads how requests come: <c>arrivals</c>.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static ArrivalPattern Arrivals(JsonObject json, Findings findings)
    {
        if (!json.Has("arrivals"))
        {
            return ArrivalPattern.Usual;
        }

        JsonObject arrivals = json.Object("arrivals", "how requests come: an object").Know(findings, "opening_share", "length_spread");
        return new ArrivalPattern(
            arrivals.Number("opening_share", NumberRule.Share, ArrivalPattern.Usual.OpeningShare),
            arrivals.Number("length_spread", NumberRule.Share, ArrivalPattern.Usual.LengthSpread));
    }

    private static ServingChoice Of(ChipPair chips, ServingEngine? engine, IReadOnlyList<ClockKind>? timing)
    {
        bool isLearned = chips.Prefill.Efficiency is not null || chips.Decode.Efficiency is not null;
        bool isMeasured = IsMeasured(chips.Prefill) && IsMeasured(chips.Decode);
        IReadOnlyList<ClockKind> clocks = timing ?? (isLearned, isMeasured) switch
        {
            (true, _) => engine is null ? [] : [ClockKind.Learned, ClockKind.Fitted],
            (_, true) => [ClockKind.Fitted],
            _ => [],
        };
        bool isFitted = clocks.TakeWhile(clock => clock != ClockKind.Roofline).Contains(ClockKind.Fitted);
        return engine is null && !isFitted
            ? new ServingChoice(null, []) { LeavesLearned = timing is not null && timing[0] == ClockKind.Roofline }
            : new ServingChoice(engine ?? ServingEngine.None, [.. clocks.TakeWhile(clock => clock != ClockKind.Roofline)]);
    }

    /// <summary>Whether a chip's products were measured: its other launches then have a floor, too.</summary>
    private static bool IsMeasured(Chip chip) => chip.Timings?.Keys.Any(key => key.Family == "gemm") == true;

    /// <summary>A clock, or several in order of preference.</summary>
    private static ClockKind[] Timings(JsonValue value)
    {
        const string What = "what prices launches";
        JsonValue[] items = value.Element.ValueKind == System.Text.Json.JsonValueKind.Array ? value.Items($"{What}, the first choice first", Clocks.Count) : [value];
        return Array.ConvertAll(items, item => item.Word(What, Clocks));
    }
}

using FastSim.Kernels.Chips;

namespace FastSim.Cli.Configuration;

/// <summary>Reads what a chip's data sheet says of how it works beside its peaks (docs/file-formats.md, "System"). What is missing follows from the rest by rule.</summary>
internal static class StructureReader
{
    /// <summary>Key of the clock at which the peaks are stated.</summary>
    public const string Clock = "clock_GHz";

    /// <summary>Key of the second-level cache.</summary>
    public const string Cache = "cache";

    /// <summary>Key of the seconds between two kernels.</summary>
    public const string Launch = "launch_latency";

    /// <summary>Key of whether matrix units fetch their operands by themselves.</summary>
    public const string Asynchronous = "asynchronous_units";

    /// <summary>Key of whether a kernel may start before the one before it is done.</summary>
    public const string Dependent = "dependent_launch";

    /// <summary>Key within <see cref="Cache"/> of its size.</summary>
    public const string CacheSize = "MiB";

    /// <summary>Key within <see cref="Cache"/> of whether rooflines count on intermediate results staying there.</summary>
    public const string InRoofline = "in_roofline";

    private const string EightBitFloats = "float8";
    private const string FourBitFloats = "float4";

    /// <summary>Reads it.</summary>
    /// <param name="system">The system.</param>
    /// <param name="findings">Where to put warnings.</param>
    /// <exception cref="ConfigurationException">A figure cannot be.</exception>
    public static ChipStructure Read(JsonObject system, Findings findings)
    {
        JsonObject? cache = system.Has(Cache)
            ? system.Object(Cache, "the second-level cache: an object").Know(findings, CacheSize, "GBps", InRoofline)
            : null;
        bool keeps = cache?.Boolean(InRoofline, false) ?? false;
        if (keeps && !cache!.Has("GBps"))
        {
            throw cache[InRoofline].Complaint("false, or GBps beside it: the rate at which all units read the cache together");
        }

        if (keeps)
        {
            findings.OfPhysical($"{Cache}.{InRoofline}");
        }

        JsonObject matrix = system.Object("matrix", "compute units by data type: an object");
        return new ChipStructure(
            (EconomicsReader.Figure(system, Clock, NumberRule.Positive) ?? 0) * 1e9,
            cache is { } size ? size.Number(CacheSize, NumberRule.Positive) * (1 << 20) : 0,
            cache is { } rate && rate.Has("GBps") ? rate.Number("GBps", NumberRule.Positive) * PhysicalUnits.BytesPerGigabyte : 0,
            EconomicsReader.Figure(system, Launch, NumberRule.Positive) ?? 0,
            !matrix.Has(EightBitFloats),
            system.Has(Asynchronous) ? system[Asynchronous].Boolean() : null,
            system.Boolean(Dependent, false),
            keeps,
            matrix.Has(FourBitFloats));
    }
}

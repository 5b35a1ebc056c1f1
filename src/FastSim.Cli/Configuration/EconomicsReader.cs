using System.Globalization;
using FastSim.Kernels.Chips;

namespace FastSim.Cli.Configuration;

/// <summary>Reads what a card costs and draws (docs/file-formats.md, "System"). A key that is missing, or null, says that the figure is unknown.</summary>
internal static class EconomicsReader
{
    /// <summary>Key of the dollars of a card and hour.</summary>
    public const string Price = "price_per_hour";

    /// <summary>Key of the watts that a card draws at most for long.</summary>
    public const string Board = "board_watts";

    /// <summary>Key of the watts that a card draws idle.</summary>
    public const string Idle = "idle_watts";

    /// <summary>Key of the watts that a card is held to.</summary>
    public const string Cap = "power_cap";

    /// <summary>Key of the joules of a FLOP, in a unit.</summary>
    public const string OfFlop = "joules_per_flop";

    /// <summary>Key of the joules of a byte, in a memory or a network tier.</summary>
    public const string OfByte = "joules_per_byte";

    /// <summary>Reads them from a system that was read otherwise; null where it states none.</summary>
    /// <exception cref="ConfigurationException">A figure cannot be.</exception>
    public static ChipEconomics? Read(JsonObject system)
    {
        JsonObject memory = system.Object("mem1", "a memory: an object");
        ChipEconomics stated = new()
        {
            DollarsPerHour = Figure(system, Price, NumberRule.NotNegative),
            BoardWatts = Figure(system, Board, NumberRule.Positive),
            IdleWatts = Figure(system, Idle, NumberRule.NotNegative),
            PowerCapWatts = PowerCap(system),
            MatrixJoulesPerFlop = OfUnits(system, "matrix"),
            VectorJoulesPerFlop = OfUnits(system, "vector"),
            MemoryJoulesPerByte = Figure(memory, OfByte, NumberRule.NotNegative),
            LinkJoulesPerByte = OfTiers(system["networks"]),
        };
        bool isSilent = stated is { DollarsPerHour: null, BoardWatts: null, IdleWatts: null, PowerCapWatts: null, MemoryJoulesPerByte: null }
            && stated.MatrixJoulesPerFlop.Count + stated.VectorJoulesPerFlop.Count + stated.LinkJoulesPerByte.Count == 0;
        return isSilent ? null : stated;
    }

    /// <summary>A figure; null where it is not stated.</summary>
    /// <exception cref="ConfigurationException">It cannot be.</exception>
    public static double? Figure(JsonObject json, string key, NumberRule rule) => json.Has(key) ? json.Number(key, rule) : null;

    /// <summary>A cap that cannot be held for want of figures is refused: it would cap nothing.</summary>
    private static double? PowerCap(JsonObject system)
    {
        if (!system.Has(Cap))
        {
            return null;
        }

        double? idle = Figure(system, Idle, NumberRule.NotNegative);
        double cap = system.Number(Cap, idle is { } drawn
            ? new NumberRule(string.Create(CultureInfo.InvariantCulture, $"a number above idle_watts, {drawn}: the rest is for work"), number => number > drawn)
            : NumberRule.Positive);
        JsonValue[] needed =
        [
            system[Idle],
            system.Object("mem1", "a memory: an object")[OfByte],
            .. system["networks"].Items("network tiers, innermost first: a list of objects").Select(tier => JsonObject.Of(tier, "a network tier: an object")[OfByte]),
        ];
        foreach (JsonValue each in needed.Where(each => each.IsNull))
        {
            throw each.Complaint("a number of at least 0, without which power_cap caps nothing");
        }

        return cap;
    }

    private static Dictionary<string, double> OfUnits(JsonObject system, string key)
    {
        JsonObject units = system.Object(key, "compute units by data type: an object");
        Dictionary<string, double> read = new(StringComparer.Ordinal);
        foreach (string type in units.Keys)
        {
            if (Figure(units.Object(type, "a compute unit: an object"), OfFlop, NumberRule.NotNegative) is { } joules)
            {
                read[type] = joules;
            }
        }

        return read;
    }

    private static double?[] OfTiers(JsonValue networks)
    {
        double?[] read = Array.ConvertAll(
            networks.Items("network tiers, innermost first: a list of objects"),
            tier => Figure(JsonObject.Of(tier, "a network tier: an object"), OfByte, NumberRule.NotNegative));
        return Array.TrueForAll(read, joules => joules is null) ? [] : read;
    }
}

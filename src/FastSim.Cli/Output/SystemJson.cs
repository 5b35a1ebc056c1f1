using System.Text.Json;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Networks;
using FastSim.Kernels.Rates;

namespace FastSim.Cli.Output;

/// <summary>What <c>fastsim system show --json</c> prints: the facts of <see cref="SystemSheet"/>, as numbers.</summary>
internal static class SystemJson
{
    /// <summary>The text.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="accounting">By whose units rates are read.</param>
    /// <param name="warnings">What was noticed in its file.</param>
    public static string Of(Chip chip, Accounting accounting, IReadOnlyList<string> warnings) => IndentedJson.Object(json =>
    {
        ChipRates rates = SystemSheet.AnyRates(chip, accounting);
        json.WriteString("system", chip.Name);
        json.WriteString("accounting", JsonNamingPolicy.CamelCase.ConvertName(accounting.ToString()));
        ChipEconomics economics = chip.Economics ?? ChipEconomics.Unknown;
        WriteUnits(json, "matrix", chip.Matrix, rates, economics.MatrixJoulesPerFlop);
        WriteUnits(json, "vector", chip.Vector, rates, economics.VectorJoulesPerFlop);
        json.WriteStartObject("memory");
        json.WriteNumber("gibibytes", chip.Memory.CapacityGibibytes);
        json.WriteNumber("bytesPerSecond", rates.MemoryBytesPerSecondAtMost);
        json.WriteNumber("GBps", chip.Memory.GigabytesPerSecond);
        json.WriteNumber("calibrationCoefficient", chip.Memory.CalibrationCoefficient);
        WriteTable(json, chip.Memory.Efficiency);
        WriteKnown(json, "joulesPerByte", economics.MemoryJoulesPerByte);
        json.WriteEndObject();
        if (chip.Structure.KeepsActivations)
        {
            json.WriteStartObject("cacheInRoofline");
            json.WriteNumber("bytes", chip.Structure.CacheBytes);
            json.WriteNumber("bytesPerSecond", chip.Structure.CacheBytesPerSecond);
            json.WriteEndObject();
        }

        if (chip.SecondMemory is { } second)
        {
            json.WriteStartObject("secondMemory");
            json.WriteNumber("gibibytes", second.CapacityGibibytes);
            json.WriteNumber("GBps", second.GigabytesPerSecond);
            json.WriteNumber("calibrationCoefficient", second.CalibrationCoefficient);
            WriteTable(json, second.Efficiency);
            WriteKnown(json, "joulesPerByte", second.JoulesPerByte);
            WriteKnown(json, "pricePerHour", second.DollarsPerHour > 0 ? second.DollarsPerHour : null);
            json.WriteEndObject();
        }

        json.WriteObjects("networks", chip.Networks.Select((tier, index) => (tier, index)), each => WriteTier(
            json,
            each.tier,
            each.index,
            rates.LinkBytesPerSecondAtMost(each.index),
            each.index < economics.LinkJoulesPerByte.Count ? economics.LinkJoulesPerByte[each.index] : null));
        WriteKnown(json, "pricePerHour", economics.DollarsPerHour);
        WriteKnown(json, "boardWatts", economics.BoardWatts);
        WriteKnown(json, "idleWatts", economics.IdleWatts);
        WriteKnown(json, "powerCapWatts", economics.PowerCapWatts);
        json.WriteNumber("communicationOverlap", chip.CommunicationOverlap);
        json.WriteNumber("staticLatencySeconds", chip.StaticLatencySeconds);
        json.WriteBoolean("overlapsComputeAndMemory", chip.Mode == ProcessingMode.Roofline);
        json.WriteTexts("warnings", warnings);
    });

    private static void WriteUnits(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, ComputeUnit> units, ChipRates rates, IReadOnlyDictionary<string, double> joulesPerFlop) =>
        json.WriteObjects(name, units, unit =>
        {
            json.WriteString("type", unit.Key);
            json.WriteNumber("flopsPerSecond", unit.Value.Teraflops * rates.FlopsPerTeraflop * unit.Value.CalibrationCoefficient);
            json.WriteNumber("tflops", unit.Value.Teraflops);
            json.WriteNumber("calibrationCoefficient", unit.Value.CalibrationCoefficient);
            WriteTable(json, unit.Value.Efficiency);
            WriteKnown(json, "joulesPerFlop", joulesPerFlop.TryGetValue(unit.Key, out double joules) ? joules : null);
        });

    private static void WriteWiring(Utf8JsonWriter json, NetworkTier tier, int index)
    {
        json.WriteStartArray("algorithms");
        foreach (string word in SystemSheet.AlgorithmWords(tier, index))
        {
            json.WriteStringValue(word);
        }

        json.WriteEndArray();
        if (tier.WrapMultiple > 0)
        {
            json.WriteNumber("wrapMultiple", tier.WrapMultiple);
        }

        if (tier.Oversubscription.Count > 0)
        {
            json.WriteStartArray("oversubscription");
            tier.Oversubscription.ToList().ForEach(json.WriteNumberValue);
            json.WriteEndArray();
        }

        if (tier.GlobalLinks > 0)
        {
            json.WriteNumber("globalLinks", tier.GlobalLinks);
        }

        json.WriteNumber("stepSeconds", tier.StepSeconds);
        WriteKnown(json, "reductionGBps", double.IsFinite(tier.ReductionGigabytesPerSecond) ? tier.ReductionGigabytesPerSecond : null);
    }

    private static void WriteTier(Utf8JsonWriter json, NetworkTier tier, int index, double bytesPerSecond, double? joulesPerByte)
    {
        json.WriteNumber("cards", tier.Size);
        json.WriteString("topology", SystemSheet.Word(tier.Topology));
        if (tier.Dimensions.Count > 0)
        {
            json.WriteStartArray("dims");
            tier.Dimensions.ToList().ForEach(json.WriteNumberValue);
            json.WriteEndArray();
        }

        if (AlgorithmChoice.Holds(tier))
        {
            WriteWiring(json, tier, index);
        }

        json.WriteNumber("bytesPerSecond", bytesPerSecond);
        json.WriteNumber("GBps", tier.GigabytesPerSecond);
        json.WriteNumber("linkEfficiency", tier.LinkEfficiency);
        WriteTable(json, tier.SizeEfficiency);
        json.WriteNumber("latencySeconds", tier.LatencySeconds);
        json.WriteNumber("processorUsage", tier.ProcessorUsage);
        WriteKnown(json, "joulesPerByte", joulesPerByte);
        json.WriteObjects("collectives", SystemSheet.Collectives.Select((word, index) => (word, tier.Collectives[index])), each =>
        {
            (string word, CollectiveRate rate) = each;
            json.WriteString("collective", word);
            json.WriteNumber("scale", rate.Scale);
            json.WriteNumber("groupOffset", rate.GroupOffset);
            json.WriteObjects("efficiencyByGroup", rate.GroupSizes.Zip(rate.Efficiencies), row =>
            {
                json.WriteNumber("cards", row.First);
                json.WriteNumber("efficiency", row.Second);
            });
        });
    }

    /// <summary>A figure, where the chip's file states it.</summary>
    private static void WriteKnown(Utf8JsonWriter json, string name, double? figure)
    {
        if (figure is { } known)
        {
            json.WriteNumber(name, known);
        }
    }

    private static void WriteTable(Utf8JsonWriter json, EfficiencyTable table)
    {
        json.WriteBoolean("hasEfficiencyTable", !table.IsFlat);
        json.WriteNumber("efficiencyAtBest", table.Best);
    }
}

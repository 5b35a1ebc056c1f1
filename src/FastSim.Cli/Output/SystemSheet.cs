using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Networks;
using FastSim.Kernels.Rates;

namespace FastSim.Cli.Output;

/// <summary>What <c>fastsim system show</c> prints of a chip: the rates that operators run at, as one accounting reads them.</summary>
internal static class SystemSheet
{
    private const double Tera = 1e12;
    private const double Giga = 1e9;
    private const double Mebi = 1 << 20;
    private const double Micro = 1e-6;
    private const double Pico = 1e-12;

    /// <summary>Names of the collectives, in the order of <see cref="Collective"/>.</summary>
    public static IReadOnlyList<string> Collectives { get; } = ["p2p", "reduce_scatter", "all_gather", "all_reduce", "all2all"];

    /// <summary>Lines of the sheet.</summary>
    public static IEnumerable<string> Lines(Chip chip, Accounting accounting)
    {
        SheetLines sheet = new();
        sheet.Add("system", chip.Name);
        sheet.Add("accounting", accounting == Accounting.Seed ? "seed: 1 tflops = 1.024e12 FLOP/s, 1 GB = 2^30 bytes" : "physical: 1 tflops = 1e12 FLOP/s, 1 GB = 1e9 bytes");
        AddUnits(sheet, "matrix", chip, chip.Matrix, accounting);
        AddUnits(sheet, "vector", chip, chip.Vector, accounting);
        ChipRates rates = AnyRates(chip, accounting);
        sheet.Add("memory", $"{Number(chip.Memory.CapacityGibibytes)} GiB, {Number(rates.MemoryBytesPerSecondAtMost / Giga)} billion bytes/s: {Number(chip.Memory.GigabytesPerSecond)} GB/s · {Number(chip.Memory.CalibrationCoefficient)}{Table(chip.Memory.Efficiency, "size")}{Energy(chip.Economics?.MemoryJoulesPerByte, "a byte")}");
        sheet.AddIf(
            chip.Structure.KeepsActivations,
            "cache",
            $"{Number(chip.Structure.CacheBytes / Mebi)} MiB, {Number(chip.Structure.CacheBytesPerSecond / Giga)} GB/s: rooflines read intermediate results that fit from there, in physical accounting");
        if (chip.SecondMemory is { } second)
        {
            sheet.Add("second memory", $"{Number(second.CapacityGibibytes)} GiB, {Number(second.GigabytesPerSecond)} GB/s · {Number(second.CalibrationCoefficient)}{Table(second.Efficiency, "size")}{Energy(second.JoulesPerByte, "a byte")}, in physical accounting{(second.DollarsPerHour > 0 ? $"; ${Number(second.DollarsPerHour)} an hour on top of the card" : "")}");
        }

        for (int tier = 0; tier < chip.Networks.Count; tier++)
        {
            double? joules = tier < chip.Economics?.LinkJoulesPerByte.Count ? chip.Economics.LinkJoulesPerByte[tier] : null;
            AddTier(sheet, chip.Networks[tier], tier, rates.LinkBytesPerSecondAtMost(tier), joules);
        }

        sheet.Add("hidden", $"{Number(100 * chip.CommunicationOverlap)} % of communication");
        sheet.AddIf(chip.StaticLatencySeconds > 0, "each operator", $"{Number(chip.StaticLatencySeconds / Micro)} us besides, in physical accounting");
        sheet.AddIf(chip.Economics is not null, "a card", string.Join(", ", Card(chip.Economics ?? ChipEconomics.Unknown)));
        sheet.Add("an operator takes", chip.Mode == ProcessingMode.Roofline ? "the longer of compute and memory" : "compute and memory one after the other");
        return sheet.Lines;
    }

    private static void AddUnits(
        SheetLines sheet, string unit, Chip chip, IReadOnlyDictionary<string, ComputeUnit> units, Accounting accounting)
    {
        IReadOnlyDictionary<string, double>? joules = unit == "matrix" ? chip.Economics?.MatrixJoulesPerFlop : chip.Economics?.VectorJoulesPerFlop;
        foreach ((string type, ComputeUnit of) in units)
        {
            double? each = joules is not null && joules.TryGetValue(type, out double known) ? known : null;
            double flops = of.Teraflops * AnyRates(chip, accounting).FlopsPerTeraflop * of.CalibrationCoefficient;
            sheet.Add($"{unit} {type}", $"{Number(flops / Tera)} TFLOP/s: {Number(of.Teraflops)} tflops · {Number(of.CalibrationCoefficient)}{Table(of.Efficiency, "operator")}{Energy(each, "a FLOP")}");
        }
    }

    private static void AddTier(SheetLines sheet, NetworkTier tier, int index, double bytesPerSecond, double? joulesPerByte)
    {
        string extents = tier.Dimensions.Count > 0 ? $" of {string.Join(" x ", tier.Dimensions)}" : "";
        sheet.Add(
            $"network tier {index}",
            $"{Number(tier.Size)} cards, {Word(tier.Topology)}{extents}, {Number(bytesPerSecond / Giga)} billion bytes/s one way: {Number(tier.GigabytesPerSecond)} GB/s · {Number(tier.LinkEfficiency)}{Table(tier.SizeEfficiency, "size")}; {Number(tier.LatencySeconds / Micro)} us a hop; takes {Number(100 * tier.ProcessorUsage)} % of the compute units{Energy(joulesPerByte, "a byte sent")}");
        AddWiring(sheet, tier, index);
        for (int collective = 0; collective < Collectives.Count; collective++)
        {
            CollectiveRate rate = tier.Collectives[collective];
            string groups = string.Join(", ", rate.GroupSizes.Select((size, row) => $"{size}: {Number(rate.Efficiencies[row])}"));
            sheet.Add($"  {Collectives[collective]}", $"{Number(rate.Scale)}·(1 {(rate.GroupOffset < 0 ? "-" : "+")} {Number(Math.Abs(rate.GroupOffset))}/group) bytes a byte; efficiency by group {groups}");
        }
    }

    /// <summary>What the tier states beyond the seed's keys: how its links are shared, and what its collectives may run in physical accounting.</summary>
    private static void AddWiring(SheetLines sheet, NetworkTier tier, int index)
    {
        if (!AlgorithmChoice.Holds(tier))
        {
            return;
        }

        List<string> parts = [$"the fastest of {string.Join(", ", AlgorithmWords(tier, index))}"];
        if (tier.WrapMultiple > 0)
        {
            parts.Add($"sides of a multiple of {Number(tier.WrapMultiple)} are rings");
        }

        if (tier.Oversubscription.Count > 0)
        {
            parts.Add($"oversubscribed by {string.Join(", ", tier.Oversubscription.Select(factor => Number(factor)))}");
        }

        if (tier.GlobalLinks > 0)
        {
            parts.Add($"{Number(tier.GlobalLinks)} global links a router");
        }

        if (tier.StepSeconds > 0)
        {
            parts.Add($"{Number(tier.StepSeconds / Micro)} us a step");
        }

        if (double.IsFinite(tier.ReductionGigabytesPerSecond))
        {
            parts.Add($"adds up {Number(tier.ReductionGigabytesPerSecond)} GB/s");
        }

        sheet.Add("  by algorithm", $"{string.Join("; ", parts)} (physical accounting)");
    }

    /// <summary>Algorithms that a tier's collectives may run, as files name them; two levels where there are two.</summary>
    public static IEnumerable<string> AlgorithmWords(NetworkTier tier, int index) => WiringReader.Algorithms
        .Where(named => AlgorithmChoice.Admitted(tier).HasFlag(named.Value) && (named.Value != CollectiveAlgorithms.TwoLevel || index > 0 || tier.HasLevels))
        .Select(named => named.Key);

    /// <summary>A topology as files name it.</summary>
    public static string Word(Topology topology) => WiringReader.Topologies.Single(named => named.Value == topology).Key;

    /// <summary>The chip bound to any of its types: memory and links do not depend on them.</summary>
    public static ChipRates AnyRates(Chip chip, Accounting accounting)
    {
        string matrix = chip.Matrix.Keys.First();
        return new ChipRates(chip, new FlopsTypes(matrix, matrix, chip.Vector.Keys.First()), accounting, Phase.Decode);
    }

    private static IEnumerable<string> Card(ChipEconomics of)
    {
        (double? Figure, string Before, string After)[] figures =
        [
            (of.DollarsPerHour, "$", " an hour"), (of.BoardWatts, "", " W of its board"), (of.IdleWatts, "", " W idle"), (of.PowerCapWatts, "held to ", " W"),
        ];
        return figures.Where(each => each.Figure is not null).Select(each => $"{each.Before}{Number(each.Figure!.Value)}{each.After}");
    }

    private static string Energy(double? joules, string each) => joules is { } known ? $"; {Number(known / Pico)} pJ {each}" : "";

    private static string Table(EfficiencyTable table, string what)
    {
        if (!table.IsFlat)
        {
            return $" · a table by {what}, {Number(table.Best)} at best";
        }

        return table.Best == 1 ? "" : $" · {Number(table.Best)}";
    }

    private static string Number(double number) => number.ToString("#,0.#####", CultureInfo.InvariantCulture);
}

using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Example.Tests;

/// <summary>The chip and the launches whose components are worked out by hand, and how these are asked for.</summary>
internal static class ComponentsByHand
{
    /// <summary>10 units at 1 GHz, 1e14 FLOP/s in 16 bits, 1e12 bytes/s of memory, 1 MB of cache at 1e13, 2 us a launch.</summary>
    public static RooflineChip TenUnits { get; } = new(10, 1e12, 1e14, 2e14, 4e14) { Structure = new ChipStructure(1e9, 1e6, 1e13, 2e-6) };

    public static OperatorShape Product { get; } = new(OperatorFamily.Product, NumberKind.SixteenBit, 64, Columns: 64, Depth: 128);

    public static OperatorShape Prompt { get; } =
        new(OperatorFamily.PrefillAttention, NumberKind.SixteenBit, 1, Depth: 128, Heads: 8, KeyValueHeads: 2, Context: 2000, CacheBytes: 2);

    /// <summary>Latent attention of two sequences of 2,000 tokens, over a cache of 576 numbers a token.</summary>
    public static OperatorShape LatentStep { get; } = new(
        OperatorFamily.DecodeLatentAttention, NumberKind.SixteenBit, 2, Columns: 1088, Depth: 576, Heads: 16, Context: 2000, CacheBytes: 2);

    public static OperatorShape Step { get; } = Prompt with { Family = OperatorFamily.DecodeAttention };

    public static double Mark(in OperatorShape shape, in RooflineChip chip, string name) =>
        Row(shape, chip)[OperatorComponents.Most + OperatorComponents.MarksOf(shape.Family).ToList().IndexOf(name)];

    public static float[] Row(in OperatorShape shape, in RooflineChip chip)
    {
        float[] row = new float[OperatorComponents.Count];
        OperatorComponents.Write(shape, chip, FormParameters.Starts, row);
        return row;
    }

    public static double Component(in OperatorShape shape, in RooflineChip chip, string name)
    {
        float[] row = Row(shape, chip);
        return Math.Exp(row[OperatorComponents.ComponentsOf(shape.Family).ToList().IndexOf(name)]);
    }
}

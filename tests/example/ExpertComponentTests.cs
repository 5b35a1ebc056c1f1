using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using static FastSim.Example.Tests.ComponentsByHand;

namespace FastSim.Example.Tests;

/// <summary>Components of experts by hand.</summary>
public sealed class ExpertComponentTests
{
    /// <summary>
    /// 4 experts of 32 on each of 8 ranks, 24 tokens that choose 4: all 96 rows over the rank's 4 experts are 24, so a tile of 32, though a rank gets 12 rows, 3 an expert. 4 tiles of 32 rows
    /// of two products of 100 by 128 and a gate are 4·32·3·2·100·128 FLOP, at 4e14 0.024576 us. Of 3·10^6 rows an expert a tile of 256 is half full on average.
    /// </summary>
    [Theory]
    [InlineData(24, 4 * 32)]
    [InlineData(1, 1 * 8)]
    [InlineData(24e6, 4 * (3e6 + 128))]
    public void Experts_of_generated_kernels_come_in_tiles_of_all_rows_over_the_ranks_own(double tokens, double rows)
    {
        OperatorShape experts = new(
            OperatorFamily.Experts, NumberKind.FourBit, tokens, Columns: 100, Depth: 128, Chosen: 4, Experts: 32, TensorRanks: 1, ExpertRanks: 8, Gates: 2);
        Assert.Equal(rows * 3 * 2 * 100 * 128 / 4e8, Component(experts, TenUnits, "of 128"), 1e-4 * rows);
        Assert.Equal(2 * 5.0 / 9, Component(experts, TenUnits, "launch"), 1e-6);
        Assert.Equal(2, Component(experts with { Kind = NumberKind.EightBit }, TenUnits, "launch"), 1e-6);
    }

    /// <summary>
    /// 4-bit experts that a kernel of 16 bits unpacks: as that kernel works, but for what is read. All four experts of the rank are reached, each 3·128·100 weights, of 2 bytes and of ½: 230,400 bytes less
    /// at 10^12 a second.
    /// </summary>
    [Fact]
    public void Experts_that_are_unpacked_read_their_own_weights_and_run_in_the_kernel_of_others()
    {
        OperatorShape halves = new(
            OperatorFamily.Experts, NumberKind.SixteenBit, 1e5, Columns: 100, Depth: 128, Chosen: 4, Experts: 32, TensorRanks: 1, ExpertRanks: 8, Gates: 2, Variant: 1);
        OperatorShape unpacked = halves with { Kind = NumberKind.FourBitWeights, Kernel = NumberKind.SixteenBit };
        Assert.Equal(0.2304, Component(halves, TenUnits, "memory") - Component(unpacked, TenUnits, "memory"), 1e-3);
        IReadOnlyList<string> names = OperatorComponents.ComponentsOf(OperatorFamily.Experts);
        string[] ofBytes = ["memory", "memory or cache", "cache", "timing form"];
        (float[] one, float[] other) = (Row(halves, TenUnits), Row(unpacked, TenUnits));
        for (int place = 0; place < OperatorComponents.Count; place++)
        {
            if (place >= names.Count || !ofBytes.Contains(names[place]))
            {
                Assert.Equal(one[place], other[place]);
            }
        }

        Assert.Equal(FormParameters.SlotOf(halves, TenUnits), FormParameters.SlotOf(unpacked, TenUnits));
        Assert.NotEqual(FormParameters.SlotOf(halves, TenUnits), FormParameters.SlotOf(unpacked with { Kernel = null }, TenUnits));
    }
}

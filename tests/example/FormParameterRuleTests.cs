using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using static FastSim.Example.Tests.ComponentsByHand;

namespace FastSim.Example.Tests;

/// <summary>Which parameters and rates a form of a launch takes on a chip, by hand.</summary>
public sealed class FormParameterRuleTests
{
    /// <summary>1e14 FLOP/s over 10 units at 1 GHz are 10,000 a cycle: beyond 4,096. Half of 4,096 is where asynchrony begins, √2 of that is halfway.</summary>
    [Fact]
    public void Wide_units_are_asynchronous_unless_the_chip_says_otherwise()
    {
        Assert.Equal(1, TenUnits.Asynchrony);
        Assert.Equal(0, (TenUnits with { HalfFlopsPerSecond = 2048e10 }).Asynchrony);
        Assert.Equal(0.5, (TenUnits with { HalfFlopsPerSecond = 2048e10 * Math.Sqrt(2) }).Asynchrony, 1e-12);
        Assert.Equal(0, (TenUnits with { Structure = TenUnits.Structure with { IsAsynchronous = false } }).Asynchrony);
        Assert.Equal(1, (TenUnits with { HalfFlopsPerSecond = 1e12, Structure = TenUnits.Structure with { IsAsynchronous = true } }).Asynchrony);
    }

    /// <summary>8-bit floats of a chip that lacks them compute in 16 bits: as long as a 16-bit product.</summary>
    [Fact]
    public void Emulated_formats_compute_at_the_wider_peak()
    {
        OperatorShape narrow = Product with { Kind = NumberKind.EightBit };
        Assert.Equal(0.00524288, Component(narrow, TenUnits, "compute"), 1e-6);
        Assert.Equal(0.01048576, Component(narrow, TenUnits with { Structure = TenUnits.Structure with { EmulatesEightBitFloats = true } }, "compute"), 1e-6);
    }

    /// <summary>Nothing stated: 1.8 GHz, 384 KiB a unit, 64 bytes a unit and cycle, 1 us.</summary>
    [Fact]
    public void What_a_chip_does_not_state_follows_by_rule()
    {
        ChipStructure whole = default(ChipStructure).Whole(100);
        Assert.Equal(new ChipStructure(1.8e9, 39_321_600, 64 * 100 * 1.8e9, 1e-6), whole);
        Assert.Equal(TenUnits.Structure, TenUnits.Structure.Whole(10));
    }

    /// <summary>A slot that no parameters are stated of takes the nearest: the same kernel first, then the cache's width, then the format.</summary>
    [Fact]
    public void A_form_without_parameters_of_its_own_takes_the_nearest()
    {
        double[] half = [3, 0.8, 0.75, 3, 2.5, 1, 0.3, 1];
        double[] four = [4, 0.8, 0.75, 3, 2.5, 1, 0.3, 1];
        FormParameters forms = new(new Dictionary<(OperatorFamily, int), double[]>
        {
            [(OperatorFamily.Product, 0)] = half,
            [(OperatorFamily.Product, 4 * (int)NumberKind.FourBit)] = four,
        });

        // 16-bit activations both: 0, and 2 - 0.5 bytes of weights. 4-bit ones are log2 2/0.5625 = 1.8 octaves off, four times.
        // Timed alone they come with three launches for one.
        Assert.Equal([9, .. half[1..]], forms.Of(Product with { Kind = NumberKind.FourBitWeights }));

        // 8-bit activations are 1 octave from 16 bits and 0.83 from 4: 4 + 1 against 3.3 + 0.4. Five launches for two.
        Assert.Equal([10, .. four[1..]], forms.Of(Product with { Kind = NumberKind.EightBit }));
        Assert.Equal(LatentProductTiming.Form.Start, forms.Of(Product with { Family = OperatorFamily.LatentProduct }));
    }

    /// <summary>
    /// 16 times the clock that is held: launches are 16^0.75 = 8 times as short, and under full load the peak is that of a clock √16 = 4 times as slow. So the form takes an eighth of what it
    /// says at its own constants of a memory 8 times and a peak 32 times as slow. At the clock that is held nothing is different, but that prompts do a pair's exponential, a sixteenth of a
    /// cycle, after its 4·128 FLOP.
    /// </summary>
    [Theory]
    [InlineData(1.41e9, 1, 1)]
    [InlineData(16 * 1.41e9, 8, 32)]
    public void Forms_at_held_rates_count_in_cycles(double clock, double shorter, double slower)
    {
        RooflineChip fast = TenUnits with { Structure = TenUnits.Structure with { ClockHertz = clock } };
        foreach (OperatorShape shape in (OperatorShape[])
            [Product, Product with { Family = OperatorFamily.LatentProduct, Heads = 4 }, Prompt with { Rows = 50 }, Prompt with { Kind = NumberKind.EightBit }])
        {
            double inTurn = slower * (1 + (shape.Family == OperatorFamily.PrefillAttention ? TenUnits.FlopsPerSecond(shape.Kind) / (10 * clock) / (16 * 4 * 128) : 0));
            RooflineChip slow = new(10, 1e12 / shorter, 1e14 / inTurn, 2e14 / inTurn, 4e14 / inTurn);
            double expected = OperatorComponents.FormMicroseconds(shape, slow, FormParameters.Starts, out double roofline) / shorter;
            Assert.Equal(expected, OperatorComponents.FormMicroseconds(shape, fast, Held, out double met), 1e-6 * expected);
            Assert.Equal(roofline / shorter, met, 1e-9 * roofline);
        }
    }

    /// <summary>
    /// 10 units at 1.41 GHz draw 12 bytes a cycle each of the cache: 169.2 GB/s. A memory of 100 GB/s is slower, so what repeats and fits comes at 169.2; one of 1,000 is not. A cache that
    /// states 120 GB/s gives no more.
    /// </summary>
    [Theory]
    [InlineData(1e11, 1e13, 169.2e9)]
    [InlineData(1e12, 1e13, 1e12)]
    [InlineData(1e11, 120e9, 120e9)]
    public void Forms_at_held_rates_read_what_fits_the_cache_from_there(double memory, double cache, double expected)
    {
        RooflineChip chip = new(10, memory, 1e14, 2e14, 4e14) { Structure = new ChipStructure(1.41e9, 1e6, cache, 2e-6) };
        RooflineChip same = new(10, expected, 1e14, 2e14, 4e14);
        double microseconds = OperatorComponents.FormMicroseconds(Product, same, FormParameters.Starts, out _);
        Assert.Equal(microseconds, OperatorComponents.FormMicroseconds(Product with { IsRepeated = true }, chip, Held, out _), 1e-6 * microseconds);
        Assert.Equal(
            OperatorComponents.FormMicroseconds(Product, chip, FormParameters.Starts, out _), OperatorComponents.FormMicroseconds(Product, chip, Held, out _), 1e-6 * microseconds);
    }

    /// <summary>8-bit floats of a chip that lacks them meet the form at the 16-bit peak, so take as long as its 8-bit peak were that.</summary>
    [Fact]
    public void Forms_at_held_rates_emulate_what_the_chip_does()
    {
        RooflineChip chip = TenUnits with { Structure = new ChipStructure(1.41e9, 1e6, 1e13, 2e-6, EmulatesEightBitFloats: true) };
        OperatorShape narrow = Prompt with { Kind = NumberKind.EightBit, Rows = 50 };
        double expected = OperatorComponents.FormMicroseconds(narrow, new RooflineChip(10, 1e12, 1e14, 1e14 / (1 + (1e14 / 14.1e9 / 8192)), 4e14), FormParameters.Starts, out _);
        Assert.Equal(expected, OperatorComponents.FormMicroseconds(narrow, chip, Held, out _), 1e-6 * expected);
        Assert.True(expected > 1.5 * OperatorComponents.FormMicroseconds(narrow, chip, FormParameters.Starts, out _));
    }

    /// <summary>4-bit experts that nobody measured: the nearest kernels' rates, with tiles from 8 to 256 by the rank's own experts, five launches of nine and no visits. Measured ones stay.</summary>
    [Fact]
    public void Generated_kernels_that_nobody_measured_are_as_they_are_designed()
    {
        double[] measured = [36, 0.7, 0.8, 2, 0.3, 31, 128, 4, 0.02, 0.1, 0.02];
        FormParameters forms = new(new Dictionary<(OperatorFamily, int), double[]> { [(OperatorFamily.Experts, (4 * (int)NumberKind.EightBit) + 1)] = measured });
        OperatorShape experts = new(OperatorFamily.Experts, NumberKind.FourBitByEight, 1);
        Assert.Equal([20, 0.7, 0.8, 2, 0.3, 8, 256, 1, 1e-4, 0.1, 0.9], forms.Of(experts));
        Assert.Same(measured, forms.Of(experts with { Kind = NumberKind.EightBit, Variant = 1 }));
        FormParameters own = new(new Dictionary<(OperatorFamily, int), double[]> { [(OperatorFamily.Experts, (4 * (int)NumberKind.FourBitByEight) + 1)] = measured });
        Assert.Same(measured, own.Of(experts));
        Assert.Same(measured, own.Of(experts with { Kind = NumberKind.FourBit }));
    }

    private static FormParameters Held { get; } = new(new Dictionary<(OperatorFamily Family, int Slot), double[]>()) { AtHeldRates = true };
}

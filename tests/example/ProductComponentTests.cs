using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using static FastSim.Example.Tests.ComponentsByHand;

namespace FastSim.Example.Tests;

/// <summary>Components of products by hand: what each limit of a chip alone would take.</summary>
public sealed class ProductComponentTests
{
    /// <summary>
    /// 64·64·128 products are 1,048,576 FLOP, 0.01048576 us; one wave of tiles of 64 by 64 fills 1 of 10 units, so takes ten times as long. Both matrices
    /// and the result are 16,384 + 16,384 + 8,192 bytes: 0.04096 us of memory, a tenth of cache. The depth is 128 cycles of 1 ns.
    /// </summary>
    [Theory]
    [InlineData("launch", 2)]
    [InlineData("thousand cycles", 1)]
    [InlineData("compute", 0.01048576)]
    [InlineData("64 by 64", 0.1048576)]
    [InlineData("memory", 0.04096)]
    [InlineData("memory or cache", 0.04096)]
    [InlineData("cache", 0.004096)]
    [InlineData("depth in cycles", 0.128)]
    public void A_product(string component, double microseconds) => Assert.Equal(microseconds, Component(Product, TenUnits, component), 1e-6);

    /// <summary>
    /// Launched over and over the product's 40,960 bytes stay in a cache of 1 MB, and of as many; in one of 39,009.5 bytes half of the time beyond the
    /// cache's is memory's, since 1.05 of it lies halfway between 1 and 1.1; in one of 37,236 all of it.
    /// </summary>
    [Theory]
    [InlineData(1e6, 0.004096)]
    [InlineData(40_960, 0.004096)]
    [InlineData(39_009.5238095, 0.004096 + (0.5 * 0.036864))]
    [InlineData(37_236, 0.04096)]
    public void What_fits_the_cache_stays_there_where_the_same_launch_repeats(double cacheBytes, double microseconds)
    {
        RooflineChip chip = TenUnits with { Structure = TenUnits.Structure with { CacheBytes = cacheBytes } };
        Assert.Equal(microseconds, Component(Product with { IsRepeated = true }, chip, "memory or cache"), 1e-6);
        Assert.Equal(0.04096, Component(Product, chip, "memory or cache"), 1e-6);
    }

    /// <summary>
    /// Over five copies of its 16,384 bytes of weights, with 24,576 of input and output, 106,496 bytes pass before the weights return, 40,960 before the others do: a cache of 81,920 keeps those
    /// alone, one of 106,496 all.
    /// </summary>
    [Theory]
    [InlineData(106_496, 0.0016384 + 0.0024576)]
    [InlineData(81_920, 0.016384 + 0.0024576)]
    [InlineData(20_480, 0.016384 + 0.024576)]
    public void Weights_of_several_copies_return_when_all_have_passed(double cacheBytes, double microseconds)
    {
        RooflineChip chip = TenUnits with { Structure = TenUnits.Structure with { CacheBytes = cacheBytes } };
        Assert.Equal(microseconds, Component(Product with { IsRepeated = true, Copies = 5 }, chip, "memory or cache"), 1e-6);
    }

    /// <summary>
    /// A cache of 1 MB holds 61 times 16,384 bytes: five copies, at most. Of 524,288 two exceed it, of 1,048,576 one does. Layers of TensorRT are timed once, after layers that fill any cache.
    /// </summary>
    [Fact]
    public void Products_are_measured_over_as_many_copies_as_exceed_the_cache()
    {
        Assert.Equal(Product with { IsRepeated = true, Copies = 5 }, ProductLaunches.AsMeasured(Product, TenUnits));
        Assert.Equal(2, ProductLaunches.AsMeasured(Product with { Columns = 2048 }, TenUnits).Copies);
        Assert.Equal(1, ProductLaunches.AsMeasured(Product with { Columns = 4096 }, TenUnits).Copies);
        OperatorShape alone = Product with { Kind = NumberKind.FourBitWeights };
        Assert.Equal(alone with { IsTimedAlone = true }, ProductLaunches.AsMeasured(alone, TenUnits));

        // 15,000 by 128 elements are 960,000 bytes in 4 bits, 1,080,000 with their scales.
        Assert.Equal(2, ProductLaunches.AsMeasured(Product with { Kind = NumberKind.FourBit, Columns = 15_000 }, TenUnits).Copies);
    }

    /// <summary>
    /// Two microseconds a launch: five of 8-bit floats, two with scales by block and in 4 bits, three as long where events of a profiler stand around one. Deployed none do: a launch that quantizes
    /// comes before 8-bit integers', nothing before weights' alone.
    /// </summary>
    [Theory]
    [InlineData(NumberKind.SixteenBit, false, 2)]
    [InlineData(NumberKind.EightBit, false, 10)]
    [InlineData(NumberKind.EightBitBlock, false, 4)]
    [InlineData(NumberKind.FourBit, false, 4)]
    [InlineData(NumberKind.EightBitInteger, true, 6)]
    [InlineData(NumberKind.EightBitWeights, true, 6)]
    [InlineData(NumberKind.EightBitInteger, false, 4)]
    [InlineData(NumberKind.EightBitWeights, false, 2)]
    public void Products_come_with_the_launches_of_their_format(NumberKind kind, bool isTimedAlone, double microseconds) =>
        Assert.Equal(microseconds, Component(Product with { Kind = kind, IsTimedAlone = isTimedAlone }, TenUnits, "launch"), 1e-6);

    /// <summary>Kernels of narrow weights alone compute in 16 bits: they share no mark with those of narrow activations.</summary>
    [Theory]
    [InlineData(OperatorFamily.Product, NumberKind.SixteenBit, 0, 0)]
    [InlineData(OperatorFamily.Product, NumberKind.EightBit, 1, 0)]
    [InlineData(OperatorFamily.Product, NumberKind.FourBit, 1, 0)]
    [InlineData(OperatorFamily.Product, NumberKind.EightBitWeights, 0, 1)]
    [InlineData(OperatorFamily.Product, NumberKind.FourBitWeights, 0, 1)]
    [InlineData(OperatorFamily.Experts, NumberKind.FourBitWeights, 0, 1)]
    public void Weights_alone_are_no_narrow_activations(OperatorFamily family, NumberKind kind, double areNarrow, double areWeightsAlone)
    {
        OperatorShape shape = new(family, kind, 64, Columns: 64, Depth: 128, Chosen: 2, Experts: 8, TensorRanks: 1, ExpertRanks: 1, Gates: 2);
        Assert.Equal(areNarrow, Mark(shape, TenUnits, "activations not of 16 bits"));
        Assert.Equal(areWeightsAlone, Mark(shape, TenUnits, "16-bit activations of narrower weights"));
        Assert.Contains((3, -1), OperatorComponents.FormatsOf(family));
    }

    /// <summary>Nor do latent products of such quantize: the bytes of 16 bits but for their weights', 4·(64·128 + 64·192·2) of 8 bits and 4·(64·64 + 64·192·2) of 4, one launch, no mark.</summary>
    [Theory]
    [InlineData(NumberKind.EightBitWeights, 0.131072)]
    [InlineData(NumberKind.FourBitWeights, 0.114688)]
    public void Latent_products_of_weights_alone_take_their_input_as_it_comes(NumberKind kind, double microseconds)
    {
        OperatorShape shape = Product with { Family = OperatorFamily.LatentProduct, Heads = 4, Kind = kind };
        Assert.Equal(microseconds, Component(shape, TenUnits, "memory"), 1e-6);
        Assert.Equal(0, Mark(shape, TenUnits, "activations not of 16 bits"));
        Assert.Equal(1, ProductLaunches.Of(shape));
    }

    /// <summary>A floor of 9 us that was measured between events is of three launches: deployed one is 3.</summary>
    [Fact]
    public void A_floor_that_was_timed_alone_is_without_its_events_where_it_is_deployed()
    {
        FormParameters forms = new(new Dictionary<(OperatorFamily, int), double[]>
        {
            [(OperatorFamily.Product, 4 * (int)NumberKind.FourBitWeights)] = [9, 0.8, 0.75, 3, 6, 1, 0.3, 1],
        });
        OperatorShape one = Product with { Kind = NumberKind.FourBitWeights, Rows = 1, Columns = 8, Depth = 8 };
        double[] run = new double[8];
        FormParameters.AsLaunched(one, TenUnits, forms.Of(one), run);
        Assert.Equal(3, run[0], 1e-12);
        FormParameters.AsLaunched(one with { IsTimedAlone = true }, TenUnits, forms.Of(one), run);
        Assert.Equal(9, run[0], 1e-12);
    }

    /// <summary>A block a head computes a head, 2 sequences of 40 over 1,000 tokens of 128, 4 FLOP each: 0.4096 us at 1e14; blocks of shared heads pad 20 to 32 and 64.</summary>
    [Fact]
    public void A_block_a_head_pads_no_heads()
    {
        OperatorShape apart = new(OperatorFamily.DecodeAttention, NumberKind.SixteenBit, 2, Depth: 128, Heads: 40, KeyValueHeads: 1, Context: 1000, CacheBytes: 2);
        Assert.Equal(0.4096, Component(apart, TenUnits, "compute"), 1e-6);
        Assert.Equal(0.4096, Component(apart, TenUnits, "compute in tiles of 16 heads"), 1e-6);
        Assert.Equal(0.4096, Component(apart, TenUnits, "of 64"), 1e-6);
        OperatorShape shared = apart with { KeyValueHeads = 2 };
        Assert.Equal(0.4096 * 32 / 20, Component(shared, TenUnits, "compute in tiles of 16 heads"), 1e-6);
        Assert.Equal(0.4096 * 64 / 20, Component(shared, TenUnits, "of 64"), 1e-6);
    }

    /// <summary>8-bit floats' floor of 12 us is of five launches: 4.8 of two, 7.2 of three. Of 16 bits' 3 us layers timed alone have 9. Of 4 bits nothing is said, and what was measured stays.</summary>
    [Fact]
    public void Forms_of_formats_like_others_have_the_floor_of_their_launches()
    {
        double[] floats = [12, 0.8, 0.75, 3, 6, 1, 0.3, 1];
        double[] half = [3, 0.8, 0.75, 3, 6, 1, 0.3, 1];
        FormParameters forms = new(new Dictionary<(OperatorFamily, int), double[]>
        {
            [(OperatorFamily.Product, 4 * (int)NumberKind.SixteenBit)] = half,
            [(OperatorFamily.Product, 4 * (int)NumberKind.EightBit)] = floats,
        });
        double[] byBlock = forms.Of(Product with { Kind = NumberKind.EightBitBlock });
        Assert.Equal(4.8, byBlock[0], 1e-12);
        Assert.Equal(floats[1..], byBlock[1..]);
        Assert.Equal(7.2, forms.Of(Product with { Kind = NumberKind.EightBitInteger })[0], 1e-12);
        Assert.Equal(9, forms.Of(Product with { Kind = NumberKind.FourBitWeights })[0], 1e-12);
        Assert.Same(floats, forms.Of(Product with { Kind = NumberKind.FourBit }));
        Assert.Same(half, forms.Of(Product));
        Assert.Same(floats, forms.Of(Product with { Kind = NumberKind.EightBit }));
    }

    /// <summary>Latent attention's products in 8 bits run in 16 where asynchronous units compute 4 bits; elsewhere they come with a launch that quantizes.</summary>
    [Fact]
    public void Latent_products_in_8_bits_are_widened_where_units_compute_in_4()
    {
        OperatorShape half = Product with { Family = OperatorFamily.LatentProduct, Heads = 4 };
        OperatorShape narrow = half with { Kind = NumberKind.EightBit };
        RooflineChip generated = TenUnits with { Structure = TenUnits.Structure with { HasFourBitFloats = true } };
        Assert.Equal(Row(half, generated), Row(narrow, generated));
        Assert.Equal(4, Component(narrow, TenUnits, "launch"), 1e-6);
        Assert.Equal(2, Component(half, TenUnits, "launch"), 1e-6);
        Assert.False(OperatorComponents.IsWidened(narrow, generated with { Structure = generated.Structure with { IsAsynchronous = false } }));
    }

    /// <summary>
    /// Four heads of 64 by 64 by 128. In 16 bits 4·(16,384 + 64·192·2) bytes; in 8 the weights are half, and each of the input's 8,192 elements is read in 16 bits, written and read in 8: 4·(8,192 + 32,768 + 8,192).
    /// Synchronous units' kernel has tiles of 32 by 128 alone: 4·2 of them in one wave of 10 units, 2·32·128·128 FLOP each at a tenth of 200 a nanosecond. The form is 4 us and the root of the
    /// squares of compute at half the peak, bytes at 0.7 of the rate, and a wave of 0.5 us.
    /// </summary>
    [Fact]
    public void Latent_products_in_8_bits_quantize_their_input()
    {
        OperatorShape half = Product with { Family = OperatorFamily.LatentProduct, Heads = 4 };
        OperatorShape narrow = half with { Kind = NumberKind.EightBit };
        Assert.Equal(0.16384, Component(half, TenUnits, "memory"), 1e-6);
        Assert.Equal(0.196608, Component(narrow, TenUnits, "memory"), 1e-6);
        RooflineChip synchronous = TenUnits with { Structure = TenUnits.Structure with { IsAsynchronous = false } };
        Assert.Equal(0.0524288, Component(narrow, synchronous, "128 by 128"), 1e-6);
        Assert.Equal(0.0524288, Component(narrow, synchronous, "64 by 64"), 1e-6);
        Assert.Equal(0.1048576 * 2, Component(narrow with { Rows = 65 }, TenUnits, "128 by 128"), 1e-6);
        Assert.Equal(0.1048576, Component(half with { Rows = 65 }, synchronous, "64 by 64"), 1e-6);
        Assert.Equal(4 + Math.Sqrt(Math.Pow(0.04194304, 2) + Math.Pow(0.196608 / 0.7, 2) + Math.Pow(0.5, 2)), Component(narrow, TenUnits, "timing form"), 1e-5);
    }
}

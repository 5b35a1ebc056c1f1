using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Example.Tests;

/// <summary>Components of an operator by hand: what each limit of a chip alone would take.</summary>
public sealed class OperatorComponentTests
{
    /// <summary>10 units at 1 GHz, 1e14 FLOP/s in 16 bits, 1e12 bytes/s of memory, 1 MB of cache at 1e13, 2 us a launch.</summary>
    private static readonly RooflineChip Chip = new(10, 1e12, 1e14, 2e14, 4e14) { Structure = new ChipStructure(1e9, 1e6, 1e13, 2e-6) };

    private static readonly OperatorShape Product = new(OperatorFamily.Product, NumberKind.SixteenBit, 64, Columns: 64, Depth: 128);

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
    public void A_product(string component, double microseconds) => Assert.Equal(microseconds, Component(Product, Chip, component), 1e-6);

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
        RooflineChip chip = Chip with { Structure = Chip.Structure with { CacheBytes = cacheBytes } };
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
        RooflineChip chip = Chip with { Structure = Chip.Structure with { CacheBytes = cacheBytes } };
        Assert.Equal(microseconds, Component(Product with { IsRepeated = true, Copies = 5 }, chip, "memory or cache"), 1e-6);
    }

    /// <summary>
    /// A cache of 1 MB holds 61 times 16,384 bytes: five copies, at most. Of 524,288 two exceed it, of 1,048,576 one does. Layers of TensorRT are timed once, after layers that fill any cache.
    /// </summary>
    [Fact]
    public void Products_are_measured_over_as_many_copies_as_exceed_the_cache()
    {
        Assert.Equal(Product with { IsRepeated = true, Copies = 5 }, ProductLaunches.AsMeasured(Product, Chip));
        Assert.Equal(2, ProductLaunches.AsMeasured(Product with { Columns = 2048 }, Chip).Copies);
        Assert.Equal(1, ProductLaunches.AsMeasured(Product with { Columns = 4096 }, Chip).Copies);
        OperatorShape alone = Product with { Kind = NumberKind.FourBitWeights };
        Assert.Equal(alone with { IsTimedAlone = true }, ProductLaunches.AsMeasured(alone, Chip));

        // 15,000 by 128 elements are 960,000 bytes in 4 bits, 1,080,000 with their scales.
        Assert.Equal(2, ProductLaunches.AsMeasured(Product with { Kind = NumberKind.FourBit, Columns = 15_000 }, Chip).Copies);
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
        Assert.Equal(microseconds, Component(Product with { Kind = kind, IsTimedAlone = isTimedAlone }, Chip, "launch"), 1e-6);

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
        Assert.Equal(areNarrow, Mark(shape, Chip, "activations not of 16 bits"));
        Assert.Equal(areWeightsAlone, Mark(shape, Chip, "16-bit activations of narrower weights"));
        Assert.Contains((3, -1), OperatorComponents.FormatsOf(family));
    }

    /// <summary>Nor do latent products of such quantize: the bytes of 16 bits but for their weights', 4·(64·128 + 64·192·2) of 8 bits and 4·(64·64 + 64·192·2) of 4, one launch, no mark.</summary>
    [Theory]
    [InlineData(NumberKind.EightBitWeights, 0.131072)]
    [InlineData(NumberKind.FourBitWeights, 0.114688)]
    public void Latent_products_of_weights_alone_take_their_input_as_it_comes(NumberKind kind, double microseconds)
    {
        OperatorShape shape = Product with { Family = OperatorFamily.LatentProduct, Heads = 4, Kind = kind };
        Assert.Equal(microseconds, Component(shape, Chip, "memory"), 1e-6);
        Assert.Equal(0, Mark(shape, Chip, "activations not of 16 bits"));
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
        FormParameters.AsLaunched(one, Chip, forms.Of(one), run);
        Assert.Equal(3, run[0], 1e-12);
        FormParameters.AsLaunched(one with { IsTimedAlone = true }, Chip, forms.Of(one), run);
        Assert.Equal(9, run[0], 1e-12);
    }

    /// <summary>A block a head computes a head, 2 sequences of 40 over 1,000 tokens of 128, 4 FLOP each: 0.4096 us at 1e14; blocks of shared heads pad 20 to 32 and 64.</summary>
    [Fact]
    public void A_block_a_head_pads_no_heads()
    {
        OperatorShape apart = new(OperatorFamily.DecodeAttention, NumberKind.SixteenBit, 2, Depth: 128, Heads: 40, KeyValueHeads: 1, Context: 1000, CacheBytes: 2);
        Assert.Equal(0.4096, Component(apart, Chip, "compute"), 1e-6);
        Assert.Equal(0.4096, Component(apart, Chip, "compute in tiles of 16 heads"), 1e-6);
        Assert.Equal(0.4096, Component(apart, Chip, "of 64"), 1e-6);
        OperatorShape shared = apart with { KeyValueHeads = 2 };
        Assert.Equal(0.4096 * 32 / 20, Component(shared, Chip, "compute in tiles of 16 heads"), 1e-6);
        Assert.Equal(0.4096 * 64 / 20, Component(shared, Chip, "of 64"), 1e-6);
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
        RooflineChip generated = Chip with { Structure = Chip.Structure with { HasFourBitFloats = true } };
        Assert.Equal(Row(half, generated), Row(narrow, generated));
        Assert.Equal(4, Component(narrow, Chip, "launch"), 1e-6);
        Assert.Equal(2, Component(half, Chip, "launch"), 1e-6);
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
        Assert.Equal(0.16384, Component(half, Chip, "memory"), 1e-6);
        Assert.Equal(0.196608, Component(narrow, Chip, "memory"), 1e-6);
        RooflineChip synchronous = Chip with { Structure = Chip.Structure with { IsAsynchronous = false } };
        Assert.Equal(0.0524288, Component(narrow, synchronous, "128 by 128"), 1e-6);
        Assert.Equal(0.0524288, Component(narrow, synchronous, "64 by 64"), 1e-6);
        Assert.Equal(0.1048576 * 2, Component(narrow with { Rows = 65 }, Chip, "128 by 128"), 1e-6);
        Assert.Equal(0.1048576, Component(half with { Rows = 65 }, synchronous, "64 by 64"), 1e-6);
        Assert.Equal(4 + Math.Sqrt(Math.Pow(0.04194304, 2) + Math.Pow(0.196608 / 0.7, 2) + Math.Pow(0.5, 2)), Component(narrow, Chip, "timing form"), 1e-5);
    }

    /// <summary>1e14 FLOP/s over 10 units at 1 GHz are 10,000 a cycle: beyond 4,096. Half of 4,096 is where asynchrony begins, √2 of that is halfway.</summary>
    [Fact]
    public void Wide_units_are_asynchronous_unless_the_chip_says_otherwise()
    {
        Assert.Equal(1, Chip.Asynchrony);
        Assert.Equal(0, (Chip with { HalfFlopsPerSecond = 2048e10 }).Asynchrony);
        Assert.Equal(0.5, (Chip with { HalfFlopsPerSecond = 2048e10 * Math.Sqrt(2) }).Asynchrony, 1e-12);
        Assert.Equal(0, (Chip with { Structure = Chip.Structure with { IsAsynchronous = false } }).Asynchrony);
        Assert.Equal(1, (Chip with { HalfFlopsPerSecond = 1e12, Structure = Chip.Structure with { IsAsynchronous = true } }).Asynchrony);
    }

    /// <summary>8-bit floats of a chip that lacks them compute in 16 bits: as long as a 16-bit product.</summary>
    [Fact]
    public void Emulated_formats_compute_at_the_wider_peak()
    {
        OperatorShape narrow = Product with { Kind = NumberKind.EightBit };
        Assert.Equal(0.00524288, Component(narrow, Chip, "compute"), 1e-6);
        Assert.Equal(0.01048576, Component(narrow, Chip with { Structure = Chip.Structure with { EmulatesEightBitFloats = true } }, "compute"), 1e-6);
    }

    /// <summary>Nothing stated: 1.8 GHz, 384 KiB a unit, 64 bytes a unit and cycle, 1 us.</summary>
    [Fact]
    public void What_a_chip_does_not_state_follows_by_rule()
    {
        ChipStructure whole = default(ChipStructure).Whole(100);
        Assert.Equal(new ChipStructure(1.8e9, 39_321_600, 64 * 100 * 1.8e9, 1e-6), whole);
        Assert.Equal(Chip.Structure, Chip.Structure.Whole(10));
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
        RooflineChip fast = Chip with { Structure = Chip.Structure with { ClockHertz = clock } };
        foreach (OperatorShape shape in (OperatorShape[])
            [Product, Product with { Family = OperatorFamily.LatentProduct, Heads = 4 }, Prompt with { Rows = 50 }, Prompt with { Kind = NumberKind.EightBit }])
        {
            double inTurn = slower * (1 + (shape.Family == OperatorFamily.PrefillAttention ? Chip.FlopsPerSecond(shape.Kind) / (10 * clock) / (16 * 4 * 128) : 0));
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
        RooflineChip chip = Chip with { Structure = new ChipStructure(1.41e9, 1e6, 1e13, 2e-6, EmulatesEightBitFloats: true) };
        OperatorShape narrow = Prompt with { Kind = NumberKind.EightBit, Rows = 50 };
        double expected = OperatorComponents.FormMicroseconds(narrow, new RooflineChip(10, 1e12, 1e14, 1e14 / (1 + (1e14 / 14.1e9 / 8192)), 4e14), FormParameters.Starts, out _);
        Assert.Equal(expected, OperatorComponents.FormMicroseconds(narrow, chip, Held, out _), 1e-6 * expected);
        Assert.True(expected > 1.5 * OperatorComponents.FormMicroseconds(narrow, chip, FormParameters.Starts, out _));
    }

    /// <summary>
    /// A prompt over a cache of 8 bits on units that do not fetch their operands by themselves is the one over 16 bits, to the last mark; on units that do it is not, nor is one whose
    /// products are in 8 bits themselves.
    /// </summary>
    [Theory]
    [InlineData(OperatorFamily.PrefillAttention, NumberKind.SixteenBit, false, true)]
    [InlineData(OperatorFamily.PrefillLatentAttention, NumberKind.EightBit, false, true)]
    [InlineData(OperatorFamily.PrefillAttention, NumberKind.EightBit, false, false)]
    [InlineData(OperatorFamily.PrefillAttention, NumberKind.SixteenBit, true, false)]
    [InlineData(OperatorFamily.PrefillLatentAttention, NumberKind.EightBit, true, false)]
    public void Prompts_over_a_narrow_cache_are_widened_where_units_are_synchronous(OperatorFamily family, NumberKind kind, bool isAsynchronous, bool isSame)
    {
        RooflineChip chip = Chip with { Structure = Chip.Structure with { IsAsynchronous = isAsynchronous } };
        OperatorShape wide = Prompt with { Family = family, Columns = 320 };
        OperatorShape narrow = wide with { Kind = kind, CacheBytes = 1 };
        Assert.Equal(isSame, OperatorComponents.IsWidened(narrow, chip));
        Assert.Equal(isSame, Row(wide, chip).SequenceEqual(Row(narrow, chip)));
    }

    /// <summary>
    /// 16 tiles of 128 queries see 1,064 tokens each on average: 8 heads do 17,432,576 pairs, of 512 FLOP at 1e14 · 1.41 FLOP/s (the clock that is held), and of an exponential each,
    /// 16 a unit and cycle of 1 ns.
    /// </summary>
    [Fact]
    public void Prompts_do_products_and_exponentials_in_turn() =>
        Assert.Equal((17_432_576 * 512.0 / 1.41e8) + (17_432_576 / 160e3), Component(Prompt, Chip, "products and exponentials in turn"), 1e-3);

    /// <summary>
    /// 2 blocks of 10 units leave room for 5 pieces each of 2,000 tokens: 400 cycles of 1 ns. Over a cache of 8 bits synchronous units walk it in one piece, and so does the kernel's form: no piece has
    /// less than the context.
    /// </summary>
    [Theory]
    [InlineData(1, false, 2)]
    [InlineData(1, true, 0.4)]
    [InlineData(2, false, 0.4)]
    public void Decoding_over_a_narrow_cache_is_not_split_where_units_are_synchronous(double cacheBytes, bool isAsynchronous, double microseconds)
    {
        RooflineChip chip = Chip with { Structure = Chip.Structure with { IsAsynchronous = isAsynchronous } };
        OperatorShape step = Step with { CacheBytes = cacheBytes };
        Assert.Equal(microseconds, Component(step, chip, "tokens a split in cycles"), 1e-6);
        Assert.Equal(microseconds > 1 ? 1 : 0, Mark(step, chip, "in one piece"));
        double[] shared = [4, 0.85, 1, 1, 64, 1, 2, 6, 0.4];
        double[] asRun = microseconds > 1 ? [4, 0.85, 1, 1, 2000, 1, 2, 6, 0.4] : shared;
        RooflineChip elsewhere = Chip with { Structure = Chip.Structure with { IsAsynchronous = true } };
        Assert.Equal(
            OperatorComponents.FormMicroseconds(Step with { CacheBytes = cacheBytes, KeyValueHeads = 2 }, elsewhere, OfAllKernels(asRun), out _),
            OperatorComponents.FormMicroseconds(step, chip, OfAllKernels(shared), out _));
    }

    /// <summary>
    /// Which kernel decoding runs in: up to 32 query heads a key-value head share a block, by units that fetch by themselves over 8 bits or where kernels are generated (4-bit floats, asynchronous
    /// units); heads that share nothing, but in generated kernels, and more than 32 have a block each. Forms go by it: slots 0, 1 and 4, and 2 more of 8 bits but of a block a head.
    /// </summary>
    [Theory]
    [InlineData(4, 2, false, false, DecodeKernel.Shared, 0)]
    [InlineData(4, 1, false, false, DecodeKernel.Shared, 2)]
    [InlineData(4, 2, true, false, DecodeKernel.Shared, 0)]
    [InlineData(4, 1, true, false, DecodeKernel.Fetching, 6)]
    [InlineData(32, 1, true, false, DecodeKernel.Fetching, 6)]
    [InlineData(33, 1, true, false, DecodeKernel.HeadByHead, 1)]
    [InlineData(1, 2, true, false, DecodeKernel.HeadByHead, 1)]
    [InlineData(1, 2, false, true, DecodeKernel.HeadByHead, 1)]
    [InlineData(4, 2, false, true, DecodeKernel.Shared, 0)]
    [InlineData(4, 2, true, true, DecodeKernel.Fetching, 4)]
    [InlineData(1, 2, true, true, DecodeKernel.Fetching, 4)]
    [InlineData(64, 2, true, true, DecodeKernel.HeadByHead, 1)]
    public void Decoding_runs_in_the_kernel_that_the_chip_has(double group, double cacheBytes, bool isAsynchronous, bool hasFourBits, DecodeKernel kernel, int slot)
    {
        RooflineChip chip = Chip with { Structure = Chip.Structure with { IsAsynchronous = isAsynchronous, HasFourBitFloats = hasFourBits } };
        OperatorShape step = Step with { Heads = 2 * group, CacheBytes = cacheBytes };
        Assert.Equal(kernel, DecodeKernels.Of(step, chip));
        Assert.Equal(slot, FormParameters.SlotOf(step, chip));
        Assert.Equal(kernel == DecodeKernel.HeadByHead ? 1 : 0, Mark(step, chip, "a block a head"));
        Assert.Equal(kernel == DecodeKernel.Fetching ? 1 : 0, Mark(step, chip, "units that fetch by themselves"));
        Assert.Equal(2 * (kernel == DecodeKernel.HeadByHead ? group : 1) / 10, Component(step, chip, "blocks"), 1e-5);
    }

    /// <summary>
    /// 32,768 tokens are 256 times 128: no more than √(8·256) = 45.25 pieces, 724 tokens each, though 100 units are idle; kernels that are generated, and of a head a block, take a piece a
    /// unit, of 327.68. 512 tokens are 4 times 128, fewer than √32.
    /// </summary>
    [Fact]
    public void Kernels_of_shared_heads_cut_no_more_pieces_than_the_root_of_eight_times_as_many()
    {
        RooflineChip chip = Chip with { ComputeUnits = 100, Structure = Chip.Structure with { IsAsynchronous = true } };
        RooflineChip generated = chip with { Structure = chip.Structure with { HasFourBitFloats = true } };
        OperatorShape one = Step with { Heads = 4, KeyValueHeads = 1, Context = 32_768 };
        foreach (double cacheBytes in (double[])[1, 2])
        {
            OperatorShape step = one with { CacheBytes = cacheBytes };
            Assert.Equal(Math.Sqrt(8 * 256), DecodeKernels.MostPieces(step, chip, 32_768));
            Assert.Equal(4, DecodeKernels.MostPieces(step, chip, 512));
            Assert.Equal(32.768 / Math.Sqrt(8 * 256), Component(step, chip, "tokens a split in cycles"), 1e-5);
            Assert.Equal(0.32768, Component(step, generated, "tokens a split in cycles"), 1e-6);
        }

        Assert.Equal(0.32768, Component(one with { Heads = 1 }, chip, "tokens a split in cycles"), 1e-6);
    }

    /// <summary>A generated kernel has two small launches before it, each half of the kernel's own: twice the least time of the same kernel that turns positions itself, 6 us for 12.</summary>
    [Fact]
    public void Generated_decoding_kernels_are_launched_behind_two_small_ones()
    {
        RooflineChip chip = Chip with { Structure = Chip.Structure with { IsAsynchronous = true } };
        RooflineChip generated = chip with { Structure = chip.Structure with { HasFourBitFloats = true } };
        OperatorShape step = Step with { CacheBytes = 1, Context = 100 };
        FormParameters forms = OfAllKernels([6, 0.85, 1, 1, 1e5, 1, 2, 6, 0.4]);
        Assert.Equal(6, OperatorComponents.FormMicroseconds(step, generated, forms, out _) - OperatorComponents.FormMicroseconds(step, chip, forms, out _), 1e-9);
        OperatorShape each = step with { Heads = 128 };
        Assert.Equal(OperatorComponents.FormMicroseconds(each, chip, forms, out _), OperatorComponents.FormMicroseconds(each, generated, forms, out _));
    }

    /// <summary>
    /// Decoding over a latent cache: synchronous units have one kernel, of 16 bits, which walks a context of 2,000 tokens in one piece, 2,000 cycles of 1 ns; asynchronous ones split it over 5 of 10 units
    /// for each of two sequences, by forms of their own.
    /// </summary>
    [Theory]
    [InlineData(false, false, 2, DecodeKernel.Shared, 0, 2)]
    [InlineData(false, true, 2, DecodeKernel.Shared, 0, 2)]
    [InlineData(true, false, 2, DecodeKernel.Fetching, 4, 0.4)]
    [InlineData(true, false, 1, DecodeKernel.Fetching, 6, 0.4)]
    [InlineData(true, true, 1, DecodeKernel.Fetching, 6, 0.4)]
    public void Latent_decoding_is_split_where_units_fetch_by_themselves(
        bool isAsynchronous, bool hasFourBits, double cacheBytes, DecodeKernel kernel, int slot, double microseconds)
    {
        RooflineChip chip = Chip with { Structure = Chip.Structure with { IsAsynchronous = isAsynchronous, HasFourBitFloats = hasFourBits } };
        OperatorShape step = LatentStep with { CacheBytes = cacheBytes };
        OperatorShape narrow = LatentStep with { CacheBytes = 1, Kind = NumberKind.EightBit };
        Assert.Equal(kernel, DecodeKernels.Of(step, chip));
        Assert.Equal(slot, FormParameters.SlotOf(step, chip));
        Assert.Equal(microseconds, Component(step, chip, "tokens a split in cycles"), 1e-6);
        Assert.Equal(!isAsynchronous, OperatorComponents.IsWidened(narrow, chip));
        Assert.Equal(!isAsynchronous, Row(LatentStep, chip).SequenceEqual(Row(narrow, chip)));
    }

    /// <summary>FlashMLA has three small launches beside its own, a generated kernel one: 2.5 for 1.5, so 10 us at the least for 6.</summary>
    [Fact]
    public void FlashMLA_is_launched_among_three_small_ones()
    {
        RooflineChip chip = Chip with { Structure = Chip.Structure with { IsAsynchronous = true } };
        RooflineChip generated = chip with { Structure = chip.Structure with { HasFourBitFloats = true } };
        FormParameters forms = OfLatent([6, 0.85, 1, 1, 1e5, 1, 2, 6, 0.4]);
        Assert.Equal(4, OperatorComponents.FormMicroseconds(LatentStep, chip, forms, out _) - OperatorComponents.FormMicroseconds(LatentStep, generated, forms, out _), 1e-9);
    }

    /// <summary>
    /// A block of 64 heads walks 2,000 tokens of 1,152 bytes, at 1 us for 512 and as their root: 1.5 times 2,000. Two blocks of 128 heads walk as much each, side by side; of generated kernels they
    /// are a pair that shares it.
    /// </summary>
    [Theory]
    [InlineData(64, false, 3000)]
    [InlineData(128, false, 3000)]
    [InlineData(128, true, 3000 / 1.4142135623731)]
    public void Blocks_that_share_a_latent_cache_walk_all_of_it(double heads, bool isGenerated, double microseconds)
    {
        RooflineChip chip = Chip with { ComputeUnits = 4, Structure = Chip.Structure with { IsAsynchronous = isGenerated, HasFourBitFloats = isGenerated } };
        FormParameters forms = OfLatent([0, 1, 0, 1000, 1e5, 1, 10, 0.1, 1]);
        Assert.Equal(microseconds, OperatorComponents.FormMicroseconds(LatentStep with { Heads = heads }, chip, forms, out _), 1e-3);
    }

    /// <summary>A decoding kernel that no parameters are stated of takes those of one that shares heads alike, then of the same units, then of the same width.</summary>
    [Fact]
    public void A_decoding_kernel_without_parameters_takes_the_nearest()
    {
        RooflineChip chip = Chip with { Structure = Chip.Structure with { IsAsynchronous = true, HasFourBitFloats = true } };
        double[] fetching = [1, 0.8, 1, 1, 64, 1, 2, 6, 0.4];
        double[] shared = [2, 0.8, 1, 1, 64, 1, 2, 6, 0.4];
        double[] each = [3, 0.8, 1, 1, 64, 1, 2, 6, 0.4];
        FormParameters forms = new(new Dictionary<(OperatorFamily, int), double[]>
        {
            [(OperatorFamily.DecodeAttention, 0)] = shared,
            [(OperatorFamily.DecodeAttention, 1)] = each,
            [(OperatorFamily.DecodeAttention, 6)] = fetching,
        });
        Assert.Same(fetching, forms.Of(Step, chip));
        Assert.Same(each, forms.Of(Step with { Heads = 128, CacheBytes = 1 }, chip));
        Assert.Same(shared, forms.Of(Step with { CacheBytes = 1 }, Chip with { Structure = Chip.Structure with { IsAsynchronous = false } }));
    }

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
        Assert.Equal(rows * 3 * 2 * 100 * 128 / 4e8, Component(experts, Chip, "of 128"), 1e-4 * rows);
        Assert.Equal(2 * 5.0 / 9, Component(experts, Chip, "launch"), 1e-6);
        Assert.Equal(2, Component(experts with { Kind = NumberKind.EightBit }, Chip, "launch"), 1e-6);
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
        Assert.Equal(0.2304, Component(halves, Chip, "memory") - Component(unpacked, Chip, "memory"), 1e-3);
        IReadOnlyList<string> names = OperatorComponents.ComponentsOf(OperatorFamily.Experts);
        string[] ofBytes = ["memory", "memory or cache", "cache", "timing form"];
        (float[] one, float[] other) = (Row(halves, Chip), Row(unpacked, Chip));
        for (int place = 0; place < OperatorComponents.Count; place++)
        {
            if (place >= names.Count || !ofBytes.Contains(names[place]))
            {
                Assert.Equal(one[place], other[place]);
            }
        }

        Assert.Equal(FormParameters.SlotOf(halves, Chip), FormParameters.SlotOf(unpacked, Chip));
        Assert.NotEqual(FormParameters.SlotOf(halves, Chip), FormParameters.SlotOf(unpacked with { Kernel = null }, Chip));
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

    private static readonly OperatorShape Prompt =
        new(OperatorFamily.PrefillAttention, NumberKind.SixteenBit, 1, Depth: 128, Heads: 8, KeyValueHeads: 2, Context: 2000, CacheBytes: 2);

    /// <summary>Latent attention of two sequences of 2,000 tokens, over a cache of 576 numbers a token.</summary>
    private static readonly OperatorShape LatentStep = new(
        OperatorFamily.DecodeLatentAttention, NumberKind.SixteenBit, 2, Columns: 1088, Depth: 576, Heads: 16, Context: 2000, CacheBytes: 2);

    private static readonly OperatorShape Step = Prompt with { Family = OperatorFamily.DecodeAttention };

    private static FormParameters Held { get; } = new(new Dictionary<(OperatorFamily Family, int Slot), double[]>()) { AtHeldRates = true };

    private static FormParameters OfAllKernels(double[] parameters) =>
        new(new Dictionary<(OperatorFamily, int), double[]> { [(OperatorFamily.DecodeAttention, 0)] = parameters });

    private static FormParameters OfLatent(double[] parameters) =>
        new(new Dictionary<(OperatorFamily, int), double[]> { [(OperatorFamily.DecodeLatentAttention, 0)] = parameters });

    private static double Mark(in OperatorShape shape, in RooflineChip chip, string name) =>
        Row(shape, chip)[OperatorComponents.Most + OperatorComponents.MarksOf(shape.Family).ToList().IndexOf(name)];

    private static float[] Row(in OperatorShape shape, in RooflineChip chip)
    {
        float[] row = new float[OperatorComponents.Count];
        OperatorComponents.Write(shape, chip, FormParameters.Starts, row);
        return row;
    }

    private static double Component(in OperatorShape shape, in RooflineChip chip, string name)
    {
        float[] row = Row(shape, chip);
        return Math.Exp(row[OperatorComponents.ComponentsOf(shape.Family).ToList().IndexOf(name)]);
    }
}

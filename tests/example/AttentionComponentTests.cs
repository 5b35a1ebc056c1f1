using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using static FastSim.Example.Tests.ComponentsByHand;

namespace FastSim.Example.Tests;

/// <summary>Components of attention by hand: of prompts, of decoding sequences, over a latent cache.</summary>
public sealed class AttentionComponentTests
{
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
        RooflineChip chip = TenUnits with { Structure = TenUnits.Structure with { IsAsynchronous = isAsynchronous } };
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
        Assert.Equal((17_432_576 * 512.0 / 1.41e8) + (17_432_576 / 160e3), Component(Prompt, TenUnits, "products and exponentials in turn"), 1e-3);

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
        RooflineChip chip = TenUnits with { Structure = TenUnits.Structure with { IsAsynchronous = isAsynchronous } };
        OperatorShape step = Step with { CacheBytes = cacheBytes };
        Assert.Equal(microseconds, Component(step, chip, "tokens a split in cycles"), 1e-6);
        Assert.Equal(microseconds > 1 ? 1 : 0, Mark(step, chip, "in one piece"));
        double[] shared = [4, 0.85, 1, 1, 64, 1, 2, 6, 0.4];
        double[] asRun = microseconds > 1 ? [4, 0.85, 1, 1, 2000, 1, 2, 6, 0.4] : shared;
        RooflineChip elsewhere = TenUnits with { Structure = TenUnits.Structure with { IsAsynchronous = true } };
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
        RooflineChip chip = TenUnits with { Structure = TenUnits.Structure with { IsAsynchronous = isAsynchronous, HasFourBitFloats = hasFourBits } };
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
        RooflineChip chip = TenUnits with { ComputeUnits = 100, Structure = TenUnits.Structure with { IsAsynchronous = true } };
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
        RooflineChip chip = TenUnits with { Structure = TenUnits.Structure with { IsAsynchronous = true } };
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
        RooflineChip chip = TenUnits with { Structure = TenUnits.Structure with { IsAsynchronous = isAsynchronous, HasFourBitFloats = hasFourBits } };
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
        RooflineChip chip = TenUnits with { Structure = TenUnits.Structure with { IsAsynchronous = true } };
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
        RooflineChip chip = TenUnits with { ComputeUnits = 4, Structure = TenUnits.Structure with { IsAsynchronous = isGenerated, HasFourBitFloats = isGenerated } };
        FormParameters forms = OfLatent([0, 1, 0, 1000, 1e5, 1, 10, 0.1, 1]);
        Assert.Equal(microseconds, OperatorComponents.FormMicroseconds(LatentStep with { Heads = heads }, chip, forms, out _), 1e-3);
    }

    /// <summary>A decoding kernel that no parameters are stated of takes those of one that shares heads alike, then of the same units, then of the same width.</summary>
    [Fact]
    public void A_decoding_kernel_without_parameters_takes_the_nearest()
    {
        RooflineChip chip = TenUnits with { Structure = TenUnits.Structure with { IsAsynchronous = true, HasFourBitFloats = true } };
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
        Assert.Same(shared, forms.Of(Step with { CacheBytes = 1 }, TenUnits with { Structure = TenUnits.Structure with { IsAsynchronous = false } }));
    }

    private static FormParameters OfAllKernels(double[] parameters) =>
        new(new Dictionary<(OperatorFamily, int), double[]> { [(OperatorFamily.DecodeAttention, 0)] = parameters });

    private static FormParameters OfLatent(double[] parameters) =>
        new(new Dictionary<(OperatorFamily, int), double[]> { [(OperatorFamily.DecodeLatentAttention, 0)] = parameters });
}

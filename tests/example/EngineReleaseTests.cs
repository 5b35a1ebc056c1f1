using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>What releases of engines brought, and what a launch that starts ahead saves, computed by hand.</summary>
public sealed class EngineReleaseTests
{
    [Theory]
    [InlineData("vllm", "0.13.1", false)]
    [InlineData("vllm", "0.14", true)]
    [InlineData("vllm", "v0.15.1", true)]
    [InlineData("vllm", "0.14.0rc2", true)]
    [InlineData("vllm", "1.0", true)]
    [InlineData("vllm", "1", true)]
    [InlineData("vllm", "0", false)]
    [InlineData("vllm", "", false)]
    [InlineData("vllm", "nightly", false)]
    [InlineData("sglang", "0.4", false)]
    public void A_release_of_vllm_from_0_14_on_works_on_the_next_step_beside_the_device(string engine, string release, bool hides) =>
        Assert.Equal(hides, EngineReleases.Of(ServingEngine.All[engine], release).HidesBookkeeping);

    [Theory]
    [InlineData("vllm", "0.10.2", 10)]
    [InlineData("vllm", "", 10)]
    [InlineData("vllm", "0.11.0", 0)]
    [InlineData("vllm", "0.15", 0)]
    [InlineData("sglang", "0.4", 0)]
    public void A_release_of_vllm_before_0_11_launches_attention_between_graphs(string engine, string release, double microseconds) =>
        Assert.Equal(microseconds, EngineReleases.Of(ServingEngine.All[engine], release).BlockMicroseconds);

    [Theory]
    [InlineData("trtllm", "1.0.0rc3", 0)]
    [InlineData("trtllm", "1.1.0rc2.post2", 0)]
    [InlineData("trtllm", "1.2.0rc6.post3", 1)]
    [InlineData("trtllm", "2.0", 1)]
    [InlineData("trtllm", "0.21.0", 0)]
    [InlineData("trtllm", "0.5.1-rc0.pre3", 0)]
    [InlineData("trtllm", "0.6.1.post1", 0)]
    [InlineData("trtllm", "0.7.0.post2", 1)]
    [InlineData("trtllm", "0.8.1.post3", 1)]
    [InlineData("trtllm", "v0.9.1", 1)]
    [InlineData("trtllm", "0.10.0", 0)]
    [InlineData("trtllm", "gpt-oss-dev", 0)]
    [InlineData("vllm", "0.15", 0)]
    public void A_release_of_tensorrt_llm_from_1_2_on_starts_kernels_ahead(string engine, string release, double microseconds) =>
        Assert.Equal(microseconds, EngineReleases.Of(ServingEngine.All[engine], release).LaunchOverlapMicroseconds);

    [Theory]
    [InlineData("trtllm", "0.8.1.post1", "1.2")]
    [InlineData("trtllm", "0.6", "1.1")]
    [InlineData("trtllm", "0.9.0", "1.3")]
    [InlineData("trtllm", "1.0.0", null)]
    [InlineData("trtllm", "0.10", null)]
    [InlineData("trtllm", "", null)]
    [InlineData("vllm", "0.8.1", null)]
    public void Numbers_of_dynamo_stand_for_the_release_it_ships(string engine, string release, string? shipped) =>
        Assert.Equal(shipped, EngineReleases.DynamoShips(ServingEngine.All[engine], release));

    [Fact]
    public void A_release_is_unknown_only_of_engines_whose_releases_differ()
    {
        Assert.True(EngineReleases.IsUnknown(ServingEngine.All["vllm"], ""));
        Assert.True(EngineReleases.IsUnknown(ServingEngine.All["trtllm"], "dev.1"));
        Assert.False(EngineReleases.IsUnknown(ServingEngine.All["trtllm"], "1.0.0rc3"));
        Assert.False(EngineReleases.IsUnknown(ServingEngine.All["sglang"], ""));
        Assert.False(EngineReleases.IsUnknown(ServingEngine.None, ""));
    }

    [Fact]
    public void What_shows_of_a_time_is_never_less_than_a_quarter()
    {
        ServingEngine engine = ServingEngine.All["trtllm"];
        ChipStructure ahead = new(HasDependentLaunch: true);
        Assert.Equal(2, engine.Shown(3, ahead));
        Assert.Equal(0.25, engine.Shown(1, ahead));
        Assert.Equal(3, engine.Shown(3, default));
        Assert.Equal(3, ServingEngine.All["vllm"].Shown(3, ahead));
    }

    /// <summary>
    /// Of the forms where their fits start a small product's floor is 3 µs, and so is every pass; an engine whose kernels start 1 µs ahead has 2 of them, on a chip that lets it.
    /// </summary>
    [Fact]
    public void A_floor_is_shorter_where_kernels_start_ahead()
    {
        Assert.Equal(3, Floor("trtllm", hasDependentLaunch: false));
        Assert.Equal(2, Floor("trtllm", hasDependentLaunch: true));
        Assert.Equal(3, Floor("vllm", hasDependentLaunch: true));
    }

    /// <summary>Products are as long as the floor says less, whatever else they take: 1 µs.</summary>
    [Fact]
    public void A_product_is_shorter_by_what_starts_ahead()
    {
        OperatorShape shape = new(OperatorFamily.Product, NumberKind.SixteenBit, 64, 4096, 4096);
        double usual = Times("trtllm", hasDependentLaunch: false).Microseconds(shape)!.Value;
        Relative.Equal(usual - 1, Times("trtllm", hasDependentLaunch: true).Microseconds(shape)!.Value, 1e-12);
    }

    /// <summary>
    /// 10 units, m = n = 32 and k = 1,000 at a byte an element of weights: with a split cost of 1 µs the depth is halved (TimingFormTests), with 40 it is whole. A form that
    /// splits like another has the smaller cost of the two.
    /// </summary>
    [Fact]
    public void Products_of_four_bits_split_the_depth_like_those_of_sixteen()
    {
        double[] measured = [3, 1, 1, 1, 1, 40, 1e-9, 1];
        double[] halves = [5, 1, 1, 1, 1, 1, 1e-9, 1];
        double[] split = GemmTiming.SplitLike(measured, halves);
        Assert.Equal([3, 1, 1, 1, 1, 1, 1e-9, 1], split);
        Assert.Equal(halves, GemmTiming.SplitLike(halves, measured));

        TimingChip chip = new(10, 1e12, 1e12);
        double time = GemmTiming.Microseconds(split, chip, 1e12, 2, 2, 32, 32, 1000, 0);
        Relative.Equal(3 + 7.608192 + 0.130048, time, 1e-9);

        // Whole: 11.2 µs.
        Relative.Equal(3 + 11.2 + 0.130048, GemmTiming.Microseconds(measured, chip, 1e12, 2, 2, 32, 32, 1000, 0), 1e-9);
    }

    private static double Floor(string engine, bool hasDependentLaunch) => Times(engine, hasDependentLaunch).KernelMicroseconds!.Value;

    private static FittedTimes Times(string engine, bool hasDependentLaunch)
    {
        Chip chip = ServedToy.Chip with { Structure = new ChipStructure(HasDependentLaunch: hasDependentLaunch) };
        return new FittedTimes(chip, FittedForms.Of(chip.Timings)!, ServingEngine.All[engine], 2e12, 4e11, 4e11, new RooflineChip(100, 2e12, 1e15, 2e15, 4e15));
    }
}

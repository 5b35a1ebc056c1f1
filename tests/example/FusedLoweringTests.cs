using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>The kernels that an engine launches for a block, their bytes, and what simple forms price them at.</summary>
public sealed class FusedLoweringTests
{
    private static readonly ServingLayout OneCard = new(1, 1, 1, 1);

    [Fact]
    public void A_dense_block_is_nine_launches()
    {
        EngineStep step = ServedToy.Instance(ServedToy.Dense, OneCard, 512, 256).Step;

        // One token of 1024, 2 bytes everything. Norm: residual and input read, sum written: 3·1024·2. Queries of 8 heads, keys and values of 2 heads
        // each, of 128: 1,536 columns, 1024·1536·2 + (1024 + 1536)·2. Rotary: read and written, 2·1536·2. Attention at half of 256 tokens after 512, its own included:
        // queries and results 2·8·128·2, cache 2·2·128·641·2. Output: 1024·1024·2 + 2·1024·2. Gate and up in one: 1024·8192·2 + (1024 + 8192)·2,
        // 3·4096·2 of activation, and down 4096·1024·2 + (4096 + 1024)·2.
        Equal(
            step,
            ("residual_norm", 6144),
            ("qkv_projection", 3_150_848),
            ("rotary", 6144),
            ("flash_score_value", 660_480),
            ("output_projection", 2_101_248),
            ("residual_norm", 6144),
            ("gate_up_projection", 16_795_648),
            ("activation_multiply", 24_576),
            ("down_projection", 8_398_848));
        Assert.All(step.DecodeLaunches.Take(9), launch => Assert.Equal(4, launch.Repeats));
    }

    [Fact]
    public void Experts_are_a_router_its_choice_and_one_kernel()
    {
        EngineStep step = ServedToy.Instance(ServedToy.Experts, OneCard, 512, 256).Step;
        StageLaunch experts = step.DecodeLaunches.Single(launch => launch.Part == StepPart.Experts);

        // Router: 1024·16·2 + (1024 + 16)·2. Of 16 experts a token reaches 2: 1/8 of 16·2·512·1024·2 bytes up, of 16·1024·512·2 down; rows of
        // 1024 in and 2·512 out, then of 512 in and 1024 out, twice each, 2 bytes an element.
        OperatorTable table = step.DecodeTable!;
        Equal(step, 5, ("residual_norm", 6144), ("router", 34_848), ("route", 0), ("expert_gate_up", 4_194_304 + 8192));
        Assert.Equal("expert_down", table.Identities[experts.Also].Name);
        Relative.Equal(2_097_152 + 6144, table.Bytes(experts.Also, 1), 1e-12);
    }

    [Fact]
    public void Placed_experts_are_as_even_as_stated()
    {
        // One token a rank on four cards that share all experts: 4 tokens of a group, of which the hottest rank gets 1/0.8 as many; unstated, a power law says.
        OperatorShape placed = Hottest(0.8);
        Relative.Equal(4 / 0.8, placed.Rows, 1e-12);
        Assert.Equal(0, placed.Skew);
        Assert.Equal((4, 1.01), (Hottest(null).Rows, Hottest(null).Skew));

        static OperatorShape Hottest(double? balance)
        {
            DeploymentShape shape = ServedToy.Instance(ServedToy.Experts, new ServingLayout(1, 4, 1, 4), 512, 256).Step.Shape;
            OperatorTable table = StageLowering.Lower(shape with { Engine = shape.Engine! with { ExpertBalance = balance } });
            return StageLaunch.Of(table, new("float16", "float16", "float16")).Single(launch => launch.Part == StepPart.Experts).Shape!.Value;
        }
    }

    [Fact]
    public void A_pass_takes_a_small_kernel_and_its_bytes_at_four_fifths_of_the_memory()
    {
        EngineStep step = ServedToy.Instance(ServedToy.Dense, OneCard, 512, 256).Step;

        // 3 us, the least of a product, and 6,144 bytes at 0.8·2,000 GB/s: 0.00384 us.
        Relative.Equal(3.00384, Microseconds(step, "residual_norm"), 1e-12);
    }

    [Fact]
    public void An_all_reduce_takes_the_fastest_protocol()
    {
        EngineStep step = ServedToy.Instance(ServedToy.Dense, new ServingLayout(2, 1, 1, 1), 512, 256).Step;

        // A message of 1024·2 bytes between two: as many on the wire, at 0.08 of 400 GB/s 0.064 us, and 4 us of latency.
        Relative.Equal(4.064, Microseconds(step, "tp_all_reduce"), 1e-12);
    }

    private static double Microseconds(EngineStep step, string name)
    {
        PricedLaunch launch = step.Launches(StepLoad.Decode(1)).First(each => each.Name == name);
        Assert.Equal(ClockKind.Fitted, launch.Clock);
        return launch.Microseconds / 4;
    }

    private static void Equal(EngineStep step, params (string Name, double Bytes)[] expected) => Equal(step, 0, expected);

    private static void Equal(EngineStep step, int first, params (string Name, double Bytes)[] expected)
    {
        OperatorTable table = step.DecodeTable!;
        StageLaunch[] launches = [.. step.DecodeLaunches.Skip(first).Take(expected.Length)];
        Assert.Equal(expected.Select(each => each.Name), launches.Select(launch => table.Identities[launch.Operator].Name));
        Assert.All(expected.Zip(launches), pair => Relative.Equal(pair.First.Bytes, table.Bytes(pair.Second.Operator, 1), 1e-12));
    }
}

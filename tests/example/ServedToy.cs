using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>Small models and a chip with timings, to serve in tests.</summary>
internal static class ServedToy
{
    public static TransformerModel Dense { get; } = new(
        "toy", 1024, 4096, 4, AttentionKind.GroupQuery, 8, 2, 128, null, true, false, 0, 32_000, null);

    public static TransformerModel Experts { get; } = Dense with { Experts = new MixtureOfExperts(512, 16, 2, 0, 0, 0, 1, 0) };

    public static Chip Chip { get; } = ToyChip.Balanced with
    {
        Name = "timed",
        Matrix = new Dictionary<string, ComputeUnit>
        {
            ["float16"] = new(1000, 1, EfficiencyTable.Flat(1)),
            ["float8"] = new(2000, 1, EfficiencyTable.Flat(1)),
        },
        Vector = new Dictionary<string, ComputeUnit> { ["float16"] = new(100, 1, EfficiencyTable.Flat(1)) },
        Memory = ToyChip.Balanced.Memory with { CapacityGibibytes = 16, GigabytesPerSecond = 2000 },
        Networks = [ToyChip.Balanced.Networks[0] with { GigabytesPerSecond = 400, Size = 8 }],
        Timings = new OperatorTimings(100, null, Starts()),
    };

    public static EngineInstance Instance(TransformerModel model, ServingLayout layout, int input, int output, string engine = "trtllm", double capacityGibibytes = 16, ImageLoad images = default) =>
        Instance(model, layout, input, output, ServingEngine.All[engine], ArrivalPattern.Usual, capacityGibibytes, images);

    public static EngineInstance Instance(
        TransformerModel model, ServingLayout layout, int input, int output, ServingEngine own, ArrivalPattern arrivals, double capacityGibibytes = 16, ImageLoad images = default)
    {
        ServingPrecision precision = ServingPrecision.Of(model, own, null, default);
        DeploymentShape shape = new(
            model, new SequenceLengths(input, output) { Images = images }, new Precision(2, 2, 2, 2), Accounting.Physical, MultiTokenPrediction.Off, Phase.Decode, layout.Parallel, 1)
        {
            Engine = own,
            Arrivals = arrivals,
            Kinds = precision.Kinds,
        };
        Chip chip = Chip with { Memory = Chip.Memory with { CapacityGibibytes = capacityGibibytes } };
        ChipRates rates = new(chip, new FlopsTypes("float16", "float16", Chip.Vector.Keys.First()), Accounting.Physical, Phase.Decode);
        return EngineInstance.Of(shape, new EngineClock(rates, own, [ClockKind.Fitted], null));
    }

    /// <summary>Every family where its fit would start.</summary>
    private static Dictionary<(string, string), double[]> Starts()
    {
        Dictionary<(string, string), double[]> timings = [];
        foreach ((string family, string kind) in new[]
        {
            ("gemm", "bfloat16"), ("gemm", "fp8"), ("decode_attention", "bfloat16/gqa"), ("decode_attention", "bfloat16/mha"),
            ("decode_attention", "fp8/gqa"), ("prefill_attention", "bfloat16/bfloat16"), ("prefill_attention", "fp8/fp8"), ("experts", "bfloat16"),
            ("experts", "fp8/cutlass"), ("collectives", "nccl_all_reduce"), ("collectives", "nccl_alltoall"), ("collectives", "nccl_all_gather"),
            ("collectives", "custom_all_reduce"),
        })
        {
            timings[(family, kind)] = TimingForms.All[family].Start;
        }

        return timings;
    }
}

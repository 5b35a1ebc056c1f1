using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>Random jobs that an engine runs, their launches priced by random forms, random surrogates and, where those are silent, the roofline.</summary>
public static class RandomServing
{
    /// <summary>Every kind of form that an engine's launches ask for.</summary>
    private static readonly (string Family, string Kind)[] Kinds =
    [
        .. Of("gemm", "bfloat16", "fp8", "fp8_block", "nvfp4", "int8_wo", "int4_wo"),
        .. Of("decode_attention", "bfloat16/gqa", "bfloat16/mha", "fp8/gqa", "fp8/mha"),
        .. Of("prefill_attention", "bfloat16/bfloat16", "bfloat16/fp8", "fp8/bfloat16", "fp8/fp8"),
        .. Of("decode_latent_attention", "bfloat16", "fp8"),
        .. Of("prefill_latent_attention", "bfloat16", "fp8"),
        .. Of("latent_product", "bfloat16"),
        .. Of("experts", "bfloat16", "bfloat16/cutlass", "fp8/cutlass", "fp8_block/cutlass", "w4a8_mxfp4_mxfp8", "w4a16_mxfp4"),
        .. Of("collectives", "nccl_all_reduce", "custom_all_reduce", "nccl_alltoall", "nccl_all_gather"),
        .. Of("expert_exchange", "low_latency/dispatch", "low_latency/combine", "normal/dispatch", "normal/combine"),
        .. Of("index_score", "fp8"),
        .. Of("index_selection", "flat"),
        .. Of("sparse_attention", "bfloat16/decode", "bfloat16/prefill", "fp8/decode", "fp8/prefill"),
        .. Of("short_convolution", "gated_delta/decode", "gated_delta/prefill", "kimi_delta/decode", "kimi_delta/prefill", "mamba2/decode", "mamba2/prefill"),
        .. Of("state_scan", "gated_delta", "kimi_delta"),
        .. Of("state_update", "gated_delta", "kimi_delta"),
    ];

    public static Arbitrary<Job> Jobs() => Arb.From(ServedBy(RandomJobs.Jobs().Generator));

    /// <summary>Jobs on chips whose efficiencies depend on an operator's size: what the roofline prices neither rises nor falls steadily.</summary>
    public static Gen<Job> JobsWithTables { get; } =
        ServedBy(Gen.OneOf(RandomJobs.JobsWithTables, RandomJobs.JobsWithOddTables, RandomJobs.JobsWithStaircases));

    /// <summary>A plan of a job's layout, as a search makes it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="role">What the instance does.</param>
    /// <param name="layout">The layout.</param>
    internal static ServingPlan Plan(Job job, ServingRole role, ParallelLayout layout)
    {
        Phase phase = role == ServingRole.Prefill ? Phase.Prefill : Phase.Decode;
        Chip chip = role == ServingRole.Prefill ? job.PrefillChip : job.DecodeChip;
        ChipRates rates = new(chip, job.Types, job.Accounting, phase);
        ChipRates peaks = new(chip, job.Types, job.Accounting, phase, arePeaks: true);
        EngineClock clock = new(rates, job.Engine!, job.Timing, chip.Efficiency is { } model ? new LearnedTimes(model) : null);
        OperatorTable table = Lower(job, phase, layout);
        MemoryFootprint footprint = MemoryFootprint.Of(table);
        return new ServingPlan(
            role,
            table,
            role == ServingRole.Both ? Lower(job, Phase.Prefill, layout) : null,
            clock,
            peaks,
            footprint,
            ServingMemory.Of(footprint, table.Shape, rates.CapacityBytes),
            new PricedInstance());
    }

    /// <summary>The times of a plan's steps, by its own clock.</summary>
    internal static EngineStep Step(in ServingPlan plan) => plan.Role == ServingRole.Prefill
        ? new EngineStep(null, plan.Table, plan.Clock)
        : new EngineStep(plan.Table, plan.Prompt, plan.Clock);

    private static OperatorTable Lower(Job job, Phase phase, ParallelLayout layout) => StageLowering.Lower(
        new DeploymentShape(
            job.Model, job.Lengths, job.Precision, job.Accounting, job.Prediction, phase, layout, layout.PipelineParallel)
        {
            Engine = job.Engine,
            Arrivals = job.Arrivals,
            Kinds = job.KindsOn(phase == Phase.Prefill && job.Mode == ServingMode.Split ? job.PrefillChip : job.DecodeChip),
        });

    private static IEnumerable<(string, string)> Of(string family, params string[] kinds) => kinds.Select(kind => (family, kind));

    private static Gen<double> Real(double low, double high) =>
        Gen.Choose(0, 1_000_000).Select(step => low * Math.Pow(high / low, step / 1e6));

    /// <summary>An engine as described, or one whose every property is another: chunks shorter than prompts, too, and reserves that small cards can spare.</summary>
    private static Gen<ServingEngine> Engine { get; } =
        from described in Gen.Elements(ServingEngine.All.Values.ToArray())
        from chunk in Gen.Elements(8, 24, 40, 64, 200, 8192)
        from host in Gen.Elements(0d, 1, 30, 300)
        from flags in Gen.Choose(0, 255)
        from request in Gen.Elements(0d, 10, 15_000)
        from sequence in Gen.Elements(0, 0.1, 20)
        from reserve in Gen.Elements(0d, 1e4, 1e6)
        from share in Gen.Elements(0.5, 0.9, 1)
        from isDescribed in Gen.Elements(true, false)
        from ahead in Gen.Elements(0, 0.01, 0.5, 5)
        from block in Gen.Elements(0, 0, 0.1, 10)
        from eager in Gen.Elements(0, 0.05, 8, 26)
        select isDescribed
            ? described with { ReserveBytes = reserve }
            : new ServingEngine(
                "random",
                chunk,
                host,
                (flags & 1) > 0,
                (flags & 2) > 0,
                (flags & 4) > 0,
                (flags & 8) > 0,
                (flags & 16) > 0,
                (flags & 32) > 0,
                (flags & 64) > 0,
                request,
                sequence,
                reserve,
                share,
                (flags & 128) > 0,
                LaunchOverlapMicroseconds: ahead,
                SplitsFourBitProducts: (flags & 5) > 0,
                BlockMicroseconds: block,
                EagerLaunchMicroseconds: eager,
                EagerQuantizeMicroseconds: 3 * block);

    /// <summary>Some of the forms, each parameter anywhere that a fit may put it.</summary>
    private static Gen<OperatorTimings> Timings { get; } =
        from units in Gen.Elements(1, 8, 132)
        from kept in Gen.Choose(0, 9).ArrayOf(Kinds.Length)
        from isWhole in Gen.Elements(true, false, false)
        from least in Gen.Choose(0, 9)
        from shares in Gen.Choose(0, 1000).ArrayOf(16 * Kinds.Length)
        from scale in Gen.Elements(1, 1, 0.01)
        let known = Enumerable.Range(0, Kinds.Length).Where(kind => isWhole || kept[kind] >= least)
        select new OperatorTimings(units, null, known.ToDictionary(
            kind => Kinds[kind],
            kind => TimingForms.All[Kinds[kind].Family].Parameters.Select((parameter, place) => Value(parameter, shares[(16 * kind) + place], scale)).ToArray()));

    /// <summary>A parameter within its range; what counts microseconds besides as small as toy chips need it to tell plans apart.</summary>
    private static double Value(TimingParameter parameter, int share, double scale)
    {
        double value = parameter.Least * Math.Pow(parameter.Most / parameter.Least, share / 1000d);
        return parameter.Name.EndsWith("_us", StringComparison.Ordinal) ? value * scale : value;
    }

    private static Gen<ClockKind[]> Order { get; } = Gen.Elements<ClockKind[]>(
        [], [ClockKind.Fitted], [ClockKind.Fitted], [ClockKind.Learned], [ClockKind.Learned, ClockKind.Fitted], [ClockKind.Fitted, ClockKind.Learned]);

    private static Gen<Job> ServedBy(Gen<Job> jobs) =>
        from job in jobs
        from engine in Engine
        from timings in Timings
        from other in Timings
        from hasForms in Gen.Elements(true, true, true, false)
        from order in Order
        from choice in Gen.Choose(0, 3)
        from matrix in Gen.Elements("float16", "float8", "float4")
        from attention in Gen.Elements("float16", "float8")
        from weights in Gen.Elements(2, 1, 0.53125)
        from aim in Gen.Elements(SplitAim.Throughput, SplitAim.Balanced)
        from opening in Gen.Elements(0, 0.1, 1)
        from spread in Gen.Elements(0, 0.03, 0.2, 1)
        from formats in Format.ArrayOf(StoredRoles.Length)
        from runsStored in Gen.Elements(false, true)
        let isLearned = order.Contains(ClockKind.Learned)
        let decode = Timed(job.DecodeChip, hasForms ? timings : null, isLearned ? choice : null)
        select job with
        {
            Model = WithProducts(job.Model, formats),
            RunsStoredFormats = runsStored,
            Accounting = Accounting.Physical,
            Engine = engine,
            Timing = order,
            Types = new FlopsTypes(matrix, attention, "v"),
            Precision = job.Precision with { WeightBytes = weights },
            SplitAim = aim,
            Arrivals = new ArrivalPattern(opening, spread),
            DecodeChip = decode,
            PrefillChip = job.Mode == ServingMode.Fusion ? decode : Timed(job.PrefillChip, hasForms ? other : null, isLearned ? choice + 1 : null),
        };

    private static readonly WeightRoles[] StoredRoles = [WeightRoles.Attention, WeightRoles.DenseFeedForward, WeightRoles.SharedExperts, WeightRoles.RoutedExperts];

    /// <summary>What a role's weights are and meet; nothing narrow in one of four.</summary>
    private static Gen<ProductFormat?> Format { get; } =
        from bytes in Gen.Elements(0.53125, 0.5625, 1, 1)
        from activations in Gen.Elements(Enum.GetValues<ActivationFormat>())
        from isWide in Gen.Elements(true, false, false, false)
        select isWide ? (ProductFormat?)null : new ProductFormat(bytes, activations);

    /// <summary>A quantized model whose roles run in formats of their own.</summary>
    private static TransformerModel WithProducts(TransformerModel model, ProductFormat?[] formats) => model.Structure is not { Storage.IsQuantized: true } structure
        ? model
        : model with
        {
            Structure = structure with
            {
                Storage = structure.Storage with
                {
                    Products = StoredRoles.Zip(formats).Where(each => each.Second is not null).ToDictionary(each => each.First, each => each.Second!.Value),
                },
            },
        };

    /// <summary>A chip of named data types, with forms and a surrogate.</summary>
    private static Chip Timed(Chip chip, OperatorTimings? timings, int? choice) => chip with
    {
        Matrix = new Dictionary<string, ComputeUnit>
        {
            ["float16"] = chip.Matrix.First().Value,
            ["float8"] = chip.Matrix.Last().Value,
            ["float4"] = chip.Matrix.Last().Value with { Teraflops = 2 * chip.Matrix.Last().Value.Teraflops },
        },
        Timings = timings,
        Structure = chip.Structure with { HasDependentLaunch = true },
        Efficiency = choice is { } learned ? RandomSurrogates.Pick(learned) : null,
    };
}

using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Models;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Bench;

/// <summary>The stages and chips that benchmarks run on: the repository's own data.</summary>
internal static class BenchInputs
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static TransformerModel DeepSeek { get; } =
        ModelFile.Load(PathOf("data", "models", "deepseek_v3_flash_mla_absorb.json"), new Findings(allowUnknownKeys: false));

    public static Chip FlatChip { get; } =
        SystemFile.Load(PathOf("data", "systems", "SOW-U1-POR.json"), new Findings(allowUnknownKeys: false));

    /// <summary>The same chip with six-row tables on every unit.</summary>
    public static Chip TableChip { get; } = FlatChip with
    {
        Matrix = FlatChip.Matrix.ToDictionary(unit => unit.Key, unit => unit.Value with { Efficiency = SixRows }),
        Vector = FlatChip.Vector.ToDictionary(unit => unit.Key, unit => unit.Value with { Efficiency = SixRows }),
    };

    public static FlopsTypes Types { get; } = new("float4", "float8", "float4");

    private static EfficiencyTable SixRows => EfficiencyTable.BySize([1000, 100, 10, 1, 0.1, double.NegativeInfinity], [1, 0.9, 0.8, 0.7, 0.6, 0.5]);

    /// <summary>The golden DeepSeek-V3 decode stage: every operator of cost model A2.</summary>
    public static OperatorTable DecodeStage(Accounting accounting = Accounting.Seed) => StageLowering.Lower(new DeploymentShape(
        DeepSeek,
        new SequenceLengths(4096, 1024),
        new Precision(0.5, 0.5, 1, 1),
        accounting,
        MultiTokenPrediction.Off,
        Phase.Decode,
        new ParallelLayout(12, 3, 1, 4, 1, 9, 32, 32),
        3));

    public static ChipRates Rates(Chip chip, Accounting accounting = Accounting.Seed) => new(chip, Types, accounting, Phase.Decode);

    /// <summary>The first job of a runtime file.</summary>
    public static Job Job(string runtime, RuntimeOverrides overrides) =>
        RuntimeFile.Load(runtime, overrides, new Findings(allowUnknownKeys: false))[0].Jobs[0];

    /// <summary>The golden DeepSeek-V3 decode job on H100 in float8, physical accounting, its launches priced by a clock.</summary>
    public static Job H100Job(ClockKind clock) => Job(
        PathOf("bench", "inputs", "fitted.runtime.json"),
        RuntimeOverrides.None with
        {
            Timing = [clock],
            EfficiencyModel = clock == ClockKind.Learned ? PathOf("data", "surrogates", "limits.onnx") : null,
        });

    /// <summary>The repository, from the build's folder or, for a build that was kept elsewhere, from the working directory.</summary>
    private static string FindRoot() =>
        FindRoot(AppContext.BaseDirectory) ?? FindRoot(Directory.GetCurrentDirectory())
            ?? throw new InvalidOperationException("benchmarks read the repository's data: run them from a folder below it");

    private static string? FindRoot(string start)
    {
        string? folder = start;
        while (folder is not null && !File.Exists(Path.Combine(folder, "FastSim.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder;
    }
}

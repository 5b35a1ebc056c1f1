using FastSim.Cli.Output;
using FastSim.Kernels.Chips;
using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Cli.Planning;

/// <summary>What more or less of a resource of the chip does to the best deployment, searched anew: the layout and batch may change with it.</summary>
/// <param name="Resource">The resource, in words.</param>
/// <param name="Less">Change with ten per cent less, as a share of the objective now: of throughput more is better, of times less; NaN where there is no plan.</param>
/// <param name="More">Change with ten per cent more.</param>
internal sealed record ResourceEffect(string Resource, double Less, double More)
{
    private const double Step = 0.1;

    private static readonly (string Resource, Func<Chip, double, Chip> Scale)[] Resources =
    [
        ("memory bandwidth", (chip, factor) => chip with { Memory = chip.Memory with { GigabytesPerSecond = chip.Memory.GigabytesPerSecond * factor } }),
        ("compute", (chip, factor) => chip with { Matrix = Scaled(chip.Matrix, factor), Vector = Scaled(chip.Vector, factor) }),
        ("memory capacity", (chip, factor) => chip with { Memory = chip.Memory with { CapacityGibibytes = chip.Memory.CapacityGibibytes * factor } }),
        ("links", (chip, factor) => chip with
        {
            Networks = [.. chip.Networks.Select(tier => tier with { GigabytesPerSecond = tier.GigabytesPerSecond * factor })],
        }),
    ];

    private static readonly (string Resource, Func<Chip, double, Chip> Scale)[] SecondResources =
    [
        ("second bandwidth", (chip, factor) => chip with { SecondMemory = chip.SecondMemory is { } memory ? memory with { GigabytesPerSecond = memory.GigabytesPerSecond * factor } : null }),
        ("second capacity", (chip, factor) => chip with { SecondMemory = chip.SecondMemory is { } memory ? memory with { CapacityGibibytes = memory.CapacityGibibytes * factor } : null }),
    ];

    /// <summary>Effects of every resource, the one that helps most first.</summary>
    /// <param name="best">The best deployment.</param>
    /// <param name="settings">The engine.</param>
    public static IReadOnlyList<ResourceEffect> Of(PlannedDeployment best, EngineSettings settings)
    {
        PlanObjective objective = best.Job.Objective;
        double now = ObjectiveCost.Of(objective, best.Job, best.Point);
        return
        [
            .. Resources.Concat(SecondMemoryRows.AreAsked(best.Job) ? SecondResources : []).Select(each => new ResourceEffect(
                    each.Resource,
                    Change(best.Job, chip => each.Scale(chip, 1 - Step), objective, now, settings),
                    Change(best.Job, chip => each.Scale(chip, 1 + Step), objective, now, settings)))
                .OrderByDescending(effect => Math.Abs(effect.More)),
        ];
    }

    private static double Change(Job job, Func<Chip, Chip> scale, PlanObjective objective, double now, EngineSettings settings)
    {
        Job scaled = job with { PrefillChip = scale(job.PrefillChip), DecodeChip = scale(job.DecodeChip) };
        double then = objective == PlanObjective.Throughput
            ? Throughput(scaled, settings)
            : JobStudy.Of(scaled, 0, settings).BestOf(objective) is { } point ? ObjectiveCost.Of(objective, scaled, point) : double.NaN;
        return objective == PlanObjective.Throughput ? (now / then) - 1 : (then / now) - 1;
    }

    /// <summary>Seconds a request of the best plan; NaN where there is none. The phase that the other holds back changes nothing of it, but for what it draws: it is not chosen again.</summary>
    private static double Throughput(Job job, EngineSettings settings) => JobSolver.Solve(job.EnergyLimit is null ? job with { SplitAim = SplitAim.Throughput } : job, settings) switch
    {
        { Prefill: { } prefill, Decode: { } decode } when job.Mode == ServingMode.Split => 1 / Math.Min(prefill.RequestsPerSecond, decode.RequestsPerSecond),
        { Decode: { } decode } => 1 / decode.RequestsPerSecond,
        { Prefill: { } prefill } => 1 / prefill.RequestsPerSecond,
        _ => double.NaN,
    };

    private static Dictionary<string, ComputeUnit> Scaled(IReadOnlyDictionary<string, ComputeUnit> units, double factor) =>
        units.ToDictionary(unit => unit.Key, unit => unit.Value with { Teraflops = unit.Value.Teraflops * factor });
}

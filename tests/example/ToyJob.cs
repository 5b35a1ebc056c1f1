using FastSim.Kernels.Models;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Example.Tests;

/// <summary>
/// Jobs of the dense model on memory-bound cards that only replicate, [n, 1, 1]. A card prefills one request in 36.3125 s
/// (PrefillPlanTests) and, three at a time, decodes a request's four tokens in 4·24.6875 s (DecodePlanTests): 0.02754 and
/// 3/98.75 = 0.03038 requests/s.
/// </summary>
internal static class ToyJob
{
    public const double PrefillPerCard = 1 / 36.3125;
    public const double DecodePerCard = 3 / (4 * 24.6875);

    /// <summary>No layout but replicas, one sequence a batch.</summary>
    public static readonly PlanRestriction OneEach = Replicas(4, 1);

    /// <summary>No layout but replicas, three sequences a batch.</summary>
    public static readonly PlanRestriction ThreeEach = Replicas(4, 3);

    public static readonly Job Split = new(
        Index: 0,
        ServingMode.Split,
        ToyModel.Dense,
        ToyModel.Lengths,
        Cards: 5,
        ToyModel.Precision,
        ToyChip.Types,
        Unlimited,
        ToyChip.MemoryBound,
        ToyChip.MemoryBound,
        Splits: null,
        Prefill: OneEach,
        Decode: ThreeEach,
        Redundancy: null,
        SharedExpertOnEveryCard: false,
        MultiTokenPrediction.Off,
        Accounting.Seed);

    public static readonly Job Fusion = Split with { Mode = ServingMode.Fusion, Cards = 1 };

    public static LatencyLimits Unlimited => new(null, null);

    public static JobResult Solve(this Job job) => JobSolver.Solve(job, EngineSettings.Default);

    /// <summary>A layout [n, 1, 1] for n up to <paramref name="most"/>, with a fixed batch.</summary>
    public static PlanRestriction Replicas(int most, int batch) => new(
        Enumerable.Range(1, most).Select(cards => new AttentionTriple(cards, 1, 1)).ToArray(),
        null,
        [new BatchTriple(batch, 1, batch)]);
}

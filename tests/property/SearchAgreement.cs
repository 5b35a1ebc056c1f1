using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FastSim.Search.Sweeps;

namespace FastSim.Laws.Tests;

/// <summary>Searches that have to find the same, to the bit: every engine, and a sweep what a run of each of its variants finds.</summary>
internal static class SearchAgreement
{
    private const int Variants = 4;

    /// <summary>Asserts it of the engines.</summary>
    public static bool OfEngines(Job job)
    {
        JobResult[] results = [.. Enum.GetValues<EngineKind>().Select(kind => JobSolver.Solve(job, EngineSettings.Default with { Kind = kind }))];
        foreach (JobResult result in results)
        {
            Assert.Equal((Key(results[0].Prefill), BytesOf(results[0].Prefill)), (Key(result.Prefill), BytesOf(result.Prefill)));
            Assert.Equal((Key(results[0].Decode), BytesOf(results[0].Decode)), (Key(result.Decode), BytesOf(result.Decode)));
            Assert.False(double.IsNaN(result.Decode?.TokensPerSecond ?? 0) || double.IsNaN(result.Prefill?.TokensPerSecond ?? 0));
        }

        return true;
    }

    /// <summary>Asserts it of a sweep over some variants, each the job on chips of other numbers.</summary>
    public static bool OfSweep(Job job, int seed, Func<Job, Random, Job> varied)
    {
        Random random = new(seed);
        Job[] alone = [.. Enumerable.Range(0, Variants).Select(_ => varied(job, random))];
        VariantResult[] found = SweepLaws.Sweep(job, [.. alone.Select(each => (each.PrefillChip, each.DecodeChip))], LaneWidths.Best);
        for (int variant = 0; variant < Variants; variant++)
        {
            JobResult run = JobSolver.Solve(alone[variant], EngineSettings.Default);
            Assert.Equal(run.HasPlan, found[variant].HasPlan);
            Assert.Equal(Key(run.Decode), Key(found[variant].Decode));
            if (job.Mode == ServingMode.Split)
            {
                Assert.Equal(Key(run.Prefill), Key(found[variant].Prefill));
            }
        }

        return true;
    }

    /// <summary>The job on chips each varied by itself; those of a fusion are one.</summary>
    public static Job OnEach(Job job, Random random, Func<Chip, Random, Chip> varied)
    {
        Chip decodes = varied(job.DecodeChip, random);
        return job with { DecodeChip = decodes, PrefillChip = job.Mode == ServingMode.Fusion ? decodes : varied(job.PrefillChip, random) };
    }

    private static double? BytesOf(PhaseWinner? winner) => winner?.Memory.TotalBytes(winner.Sequences);

    private static (ParallelLayout? Layout, double? Sequences, double? Throughput, double? Latency, CardDraw? Draw) Key(PhaseWinner? winner) =>
        (winner?.Layout, winner?.Sequences, winner?.TokensPerSecond, winner?.LatencySeconds, winner?.Draw);

    private static (ParallelLayout? Layout, double? Sequences, double? Throughput, double? Latency, CardDraw? Draw) Key(VariantPlan plan) =>
        plan.IsFound ? (plan.Layout, plan.Sequences, plan.Figures.TokensPerSecond, plan.Figures.LatencySeconds, plan.Draw) : (null, null, null, null, null);
}

using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FastSim.Search.Plans;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>A balanced split keeps the rate, and of the phase that does not bind no plan at any batch that keeps it has less latency.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)])]
public sealed class SplitLaws
{
    [Law(MaxTest = 300)]
    public bool The_phase_that_waits_has_the_least_latency_of_all_that_keep_the_rate(Job job) => IsLeast(job);

    [Law(MaxTest = 150)]
    public Property Under_tables_too() => Prop.ForAll(
        Arb.From(Gen.OneOf(RandomJobs.JobsWithTables, RandomJobs.JobsWithOddTables, RandomJobs.JobsWithStaircases)), IsLeast);

    private static bool IsLeast(Job drawn)
    {
        Job job = drawn with { Mode = ServingMode.Split, Cards = Math.Min(drawn.Cards, 8) };
        JobResult most = JobSolver.Solve(job, EngineSettings.Default);
        JobResult balanced = JobSolver.Solve(job with { SplitAim = SplitAim.Balanced }, EngineSettings.Default);
        if (most.Prefill is not { } prefill || most.Decode is not { } decode)
        {
            return !balanced.HasPlan;
        }

        // The cards of each phase, what binds, and so the rate, stay.
        Assert.Equal((prefill.Layout.Cards, decode.Layout.Cards), (balanced.Prefill!.Layout.Cards, balanced.Decode!.Layout.Cards));
        double rate = Math.Min(prefill.RequestsPerSecond, decode.RequestsPerSecond);
        Assert.Equal(rate, Math.Min(balanced.Prefill.RequestsPerSecond, balanced.Decode.RequestsPerSecond));
        bool isPrefill = prefill.RequestsPerSecond > rate;
        PhaseWinner chosen = isPrefill ? balanced.Prefill : balanced.Decode;
        PhaseWinner binding = isPrefill ? balanced.Decode : balanced.Prefill;
        Assert.Equal((isPrefill ? decode : prefill).LatencySeconds, binding.LatencySeconds);
        if (prefill.RequestsPerSecond == decode.RequestsPerSecond)
        {
            return chosen.LatencySeconds == decode.LatencySeconds;
        }

        double least = LeastLatency(job, isPrefill ? Phase.Prefill : Phase.Decode, chosen.Layout.Cards, rate);
        Assert.Equal(least, chosen.LatencySeconds, 1e-12 * least);
        return true;
    }

    /// <summary>Every layout of the cards, every batch by counting up.</summary>
    private static double LeastLatency(Job job, Phase phase, int cards, double rate)
    {
        bool isPrefill = phase == Phase.Prefill;
        double least = double.PositiveInfinity;
        ChipRates rates = new(isPrefill ? job.PrefillChip : job.DecodeChip, job.Types, job.Accounting, phase);
        foreach (ParallelLayout layout in new PlanSpace(job.Model, cards, PlanRestriction.None, ExpertPlacement.Of(job, phase)).Divisible())
        {
            OperatorTable table = StageLowering.Lower(new DeploymentShape(
                job.Model, job.Lengths, job.Precision, job.Accounting, job.Prediction, phase, layout, layout.PipelineParallel));
            MemoryFootprint memory = MemoryFootprint.Of(table);
            if (!StageTime.IsReachable(table, rates))
            {
                continue;
            }

            int unit = isPrefill || job.Model.Experts is null ? 1 : layout.TensorParallel;
            double first = job.Accounting == Accounting.Physical ? 1 : unit;
            for (double sequences = first; memory.TotalBytes(sequences) <= rates.CapacityBytes; sequences += sequences < unit ? 1 : unit)
            {
                PlanFigures figures = isPrefill
                    ? new PrefillPlan(table, rates, memory).At(sequences)
                    : new DecodePlan(table, rates, memory).At(sequences);
                double requests = figures.TokensPerSecond / (isPrefill ? job.Lengths.Input : job.Lengths.Output);
                double latency = isPrefill ? figures.FirstTokenSeconds : figures.PerTokenSeconds;
                least = job.Limits.Accept(figures) && requests >= rate ? Math.Min(least, latency) : least;
            }
        }

        return least;
    }
}

using FastSim.Kernels.Clocks;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Plans;
using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FastSim.Search.Sweeps;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>Intervals of a sweep's plans (docs/surrogate.md, "Intervals of a plan"): what a run of the same plan says at the ends of the learned times' intervals.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)])]
public sealed class IntervalLaws
{
    /// <summary>Room for rounding.</summary>
    private const double Rounding = 1e-12;

    /// <summary>Without an engine the ends are those runs: no time falls where a learned time rises.</summary>
    [Law(MaxTest = 60)]
    public bool The_ends_are_what_runs_say_there(Job job, int choice) => Holds(RandomSurrogates.Learned(job, choice), areEnds: true);

    /// <summary>Of an engine's launches some take differences of learned times: the interval holds both runs and the plan.</summary>
    [Law(MaxTest = 30)]
    public Property An_engines_plan_and_both_runs_lie_within(int choice) => Prop.ForAll(
        RandomServing.Jobs(), job => Holds(RandomSurrogates.Learned(job, choice) with { Timing = [ClockKind.Learned] }, areEnds: false));

    /// <summary>A model of efficiencies has no intervals, nor has a clock that asks another first.</summary>
    [Law(MaxTest = 30)]
    public Property Other_clocks_have_none(int choice) => Prop.ForAll(
        RandomServing.Jobs(), job => !PlanInterval.AreStated(RandomSurrogates.Learned(job, choice) with { Timing = [ClockKind.Fitted, ClockKind.Learned] })
            && PlanInterval.Ends(job with { PrefillChip = job.PrefillChip with { Efficiency = null }, DecodeChip = job.DecodeChip with { Efficiency = null } }).Count == 0);

    private static bool Holds(Job job, bool areEnds)
    {
        VariantResult result = Solve(job);
        if (!result.HasPlan)
        {
            return true;
        }

        FrontPoint point = new(Plan(result.Prefill), Plan(result.Decode), default);
        JobResult[] runs = [.. PlanInterval.Ends(job).Select(end => JobSolver.Solve(PinnedJob.Of(end, point) with { Limits = new LatencyLimits(null, null) }, EngineSettings.Default))];
        Assert.Equal(2, runs.Length);
        Check(result.Prefill, [.. runs.Select(run => job.Mode == ServingMode.Fusion ? null : run.Prefill)], areEnds);
        Check(result.Decode, [.. runs.Select(run => run.Decode)], areEnds);
        return true;
    }

    private static void Check(in VariantPlan plan, PhaseWinner?[] runs, bool areEnds)
    {
        if (!plan.IsFound)
        {
            return;
        }

        Assert.NotNull(plan.Interval);
        (PlanFigures fastest, PlanFigures slowest) = plan.Interval.Value;
        Assert.True(slowest.TokensPerSecond <= plan.Figures.TokensPerSecond && plan.Figures.TokensPerSecond <= fastest.TokensPerSecond);
        Assert.True(fastest.LatencySeconds <= plan.Figures.LatencySeconds && plan.Figures.LatencySeconds <= slowest.LatencySeconds);
        foreach (PhaseWinner? run in runs)
        {
            Assert.InRange(run!.TokensPerSecond, slowest.TokensPerSecond * (1 - Rounding), fastest.TokensPerSecond * (1 + Rounding));
            Assert.InRange(run.LatencySeconds, fastest.LatencySeconds * (1 - Rounding), slowest.LatencySeconds * (1 + Rounding));
        }

        if (areEnds)
        {
            Assert.Equal(1, runs[0]!.TokensPerSecond / fastest.TokensPerSecond, Rounding);
            Assert.Equal(1, runs[1]!.TokensPerSecond / slowest.TokensPerSecond, Rounding);
            Assert.Equal(1, runs[0]!.LatencySeconds / fastest.LatencySeconds, Rounding);
            Assert.Equal(1, runs[1]!.LatencySeconds / slowest.LatencySeconds, Rounding);
        }
    }

    private static VariantResult Solve(Job job)
    {
        SweepJob sweep = new(job);
        ChipRows prefill = new(sweep.PrefillNumbers.Values.Length);
        ChipRows decode = new(sweep.DecodeNumbers.Values.Length);
        prefill.Add(sweep.PrefillNumbers.Values);
        decode.Add(sweep.DecodeNumbers.Values);
        VariantResult[] found = new VariantResult[1];
        new JobSweep(sweep, LaneWidths.Best).Solve(prefill, decode, [new ChipPlaces(0, 0)], found);
        return found[0];
    }

    private static FrontPlan? Plan(in VariantPlan plan) => plan.IsFound ? new FrontPlan(plan.Layout, plan.MicroBatches, plan.Sequences, default) : null;
}

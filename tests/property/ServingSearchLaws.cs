using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FastSim.Search.Plans;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>Of jobs that a serving engine runs every search finds the same plan, that of a brute force over all plans and batches.</summary>
[Laws(Arbitrary = [typeof(RandomServing)])]
public sealed class ServingSearchLaws
{
    [Law(MaxTest = 400)]
    public bool Bound_is_exhaustive_is_scalar(Job job) => SearchAgreement.OfEngines(job);

    [Law(MaxTest = 100)]
    public Property Under_tables_they_agree_too() => Prop.ForAll(Arb.From(RandomServing.JobsWithTables), SearchAgreement.OfEngines);

    [Law(MaxTest = 150)]
    public bool Stated_batches_and_layouts_are_searched_alike(Job job, PositiveInt size, PositiveInt count, bool isPinned)
    {
        BatchTriple[] batches = [new((size.Get % 40) + 1, 1, (size.Get % 40) + 1), new((count.Get % 3 + 1) * 2, count.Get % 3 + 1, 2)];
        AttentionTriple[]? layouts = isPinned ? [new(job.Cards, 1, 1), new(1, 1, job.Cards), new(1, job.Cards, 1)] : null;
        return SearchAgreement.OfEngines(job with { Mode = ServingMode.Fusion, Decode = new PlanRestriction(layouts, null, batches) });
    }

    [Law(MaxTest = 60)]
    public bool Threads_change_nothing(Job job)
    {
        JobResult one = JobSolver.Solve(job, EngineSettings.Default with { Threads = 1 });
        JobResult many = JobSolver.Solve(job, EngineSettings.Default with { Threads = 3 });
        return Key(one.Prefill) == Key(many.Prefill) && Key(one.Decode) == Key(many.Decode);
    }

    /// <summary>Every layout, every batch by counting up: nothing yields more than what is found, which keeps its limits and its memory.</summary>
    [Law(MaxTest = 150)]
    public bool What_is_found_is_the_best_of_every_plan_and_batch(Job job)
    {
        Job fusion = job with { Mode = ServingMode.Fusion, Cards = Math.Min(job.Cards, 6) };
        double found = JobSolver.Solve(fusion, EngineSettings.Default).Decode?.TokensPerSecond ?? 0;
        double best = 0;
        foreach (ParallelLayout layout in new PlanSpace(fusion.Model, fusion.Cards, PlanRestriction.None, ExpertPlacement.Of(fusion, Phase.Decode)).Divisible())
        {
            ServingPlan plan = RandomServing.Plan(fusion, ServingRole.Both, layout);
            if (!plan.IsReachable)
            {
                continue;
            }

            int unit = fusion.Model.Experts is null ? 1 : layout.TensorParallel;
            int tried = 0;
            for (double sequences = 1; tried < 400 && plan.MemoryBytes(sequences) <= plan.CapacityBytes; sequences += sequences < unit ? 1 : unit)
            {
                PlanFigures figures = plan.At(sequences);
                best = fusion.Limits.Accept(figures) ? Math.Max(best, figures.TokensPerSecond) : best;
                tried++;
            }
        }

        Assert.True(found >= best * (1 - 1e-12), $"found {found}, of all {best}");
        return true;
    }

    private static (ParallelLayout? Layout, double? Sequences, double? Throughput, double? Latency, double? Memory) Key(PhaseWinner? winner) =>
        (winner?.Layout, winner?.Sequences, winner?.TokensPerSecond, winner?.LatencySeconds, winner?.Memory.TotalBytes(winner.Sequences));
}

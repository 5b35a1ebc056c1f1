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

/// <summary>Few clients with short answers to long prompts: where what is a client's own of the prompts, and a limit near a lone client's time, say the most.</summary>
[Laws(Arbitrary = [typeof(FewClientLaws)])]
public sealed class FewClientLaws
{
    private const double Rounding = 1e-12;

    /// <summary>Jobs under an engine whose answers are short, with waves and bursts of prompts, prefixes that are kept, and room.</summary>
    public static Arbitrary<Job> Jobs() => Arb.From(
        from job in Gen.OneOf(RandomServing.Jobs().Generator, RandomServing.Jobs().Generator, RandomServing.JobsWithTables)
        from output in Gen.Elements(1, 1, 2, 2, 3, 5, 8, 20, 60)
        from input in Gen.Elements(8, 40, 96, 500, 3000)
        from cached in Gen.Elements(0, 0, 0, 7, 30)
        from cards in Gen.Elements(1, 2, 2, 3, 4)
        from room in Gen.Elements(1d, 1, 10, 100)
        from opening in Gen.Elements(0, 0.1, 0.5, 1)
        from spread in Gen.Elements(0, 0.03, 0.2, 1)
        let memory = job.DecodeChip.Memory with { CapacityGibibytes = job.DecodeChip.Memory.CapacityGibibytes * room }
        select job with
        {
            Mode = ServingMode.Fusion,
            Lengths = new SequenceLengths(input, output),
            Model = job.Model with { CachedTokens = Math.Min(cached, input - 1) },
            Cards = cards,
            Arrivals = new ArrivalPattern(opening, spread),
            DecodeChip = job.DecodeChip with { Memory = memory },
            PrefillChip = job.DecodeChip with { Memory = memory },
        });

    /// <summary>Clients are throughput times <c>TTFT + out·TPOT</c>, whole ones or parts, and with more of them neither time falls, nor does throughput.</summary>
    [Law(MaxTest = 1000)]
    public bool Clients_are_throughput_times_their_time(Job job, int choice)
    {
        if (RandomPlans.Layout(job, choice) is not { } layout || RandomServing.Plan(job, ServingRole.Both, layout) is not { IsReachable: true } plan)
        {
            return true;
        }

        double output = job.Lengths.Output;
        ServingLoop loop = new(RandomServing.Step(plan));
        LoopFigures last = default;
        foreach (double clients in (double[])[0.25, 0.5, 0.9, 1, 1.01, 1.3, 1.5, 1.9, 2, 2.1, 2.5, 3, 3.3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 31, 32, 33, 100, 1000])
        {
            LoopFigures figures = loop.At(clients, double.PositiveInfinity);
            double cycle = figures.FirstTokenMicroseconds + (output * figures.PerTokenMicroseconds);
            Assert.Equal(clients, figures.TokensPerMicrosecond / output * cycle, clients * 1e-9);
            Assert.Equal(figures.Decoding, figures.TokensPerMicrosecond * figures.PerTokenMicroseconds, clients * 1e-9);
            Assert.True(figures.FirstTokenMicroseconds >= last.FirstTokenMicroseconds * (1 - Rounding), $"{clients} clients: {figures} after {last}");
            Assert.True(figures.PerTokenMicroseconds >= last.PerTokenMicroseconds * (1 - Rounding), $"{clients} clients: {figures} after {last}");
            Assert.True(figures.TokensPerMicrosecond >= last.TokensPerMicrosecond * (1 - Rounding), $"{clients} clients: {figures} after {last}");

            // More are there than fit.
            LoopFigures waiting = loop.At(clients + 3, clients);
            Assert.Equal(clients + 3, waiting.TokensPerMicrosecond / output * (waiting.FirstTokenMicroseconds + (output * waiting.PerTokenMicroseconds)), (clients + 3) * 1e-9);
            last = figures;
        }

        return true;
    }

    /// <summary>Under limits that a plan of few sequences just meets, or just misses, every engine finds no less than the best of all plans' few batches.</summary>
    [Law(MaxTest = 300)]
    public bool The_best_plan_at_the_edge_of_a_limit_is_found(Job job, int pick, int at)
    {
        List<(ServingPlan Plan, int Unit)> plans = [];
        foreach (ParallelLayout layout in new PlanSpace(job.Model, job.Cards, PlanRestriction.None, ExpertPlacement.Of(job, Phase.Decode)).Divisible())
        {
            if (RandomServing.Plan(job, ServingRole.Both, layout) is { IsReachable: true } plan)
            {
                plans.Add((plan, job.Model.Experts is null ? 1 : layout.TensorParallel));
            }
        }

        if (plans.Count == 0)
        {
            return true;
        }

        uint edge = (uint)at;
        PlanFigures met = plans[(int)((uint)pick % plans.Count)].Plan.At((edge % 5) + 1);
        double share = (edge % 3) switch { 0 => 1 - 1e-9, 1 => 1, _ => 1 + Rounding };
        LatencyLimits limits = new(
            edge % 2 == 0 ? null : met.FirstTokenSeconds * 1000 * share,
            edge % 4 == 1 ? null : met.PerTokenSeconds * 1000 * share);
        double best = plans.Max(plan => Best(plan.Plan, plan.Unit, limits));
        foreach (EngineKind kind in Enum.GetValues<EngineKind>())
        {
            double found = JobSolver.Solve(job with { Limits = limits }, EngineSettings.Default with { Kind = kind, Threads = 1 }).Decode?.TokensPerSecond ?? 0;
            Assert.True(found >= best * (1 - Rounding), $"{kind} found {found}, of all {best} within {limits}");
        }

        return true;
    }

    /// <summary>Tokens a second of a plan's best of few batches.</summary>
    private static double Best(ServingPlan plan, int unit, LatencyLimits limits)
    {
        const int Few = 60;
        double best = 0;
        double sequences = 1;
        for (int tried = 0; tried < Few && plan.MemoryBytes(sequences) <= plan.CapacityBytes; tried++)
        {
            PlanFigures figures = plan.At(sequences);
            best = limits.Accept(figures) ? Math.Max(best, figures.TokensPerSecond) : best;
            sequences += sequences < unit ? 1 : unit;
        }

        return best;
    }
}

using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FastSim.Search.Plans;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>
/// Under a limit of energy every engine finds the same plan, and it is the best of all pairs of plans and batches, counted up. Work a token never rises with the
/// batch, which the search relies on.
/// </summary>
public sealed class EnergyLimitLaws
{
    private const int MostCards = 4;

    [Law(MaxTest = 60)]
    public Property Bound_is_exhaustive_is_scalar(int seed) => Prop.ForAll(Drawn(), drawn => Agree(Limited(drawn, seed)));

    [Law(MaxTest = 25)]
    public Property With_a_limit_of_cost_too(int seed) => Prop.ForAll(Drawn(), drawn =>
    {
        Job job = Limited(drawn, seed);
        JobResult most = JobSolver.Solve(job with { EnergyLimit = null }, EngineSettings.Default);
        double dollars = most.HasPlan ? DeploymentEconomics.Of(most).DollarsPerMillionTokens : 1;
        return Agree(job with { CostLimit = dollars * (seed % 2 == 0 ? 1.3 : 0.9) });
    });

    /// <summary>Limits are below, around and above what the plan of most throughput takes, and never to the digit; one that it meets changes nothing.</summary>
    [Law(MaxTest = 25)]
    public Property What_is_met_changes_nothing(int seed) => Prop.ForAll(Drawn(), drawn =>
    {
        Job job = Limited(drawn, seed);
        JobResult most = JobSolver.Solve(job with { EnergyLimit = null }, EngineSettings.Default);
        if (!most.HasPlan)
        {
            return true;
        }

        JobResult held = JobSolver.Solve(job with { EnergyLimit = DeploymentEconomics.Of(most).JoulesPerToken }, EngineSettings.Default);
        Assert.Equal(Key(most), Key(held));
        return true;
    });

    /// <summary>A split's best is that of the splits by themselves, and no pinned plan within the limit serves more: found by halving the limit of requests.</summary>
    [Law(MaxTest = 25)]
    public Property The_best_is_the_best_of_every_split_by_itself(int seed) => Prop.ForAll(Drawn(), drawn =>
    {
        Job job = Limited(drawn, seed);
        JobResult found = JobSolver.Solve(job, EngineSettings.Default);
        JobResult[] apart = [.. Apart(job).Select(each => JobSolver.Solve(each, EngineSettings.Default with { Kind = EngineKind.Scalar }))];
        JobResult[] within = [.. apart.Where(each => each.HasPlan)];
        Assert.Equal(within.Length > 0, found.HasPlan);
        if (within.Length == 0)
        {
            double[] nearest = [.. apart.Select(each => each.NearestJoules).OfType<double>()];
            return nearest.Length == 0 ? found.NearestJoules is null : found.NearestJoules <= nearest.Min();
        }

        Assert.Null(found.NearestJoules);
        Assert.Equal(within.Max(Requests), Requests(found));
        return Cards(found) <= within.Where(each => Requests(each) == Requests(found)).Min(Cards);
    });

    /// <summary>Every layout, copies of experts included, every batch by counting up, every pair of them on every split: none within the limit serves more.</summary>
    [Law(MaxTest = 30)]
    public Property No_pair_of_batches_serves_more(int seed) => Prop.ForAll(Drawn(), drawn =>
    {
        Job job = Countable(Limited(drawn with { Cards = Math.Min(drawn.Cards, 3) }, seed));
        JobResult found = JobSolver.Solve(job, EngineSettings.Default);
        double most = Counted(job, out double least);
        if (most == 0)
        {
            Assert.False(found.HasPlan);
            return found.NearestJoules is not { } nearest || Math.Abs((nearest / least) - 1) < 1e-12;
        }

        return found.HasPlan && Math.Abs((Requests(found) / most) - 1) < 1e-12;
    });

    /// <summary>The least of every pair of batches on every split; and what a limit at it leaves.</summary>
    [Law(MaxTest = 30)]
    public Property No_pair_of_batches_takes_less(int seed) => Prop.ForAll(Drawn(), drawn =>
    {
        Job job = Countable(Limited(drawn with { Cards = Math.Min(drawn.Cards, 3) }, seed)) with { EnergyLimit = null, Objective = PlanObjective.Energy };
        JobResult found = JobSolver.Solve(job, EngineSettings.Default);
        _ = Counted(job, out double least);
        if (double.IsInfinity(least))
        {
            return !found.HasPlan;
        }

        double joules = DeploymentEconomics.Of(found).JoulesPerToken;
        Assert.InRange(joules, least * (1 - 1e-12), least * (1 + 1e-11));
        JobResult held = JobSolver.Solve(job with { EnergyLimit = least * (1 + 1e-9), Objective = PlanObjective.Throughput }, EngineSettings.Default);
        return Requests(held) >= Requests(found);
    });

    /// <summary>The least energy is the same plan whatever searches, a study's too, and no more than that of the most throughput.</summary>
    [Law(MaxTest = 60)]
    public Property The_least_energy_is_one_plan(int seed) => Prop.ForAll(Drawn(), drawn =>
    {
        Job job = Limited(drawn, seed) with { EnergyLimit = null, Objective = PlanObjective.Energy };
        if (!Agree(job))
        {
            return false;
        }

        JobResult found = JobSolver.Solve(job, EngineSettings.Default);
        if (!found.HasPlan)
        {
            return true;
        }

        double joules = DeploymentEconomics.Of(found).JoulesPerToken;
        JobStudy study = JobStudy.Of(job, 5, EngineSettings.Default);
        FrontPoint best = study.BestOf(PlanObjective.Energy)!;
        Assert.Equal((found.Decode?.Layout, found.Decode?.Sequences), (best.Decode?.Layout, best.Decode?.Sequences));
        if (job.Mode == ServingMode.Split)
        {
            Assert.Equal((found.Prefill?.Layout, found.Prefill?.Sequences), (best.Prefill?.Layout, best.Prefill?.Sequences));
        }

        Assert.InRange(best.JoulesPerToken, joules * (1 - 1e-12), joules * (1 + 1e-12));
        Assert.All(study.Front.Concat(study.Ranking), point => Assert.True(point.JoulesPerToken >= joules * (1 - 1e-11)));
        return joules <= DeploymentEconomics.Of(JobSolver.Solve(job with { Objective = PlanObjective.Throughput }, EngineSettings.Default)).JoulesPerToken * (1 + 1e-11);
    });

    [Law(MaxTest = 150)]
    public Property Work_a_token_never_rises_with_the_batch(int seed, int choice) => Prop.ForAll(Drawn(), drawn =>
    {
        Job job = Limited(drawn, seed);
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        return job.Engine is null
            ? (RandomPlans.Fusion(job, layout) is not { IsReachable: true } plan || Falls(plan, layout, seed))
            : Enum.GetValues<ServingRole>().All(role => RandomServing.Plan(job, role, layout) is not { IsReachable: true } served || Falls(served, layout, seed));
    });

    /// <summary>The job, on chips of so little memory that counting up through every pair of batches ends soon.</summary>
    private static Job Countable(Job job)
    {
        const int MostBatches = 1500;
        while (Counts(job) is var (prefill, decode) && prefill + decode > MostBatches)
        {
            job = job with { PrefillChip = Smaller(job.PrefillChip), DecodeChip = Smaller(job.DecodeChip) };
        }

        return job;

        static Chip Smaller(Chip chip) => chip with { Memory = chip.Memory with { CapacityGibibytes = chip.Memory.CapacityGibibytes * 0.8 } };

        static (long Prefill, long Decode) Counts(Job job) => (
            job.Mode == ServingMode.Fusion ? 0 : Pools(job, ServingRole.Prefill, isCounted: true).Sum(each => each.Count),
            Pools(job, job.Mode == ServingMode.Fusion ? ServingRole.Both : ServingRole.Decode, isCounted: true).Sum(each => each.Count));
    }

    /// <summary>The most requests/s of any deployment within the limit, and the least joules a token of any.</summary>
    private static double Counted(Job job, out double least)
    {
        double most = 0;
        double fewest = double.PositiveInfinity;
        if (job.Mode == ServingMode.Fusion)
        {
            foreach (CardPool pool in Pools(job, ServingRole.Both, isCounted: false).Where(each => each.Cards == job.Cards).SelectMany(each => each.Batches))
            {
                Take(null, pool);
            }

            least = fewest;
            return most;
        }

        ILookup<int, CardPool> prefill = Pools(job, ServingRole.Prefill, isCounted: false).SelectMany(each => each.Batches).ToLookup(pool => pool.Cards);
        ILookup<int, CardPool> decode = Pools(job, ServingRole.Decode, isCounted: false).SelectMany(each => each.Batches).ToLookup(pool => pool.Cards);
        IEnumerable<(int Prefill, int Decode)> splits = job.Splits is { } given
            ? given.Select(split => (split.PrefillCards, split.DecodeCards))
            : from first in Enumerable.Range(1, job.Cards - 1)
              from second in Enumerable.Range(1, job.Cards - first)
              select (first, second);
        foreach ((int first, int second) in splits)
        {
            foreach (CardPool? one in first == 0 ? [null] : prefill[first].Select(pool => (CardPool?)pool))
            {
                foreach (CardPool? other in second == 0 ? [null] : decode[second].Select(pool => (CardPool?)pool))
                {
                    Take(one, other);
                }
            }
        }

        least = fewest;
        return most;

        void Take(CardPool? one, CardPool? other)
        {
            double joules = DeploymentEconomics.Of(job, one, other).JoulesPerToken;
            fewest = Math.Min(fewest, joules);
            if (joules <= job.EnergyLimit)
            {
                most = Math.Max(most, Math.Min(
                    one is { } prefills ? prefills.TokensPerSecond / job.Lengths.Input : double.PositiveInfinity,
                    other is { } decodes ? decodes.TokensPerSecond / job.Lengths.Output : double.PositiveInfinity));
            }
        }
    }

    /// <summary>Cards of every layout on up to all cards, at every batch within the limits of latency; or only how many batches fit.</summary>
    private static IEnumerable<(int Cards, long Count, IEnumerable<CardPool> Batches)> Pools(Job job, ServingRole role, bool isCounted)
    {
        Phase phase = role == ServingRole.Prefill ? Phase.Prefill : Phase.Decode;
        PlanRestriction restriction = role == ServingRole.Prefill ? job.Prefill : job.Decode;
        return
            from cards in Enumerable.Range(1, job.Cards)
            from layout in PlanSpace.Of(job, phase, cards, restriction).Divisible()
            select (job.Engine, role) switch
            {
                ({ }, _) => Pool(job, role, layout, RandomServing.Plan(job, role, layout), isCounted),
                (_, ServingRole.Prefill) => Pool(job, role, layout, RandomPlans.Prefill(job with { DecodeChip = job.PrefillChip }, layout), isCounted),
                (_, ServingRole.Decode) => Pool(job, role, layout, RandomPlans.Decode(job, layout), isCounted),
                _ => Pool(job, role, layout, RandomPlans.Fusion(job, layout), isCounted),
            };
    }

    private static (int Cards, long Count, IEnumerable<CardPool> Batches) Pool<TPlan>(Job job, ServingRole role, ParallelLayout layout, TPlan plan, bool isCounted)
        where TPlan : struct, IBatchPlan
    {
        BatchSteps steps = role == ServingRole.Prefill || job.Model.Experts is null ? 1
            : job.Engine is not null || job.Accounting == Accounting.Physical ? BatchSteps.WithFractions(layout.RankCards)
            : layout.RankCards;
        long largest = plan.IsReachable ? plan.LargestBatch(steps) : 0;
        return (layout.Cards, largest, isCounted ? [] : Batches());

        IEnumerable<CardPool> Batches()
        {
            for (long units = 1; units <= largest; units++)
            {
                PlanFigures figures = plan.At(steps.At(units));
                if (job.Limits.Accept(figures))
                {
                    yield return new CardPool(layout.Cards, figures.TokensPerSecond, plan.Draw(steps.At(units)));
                }
            }
        }
    }

    private static bool Falls<TPlan>(TPlan plan, ParallelLayout layout, int seed)
        where TPlan : struct, IBatchPlan
    {
        System.Random random = new(seed);
        double batch = 1;
        double work = double.PositiveInfinity;
        for (int step = 0; step < 12; step++)
        {
            double next = layout.Cards * plan.Draw(batch).WorkWatts / plan.At(batch).TokensPerSecond;
            Assert.True(next <= work * (1 + 1e-12), $"{layout}: {work:R} J at a smaller batch than {batch}, {next:R} J there");
            work = next;
            batch += random.Next(1, 1 + (int)Math.Min(1000, 2 * batch));
        }

        return true;
    }

    private static bool Agree(Job job)
    {
        JobResult bound = JobSolver.Solve(job, EngineSettings.Default);
        foreach (EngineKind kind in new[] { EngineKind.Exhaustive, EngineKind.Scalar })
        {
            JobResult other = JobSolver.Solve(job, EngineSettings.Default with { Kind = kind });
            Assert.Equal(bound.HasPlan, other.HasPlan);
            Assert.Equal(bound.NearestJoules, other.NearestJoules);
            Assert.Equal(Key(bound), Key(other));
        }

        return !bound.HasPlan || job.EnergyLimit is null || DeploymentEconomics.Of(bound).JoulesPerToken <= job.EnergyLimit;
    }

    private static Arbitrary<Job> Drawn() => Arb.From(Gen.OneOf(RandomJobs.Jobs().Generator, RandomJobs.JobsWithTables, RandomServing.Jobs().Generator));

    private static Job Limited(Job drawn, int seed)
    {
        System.Random random = new(seed);
        Chip decode = Stated(drawn.DecodeChip, random);
        Job job = drawn with
        {
            Cards = Math.Min(drawn.Cards, MostCards),
            DecodeChip = decode,
            PrefillChip = drawn.Mode == ServingMode.Fusion ? decode : Stated(drawn.PrefillChip, random),
            SplitAim = SplitAim.Throughput,
            Objective = PlanObjective.Throughput,
        };
        JobResult most = JobSolver.Solve(job, EngineSettings.Default);
        double joules = most.HasPlan ? DeploymentEconomics.Of(most).JoulesPerToken : 1;
        double[] factors = [0.3, 0.7, 0.9, 0.99, 0.999, 1.01];
        return job with { EnergyLimit = joules * factors[random.Next(factors.Length)] };
    }

    /// <summary>Units, memory and links that each draw some watts at their peaks, beside few or many watts of a card that does nothing.</summary>
    private static Chip Stated(Chip chip, System.Random random)
    {
        double Watts() => 0.2 + (400 * random.NextDouble());
        Dictionary<string, double> Of(IReadOnlyDictionary<string, ComputeUnit> units) =>
            units.ToDictionary(unit => unit.Key, unit => Watts() / (unit.Value.Teraflops * 1e12));
        return chip with
        {
            Economics = new ChipEconomics
            {
                DollarsPerHour = 2,
                BoardWatts = 1000,
                IdleWatts = random.Next(3) * 40,
                MatrixJoulesPerFlop = Of(chip.Matrix),
                VectorJoulesPerFlop = Of(chip.Vector),
                MemoryJoulesPerByte = Watts() / (chip.Memory.GigabytesPerSecond * 1e9),
                LinkJoulesPerByte = [.. chip.Networks.Select(tier => (double?)(Watts() / (tier.GigabytesPerSecond * 1e9)))],
            },
        };
    }

    private static IEnumerable<Job> Apart(Job job) => job.Mode == ServingMode.Fusion ? [job]
        : job.Splits is { } given ? given.Select(split => job with { Splits = [split] })
        : from prefill in Enumerable.Range(1, job.Cards - 1)
          from decode in Enumerable.Range(1, job.Cards - prefill)
          select job with { Splits = [new CardSplit(prefill, decode)] };

    private static (ParallelLayout? Prefill, double? OfPrefill, ParallelLayout? Decode, double? OfDecode) Key(JobResult result) =>
        (result.Prefill?.Layout, result.Prefill?.Sequences, result.Decode?.Layout, result.Decode?.Sequences);

    private static double Requests(JobResult result) => result switch
    {
        { Job.Mode: ServingMode.Split, Prefill: { } prefill, Decode: { } decode } => Math.Min(prefill.RequestsPerSecond, decode.RequestsPerSecond),
        { Decode: { } decode } => decode.RequestsPerSecond,
        _ => result.Prefill!.RequestsPerSecond,
    };

    private static int Cards(JobResult result) => result.Job.Mode == ServingMode.Fusion
        ? result.Decode!.Layout.Cards
        : (result.Prefill?.Layout.Cards ?? 0) + (result.Decode?.Layout.Cards ?? 0);
}

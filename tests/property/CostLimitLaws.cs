using FastSim.Kernels.Chips;
using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>
/// Under a limit of cost every engine finds the same plan, the best of those that a search of each number of cards by itself finds and that cost no more;
/// a front is what is left of those searches' fronts.
/// </summary>
public sealed class CostLimitLaws
{
    private const int MostCards = 6;

    [Law(MaxTest = 60)]
    public Property Bound_is_exhaustive_is_scalar(int seed) => Prop.ForAll(Drawn(), drawn =>
    {
        Job job = Limited(drawn, seed);
        JobResult bound = JobSolver.Solve(job, EngineSettings.Default);
        foreach (EngineKind kind in new[] { EngineKind.Exhaustive, EngineKind.Scalar })
        {
            JobResult other = JobSolver.Solve(job, EngineSettings.Default with { Kind = kind });
            Assert.Equal(bound.HasPlan, other.HasPlan);
            Assert.Equal(bound.NearestCost, other.NearestCost);
            Assert.Equal((bound.Prefill?.Layout, bound.Prefill?.Sequences), (other.Prefill?.Layout, other.Prefill?.Sequences));
            Assert.Equal((bound.Decode?.Layout, bound.Decode?.Sequences), (other.Decode?.Layout, other.Decode?.Sequences));
        }

        return !bound.HasPlan || DeploymentEconomics.Of(bound).DollarsPerMillionTokens <= job.CostLimit;
    });

    /// <summary>Each number of cards of either phase as a job of its own, without a limit: the best of those within it.</summary>
    [Law(MaxTest = 40)]
    public Property The_best_is_the_best_of_every_split_by_itself(int seed) => Prop.ForAll(Drawn(), drawn =>
    {
        Job job = Limited(drawn, seed);
        JobResult found = JobSolver.Solve(job, EngineSettings.Default);
        JobResult[] within = [.. Apart(job).Select(each => JobSolver.Solve(each, EngineSettings.Default)).Where(each => each.HasPlan)];
        double least = within.Select(each => DeploymentEconomics.Of(each).DollarsPerMillionTokens).DefaultIfEmpty(double.PositiveInfinity).Min();
        within = [.. within.Where(each => DeploymentEconomics.Of(each).DollarsPerMillionTokens <= job.CostLimit)];
        if (within.Length == 0)
        {
            Assert.False(found.HasPlan);
            return double.IsPositiveInfinity(least) ? found.NearestCost is null : found.NearestCost == least;
        }

        Assert.Null(found.NearestCost);
        Assert.Equal(within.Max(Requests), Requests(found));
        return Cards(found) == within.Where(each => Requests(each) == Requests(found)).Min(Cards);
    });

    /// <summary>
    /// The fronts of every number of cards by itself, what costs too much left out, and then whatever nothing beats. Where tables make time fall and rise a
    /// split's best batch may lie between those of fronts: such chips are not drawn.
    /// </summary>
    [Law(MaxTest = 25)]
    public Property A_front_is_what_is_left_of_every_split_s(int seed) => Prop.ForAll(Arb.From(Gen.OneOf(RandomJobs.Jobs().Generator, RandomServing.Jobs().Generator)), drawn =>
    {
        Job job = Limited(drawn with { Cards = Math.Min(drawn.Cards, 4) }, seed);
        Merit[] all =
        [
            .. Apart(job).SelectMany(each => JobStudy.Of(each, 0, EngineSettings.Default).Front)
                .Where(point => ObjectiveCost.DollarsPerMillionTokens(job, point) <= job.CostLimit).Select(point => point.Merit).Distinct(),
        ];
        JobStudy study = JobStudy.Of(job, 5, EngineSettings.Default);
        Assert.Equal(
            all.Where(merit => !Array.Exists(all, other => other != merit && other.Covers(merit)))
                .OrderByDescending(merit => merit.TokensPerSecond).ThenBy(merit => merit.FirstTokenSeconds).ThenBy(merit => merit.PerTokenSeconds),
            study.Front.Select(point => point.Merit));
        Assert.All(study.Ranking, point => Assert.True(ObjectiveCost.DollarsPerMillionTokens(job, point) <= job.CostLimit));
        return study.Result.HasPlan == (study.Front.Count > 0);
    });

    private static Arbitrary<Job> Drawn() => Arb.From(Gen.OneOf(RandomJobs.Jobs().Generator, RandomJobs.JobsWithTables, RandomServing.Jobs().Generator));

    /// <summary>A job on chips of some prices, limited to around what its plan of most throughput costs, and never to the digit.</summary>
    private static Job Limited(Job drawn, int seed)
    {
        System.Random random = new(seed);
        Job job = drawn with
        {
            Cards = Math.Min(drawn.Cards, MostCards),
            PrefillChip = Priced(drawn.PrefillChip, 1 + random.Next(4)),
            DecodeChip = Priced(drawn.DecodeChip, 1 + random.Next(4)),
            SplitAim = SplitAim.Throughput,
        };
        job = job.Mode == ServingMode.Fusion ? job with { PrefillChip = job.DecodeChip } : job;
        JobResult most = JobSolver.Solve(job, EngineSettings.Default);
        double dollars = most.HasPlan ? DeploymentEconomics.Of(most).DollarsPerMillionTokens : 1;
        double[] factors = [0.1, 0.7, 0.9, 0.99, 1.01, 2];
        return job with { CostLimit = dollars * factors[random.Next(factors.Length)] };
    }

    private static Chip Priced(Chip chip, double price) => chip with { Economics = (chip.Economics ?? new ChipEconomics()) with { DollarsPerHour = price } };

    private static IEnumerable<Job> Apart(Job job)
    {
        Job free = job with { CostLimit = null };
        return job.Mode == ServingMode.Fusion ? [free]
            : job.Splits is { } given ? given.Select(split => free with { Splits = [split] })
            : from prefill in Enumerable.Range(1, job.Cards - 1)
              from decode in Enumerable.Range(1, job.Cards - prefill)
              select free with { Splits = [new CardSplit(prefill, decode)] };
    }

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

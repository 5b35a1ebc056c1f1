using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>What <c>plan</c> calls the best of a split is what <c>run</c> answers, however many deployments are ranked beside it.</summary>
public sealed class RankingLaws
{
    private const int MostCards = 8;

    [Law(MaxTest = 60)]
    public Property The_first_is_the_plan_of_the_search() => Prop.ForAll(Arb.From(Splits), job =>
    {
        JobResult result = JobSolver.Solve(job, EngineSettings.Default);
        FrontPoint[] ten = [.. JobStudy.Of(job, 10, EngineSettings.Default).Ranking];
        FrontPoint[] one = [.. JobStudy.Of(job, 1, EngineSettings.Default).Ranking];
        FrontPoint[] three = [.. JobStudy.Of(job, 3, EngineSettings.Default).Ranking];
        Assert.Equal(ten.Take(3), three);
        Assert.Equal(ten.Take(1), one);
        return Same(result, ten.FirstOrDefault());
    });

    [Law(MaxTest = 30)]
    public Property So_is_the_best_under_other_objectives() => Prop.ForAll(
        Arb.From(Splits),
        Arb.From(Gen.Elements(PlanObjective.Latency, PlanObjective.FirstToken, PlanObjective.PerToken)),
        (drawn, objective) =>
        {
            Job job = drawn with { Objective = objective };
            return Same(JobSolver.Solve(job, EngineSettings.Default), JobStudy.Of(job, 3, EngineSettings.Default).BestOf(objective));
        });

    /// <summary>
    /// None serves more than the first, and the phase that holds nothing back has as few cards as keep up, by counting them up. Under tables a front's batches, from which those partners
    /// are taken, need not hold a plan's best.
    /// </summary>
    [Law(MaxTest = 40)]
    public Property Each_has_the_fewest_cards_that_keep_up() => Prop.ForAll(Arb.From(SplitsOf(RandomJobs.Jobs().Generator, RandomServing.Jobs().Generator)), job =>
    {
        if (job.Splits is not null)
        {
            return true;
        }

        FrontPoint[] ranking = [.. JobStudy.Of(job, 10, EngineSettings.Default).Ranking];
        foreach (FrontPoint point in ranking)
        {
            (double prefill, double decode) = (Requests(point.Prefill!.Value, job.Lengths.Input), Requests(point.Decode!.Value, job.Lengths.Output));
            bool isPrefill = prefill > decode;
            int spare = isPrefill ? point.Prefill.Value.Layout.Cards : point.Decode.Value.Layout.Cards;
            for (int cards = 1; cards < spare && prefill != decode; cards++)
            {
                int held = isPrefill ? point.Decode.Value.Layout.Cards : point.Prefill.Value.Layout.Cards;
                Job fewer = job with { Splits = [isPrefill ? new CardSplit(cards, held) : new CardSplit(held, cards)] };
                double most = JobSolver.Solve(fewer, EngineSettings.Default) is { HasPlan: true } found
                    ? (isPrefill ? found.Prefill! : found.Decode!).RequestsPerSecond
                    : 0;
                Assert.True(most < Math.Min(prefill, decode) * (1 + 1e-12), $"{most} on {cards} cards, not {spare}, of {Math.Min(prefill, decode)}");
            }

            Assert.True(point.Merit.TokensPerSecond <= ranking[0].Merit.TokensPerSecond);
        }

        return true;
    });

    private static Gen<Job> Splits { get; } = SplitsOf(RandomJobs.Jobs().Generator, RandomJobs.JobsWithTables, RandomServing.Jobs().Generator);

    private static Gen<Job> SplitsOf(params Gen<Job>[] jobs) =>
        from job in Gen.OneOf(jobs)
        from aim in Gen.Elements(SplitAim.Balanced, SplitAim.Balanced, SplitAim.Throughput)
        select job with { Mode = ServingMode.Split, SplitAim = aim, Cards = Math.Min(job.Cards, MostCards) };

    private static double Requests(FrontPlan plan, int tokens) => plan.Merit.TokensPerSecond / tokens;

    private static bool Same(JobResult result, FrontPoint? point)
    {
        Assert.Equal(result.HasPlan, point is not null);
        Assert.Equal(Of(result.Prefill), Of(point?.Prefill));
        Assert.Equal(Of(result.Decode), Of(point?.Decode));
        return true;
    }

    private static object? Of(PhaseWinner? winner) => winner is { } known ? (known.Layout, known.Shape.MicroBatches, known.Sequences) : null;

    private static object? Of(FrontPlan? plan) => plan is { } known ? (known.Layout, known.MicroBatches, known.Sequences) : null;
}

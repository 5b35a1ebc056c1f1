using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>
/// Where cards that do both may idle, the answer is the best of every number of cards by itself, on the fewest that serve as much, whichever engine searches, in a sweep,
/// too; so is the front.
/// </summary>
public sealed class IdleCardLaws
{
    private static Arbitrary<Job> Drawn() => Arb.From(RandomJobs.Jobs().Generator.Select(job => job with
    {
        Mode = ServingMode.Fusion,
        Splits = null,
        Decode = job.Decode with { Attention = null, Experts = null },
        PrefillChip = job.DecodeChip,
    }));

    [Law(MaxTest = 40)]
    public Property The_best_is_the_best_of_every_number_of_cards() => Prop.ForAll(Drawn(), job =>
    {
        Job idle = Idle(job);
        JobResult found = JobSolver.Solve(idle, EngineSettings.Default);
        JobResult[] alone = [.. idle.FusionCards.Select(cards => JobSolver.Solve(job with { Cards = cards }, EngineSettings.Default)).Where(each => each.HasPlan)];
        Assert.Equal(alone.Length > 0, found.HasPlan);
        if (found.HasPlan)
        {
            double most = alone.Max(each => each.Decode!.TokensPerSecond);
            Assert.Equal(most, found.Decode!.TokensPerSecond);
            Assert.Equal(alone.Where(each => each.Decode!.TokensPerSecond == most).Min(each => each.Decode!.Layout.Cards), found.Decode.Layout.Cards);
        }

        return SearchAgreement.OfEngines(idle) && SearchAgreement.OfSweep(idle, job.Cards, (each, _) => each);
    });

    [Law(MaxTest = 25)]
    public Property The_front_is_what_nothing_beats_of_every_number_of_cards() => Prop.ForAll(Drawn(), job =>
    {
        Job idle = Idle(job);
        IReadOnlyList<FrontPoint> front = JobStudy.Of(idle, 0, EngineSettings.Default).Front;
        Merit[] alone = [.. idle.FusionCards.SelectMany(cards => JobStudy.Of(job with { Cards = cards }, 0, EngineSettings.Default).Front).Select(point => point.Merit)];
        Merit[] best = [.. alone.Where(one => !Array.Exists(alone, other => other != one && other.Covers(one))).Distinct()];
        Assert.Equal(best.OrderBy(merit => merit.TokensPerSecond).ThenBy(merit => merit.PerTokenSeconds), front.Select(point => point.Merit).OrderBy(merit => merit.TokensPerSecond).ThenBy(merit => merit.PerTokenSeconds));
        return true;
    });

    private static Job Idle(Job job) => job with { CardCounts = [.. Enumerable.Range(1, job.Cards)] };
}

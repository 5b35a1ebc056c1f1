using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Cli.Planning;

/// <summary>What a plan says of a chip: the best deployment, the ones after it, the front, and what would help.</summary>
/// <param name="Chip">The chip.</param>
/// <param name="Runtime">The runtime that says the same, as text.</param>
/// <param name="Studies">Each way of deploying, cards that do both and cards split between prefill and decode, and what was found.</param>
/// <param name="Best">The best deployment; null where there is none.</param>
/// <param name="Ranking">The best deployments of different layouts, best first, the best included.</param>
/// <param name="Helps">What ten per cent more and less of each of the chip's resources would do.</param>
internal sealed record PlanAnswer(
    Chip Chip,
    string Runtime,
    IReadOnlyList<JobStudy> Studies,
    PlannedDeployment? Best,
    IReadOnlyList<PlannedDeployment> Ranking,
    IReadOnlyList<ResourceEffect> Helps)
{
    /// <summary>What the searches for all ways of deploying covered.</summary>
    public IEnumerable<SearchTally> Tallies => Studies.SelectMany(TalliesOf);

    /// <summary>What the searches of one way of deploying covered.</summary>
    public static IEnumerable<SearchTally> TalliesOf(JobStudy study) => new[] { study.Result.PrefillTally, study.Result.DecodeTally }.OfType<SearchTally>();

    /// <summary>Answers for a chip.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="runtime">The runtime's text.</param>
    /// <param name="runs">What it was read as: a job a mode.</param>
    /// <param name="ranked">How many deployments to rank.</param>
    /// <param name="settings">The engine.</param>
    public static PlanAnswer Of(Chip chip, string runtime, IReadOnlyList<ModeRun> runs, int ranked, EngineSettings settings)
    {
        Job[] jobs = [.. runs.SelectMany(run => run.Jobs)];
        PlanObjective objective = jobs[0].Objective;
        return Of(chip, runtime, Array.ConvertAll(jobs, job => JobStudy.Of(job, GoesByRanking(objective) ? ranked : 0, settings)), ranked, settings);
    }

    /// <summary>Answers of what was found already.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="runtime">The runtime's text.</param>
    /// <param name="studies">What was found of each way of deploying.</param>
    /// <param name="ranked">How many deployments to rank.</param>
    /// <param name="settings">The engine.</param>
    public static PlanAnswer Of(Chip chip, string runtime, IReadOnlyList<JobStudy> studies, int ranked, EngineSettings settings)
    {
        PlanObjective objective = studies[0].Result.Job.Objective;
        (Job Job, FrontPoint Point)[] bests = Bests(studies);

        // The best is what run answers for the better way of deploying, whatever is ranked beside it.
        (Job Job, FrontPoint Point)[] order =
        [
            .. bests.Take(1),
            .. Sorted(objective, studies.SelectMany(study => Others(study, objective).Select(point => (study.Result.Job, point))).Concat(bests.Skip(1))).Take(Math.Max(1, ranked) - 1),
        ];
        PlannedDeployment[] ranking = [.. order.Select(each => PlannedDeployment.Of(each.Job, each.Point, settings))];
        PlannedDeployment? best = ranking.Length > 0 ? ranking[0] : null;
        return new PlanAnswer(chip, runtime, studies, best, ranking, best is null ? [] : ResourceEffect.Of(best, settings));
    }

    /// <summary>The best of what was found of each way of deploying; null where there is none.</summary>
    /// <param name="studies">The ways.</param>
    public static (Job Job, FrontPoint Point)? BestOf(IReadOnlyList<JobStudy> studies) => Bests(studies) is [var best, ..] ? best : null;

    /// <summary>The best of each way, the best of them first.</summary>
    private static (Job Job, FrontPoint Point)[] Bests(IReadOnlyList<JobStudy> studies)
    {
        PlanObjective objective = studies[0].Result.Job.Objective;
        return Sorted(objective, studies.SelectMany(study => study.BestOf(objective) is { } point ? [(study.Result.Job, point)] : Array.Empty<(Job, FrontPoint)>()));
    }

    private static (Job Job, FrontPoint Point)[] Sorted(PlanObjective objective, IEnumerable<(Job Job, FrontPoint Point)> deployments) =>
        [.. deployments.OrderBy(each => ObjectiveCost.Of(objective, each.Job, each.Point)).ThenByDescending(each => each.Point.Merit.TokensPerSecond)];

    /// <summary>Whether a layout is at its best in an objective where it yields most: of others it is the front that knows each layout's best.</summary>
    private static bool GoesByRanking(PlanObjective objective) => objective is PlanObjective.Throughput or PlanObjective.Cost or PlanObjective.Energy;

    /// <summary>Deployments of other layouts than the best's: ranked ones, or for objectives of latency the front's, each layout's best.</summary>
    private static IEnumerable<FrontPoint> Others(JobStudy study, PlanObjective objective)
    {
        IEnumerable<FrontPoint> points = GoesByRanking(objective)
            ? study.Ranking
            : study.Front.GroupBy(Key).Select(group => ObjectiveCost.Best(objective, study.Result.Job, group)!);
        return objective == PlanObjective.Throughput ? points.Skip(1) : points.Where(point => Key(point) != Key(study.BestOf(objective)!));
    }

    private static (LayoutKind? Prefill, LayoutKind? Decode) Key(FrontPoint point) => (Key(point.Prefill), Key(point.Decode));

    private static LayoutKind? Key(FrontPlan? plan) => plan is { Layout: { } layout } ? LayoutKind.Of(layout) : null;
}

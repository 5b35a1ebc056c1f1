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
        return Of(chip, runtime, Array.ConvertAll(jobs, job => JobStudy.Of(job, objective is PlanObjective.Throughput or PlanObjective.Cost ? ranked : 0, settings)), ranked, settings);
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
        (Job Job, FrontPoint Point)[] order =
        [
            .. studies.SelectMany(study => Candidates(study, objective).Select(point => (study.Result.Job, Point: point)))
                .OrderBy(each => ObjectiveCost.Of(objective, each.Job, each.Point))
                .ThenByDescending(each => each.Point.Merit.TokensPerSecond)
                .Take(Math.Max(1, ranked)),
        ];
        PlannedDeployment[] ranking = [.. order.Select(each => PlannedDeployment.Of(each.Job, each.Point, settings))];
        PlannedDeployment? best = ranking.Length > 0 ? ranking[0] : null;
        return new PlanAnswer(chip, runtime, studies, best, ranking, best is null ? [] : ResourceEffect.Of(best, settings));
    }

    /// <summary>Deployments of different layouts to choose from: ranked ones, or for other objectives than throughput the front's, each layout's best.</summary>
    private static IEnumerable<FrontPoint> Candidates(JobStudy study, PlanObjective objective)
    {
        if (objective is PlanObjective.Throughput or PlanObjective.Cost)
        {
            return objective == PlanObjective.Cost && study.Cheapest is { } cheapest ? study.Ranking.Prepend(cheapest) : study.Ranking;
        }

        Job job = study.Result.Job;
        return study.Front.GroupBy(point => (Key(point.Prefill), Key(point.Decode)))
            .Select(group => ObjectiveCost.Best(objective, job, group)!);
    }

    private static LayoutKind? Key(FrontPlan? plan) => plan is { Layout: { } layout } ? LayoutKind.Of(layout) : null;
}

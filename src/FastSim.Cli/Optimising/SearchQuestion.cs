using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>What a search is asked of a job, or of a suite of them.</summary>
/// <param name="Job">The job whose rows count; of a suite the first stands for all.</param>
/// <param name="IsAsked">The jobs that decide: that one, or all of a suite.</param>
/// <param name="Objectives">The columns that decide: one of a best, those that a front trades.</param>
/// <param name="IsFront">Whether the front is asked for, not the best.</param>
internal sealed record SearchQuestion(int Job, bool[] IsAsked, IReadOnlyList<Objective> Objectives, bool IsFront)
{
    /// <summary>Place of the suite's score among the objectives; -1 where it is none.</summary>
    public int SuitePlace { get; } = PlaceOf(Objectives, SuiteScore.Column);

    /// <summary>The best of each job, or of the suite.</summary>
    public static IEnumerable<SearchQuestion> Bests(SweepPlan plan) => Enumerable.Range(0, plan.File.Mix is null ? plan.First.Jobs.Length : 1)
        .Select(job => Of(plan, job, [new Objective(plan.RankedBy, Maximise: true)], isFront: false));

    /// <summary>The front of each job, where the file says what it trades.</summary>
    public static IEnumerable<SearchQuestion> Fronts(SweepPlan plan) => Enumerable.Range(0, plan.File.StatesPareto ? plan.First.Jobs.Length : 0)
        .Select(job => Of(plan, job, plan.File.Pareto, isFront: true));

    /// <summary>Losses of a variant, less of which is better in every objective, by the values of its columns.</summary>
    public double LossOf(int objective, double value) => Objectives[objective].Maximise ? -value : value;

    private static SearchQuestion Of(SweepPlan plan, int job, IReadOnlyList<Objective> objectives, bool isFront)
    {
        bool isOfSuite = PlaceOf(objectives, SuiteScore.Column) >= 0;
        return new SearchQuestion(job, [.. Enumerable.Range(0, plan.First.Jobs.Length).Select(each => isOfSuite || each == job)], objectives, isFront);
    }

    private static int PlaceOf(IReadOnlyList<Objective> objectives, string field)
    {
        for (int place = 0; place < objectives.Count; place++)
        {
            if (objectives[place].Field == field)
            {
                return place;
            }
        }

        return -1;
    }
}

using FastSim.Cli.Sweeps;
using FastSim.Kernels.Lanes;

namespace FastSim.Cli.Optimising;

/// <summary>All searches of a sweep, one after another: the best of each job or of the suite, then the front of each job.</summary>
/// <param name="plan">The sweep.</param>
/// <param name="threads">Threads.</param>
/// <param name="width">Lane width.</param>
/// <param name="cancellation">Ends them early.</param>
internal sealed class SearchList(SweepPlan plan, int threads, LaneWidth width, CancellationToken cancellation)
{
    private readonly List<IReadOnlyList<KeptVariants>> done = [];
    private readonly GroupCache groups = new(plan);
    private BoxSearch? current;
    private SearchState? earlier;

    /// <summary>What is asked.</summary>
    public IReadOnlyList<SearchQuestion> Questions { get; } = [.. plan.File.Best > 0 ? SearchQuestion.Bests(plan) : [], .. SearchQuestion.Fronts(plan)];

    /// <summary>What became of the boxes.</summary>
    public BoxTally Tally { get; } = new();

    /// <summary>What the searches kept that came to their end, in the order of <see cref="Questions"/>.</summary>
    public IReadOnlyList<IReadOnlyList<KeptVariants>> Done => done;

    /// <summary>Looks whether everything that is asked has bounds.</summary>
    /// <exception cref="Configuration.ConfigurationException">Something has none.</exception>
    public void Check()
    {
        foreach (SearchQuestion question in Questions.Count > 0 ? Questions : SearchQuestion.Bests(plan))
        {
            _ = new BoxSolver(plan, groups, question, width);
        }
    }

    /// <summary>Goes on where earlier searches were stopped.</summary>
    public void GoOnWith(SearchState state)
    {
        earlier = state;
        Tally.Counts = state.Counts;
        done.AddRange(state.Done);
    }

    /// <summary>Takes what the searches of a part kept.</summary>
    public void AddPart(SearchState part)
    {
        Tally.Counts = [.. Tally.Counts.Zip(part.Counts, (own, other) => own + other)];
        for (int place = 0; place < Questions.Count; place++)
        {
            ISearchGoal goal = GoalOf(Questions[place]);
            goal.AddKept(place < done.Count ? done[place] : []);
            goal.AddKept(part.Done[place]);
            done.RemoveRange(place, Math.Min(1, done.Count - place));
            done.Insert(place, goal.Kept);
        }
    }

    /// <summary>What there is to go on with, as of the end of the last round.</summary>
    public SearchState State(string fingerprint, Shard shard, bool? hasPlan)
    {
        bool isBegun = current is { IsBegun: true };
        return new SearchState(fingerprint, shard, hasPlan, Tally.Counts, done, isBegun ? current!.Kept : null, isBegun ? current!.Waiting : []);
    }

    /// <summary>Searches what is left.</summary>
    /// <param name="shard">The part of the variants.</param>
    /// <param name="tell">Told after each round.</param>
    /// <returns>Whether all came to their end.</returns>
    public bool Run(Shard shard, Action tell)
    {
        Func<long, bool> passes = GroupFilter.Of(plan.File, plan.Space);
        while (done.Count < Questions.Count)
        {
            SearchQuestion question = Questions[done.Count];
            current = new BoxSearch(plan, question, GoalOf(question), new SolverPool(plan, groups, question, threads, width, cancellation), Tally);
            if (earlier is { Kept: { } kept })
            {
                current.GoOnWith(kept, earlier.Waiting);
            }

            earlier = null;
            if (!current.Run(shard, passes, tell))
            {
                return false;
            }

            done.Add(current.Kept);
            current = null;
        }

        return true;
    }

    private ISearchGoal GoalOf(SearchQuestion question) => question.IsFront ? new FrontGoal(plan, question.Objectives.Count) : new BestList(plan.File.Best);
}

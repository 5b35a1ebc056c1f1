using CommunityToolkit.HighPerformance.Helpers;

namespace FastSim.Search.Engines;

/// <summary>Works through shapes on all threads, each with lanes of its own; a worker takes every n-th, so that the split is fixed.</summary>
internal sealed class ShapeWorkers
{
    private const int FewestShapesPerRound = 4;
    private const int MostShapesPerRound = 64;

    private readonly LaneBatchSearch[] searches;

    /// <summary>Workers for a number of shapes at most.</summary>
    /// <param name="settings">Threads and lane width.</param>
    /// <param name="shapes">Shapes there are.</param>
    public ShapeWorkers(EngineSettings settings, int shapes)
    {
        searches = new LaneBatchSearch[Math.Min(settings.Workers, shapes)];
        for (int worker = 0; worker < searches.Length; worker++)
        {
            searches[worker] = new LaneBatchSearch(settings.Width);
        }
    }

    /// <summary>Works through some shapes.</summary>
    /// <param name="shapes">The shapes.</param>
    /// <param name="work">What to do with one.</param>
    public void ForEach(int[] shapes, Action<int, LaneBatchSearch> work)
    {
        int workers = Math.Min(searches.Length, shapes.Length);
        if (workers > 0)
        {
            ParallelHelper.For(0, workers, new Worker(shapes, work, searches, workers));
        }
    }

    /// <summary>Looks at all shapes, then works best-first through those that are open, the highest figure first.</summary>
    /// <param name="states">What is known of each shape, which looking at it fills in.</param>
    /// <param name="look">Looks at one.</param>
    /// <param name="isOpen">Whether a shape may still be of use, as its round begins.</param>
    /// <param name="work">What to do with one.</param>
    /// <param name="take">Takes in what a round found.</param>
    public void LookThenBestFirst(
        ShapeState[] states, Action<int, LaneBatchSearch> look, Func<int, bool> isOpen, Action<int, LaneBatchSearch> work, Action<List<int>> take)
    {
        int[] all = [.. Enumerable.Range(0, states.Length)];
        ForEach(all, look);
        BestFirst([.. all.Where(shape => states[shape].Outcome == ShapeOutcome.Open).OrderByDescending(shape => states[shape].Figure)], isOpen, work, take);
    }

    /// <summary>
    /// Works through shapes best-first, in rounds of fixed size, so that neither answers nor counters depend on the threads: what a round finds may spare
    /// shapes of the next.
    /// </summary>
    /// <param name="shapes">The shapes, the most promising first.</param>
    /// <param name="isOpen">Whether a shape may still be of use, as its round begins.</param>
    /// <param name="work">What to do with one.</param>
    /// <param name="take">Takes in what a round found.</param>
    public void BestFirst(int[] shapes, Func<int, bool> isOpen, Action<int, LaneBatchSearch> work, Action<List<int>> take)
    {
        List<int> round = new(MostShapesPerRound);
        int size = FewestShapesPerRound;
        for (int next = 0; next < shapes.Length; size = Math.Min(2 * size, MostShapesPerRound))
        {
            round.Clear();
            for (; next < shapes.Length && round.Count < size; next++)
            {
                if (isOpen(shapes[next]))
                {
                    round.Add(shapes[next]);
                }
            }

            ForEach([.. round], work);
            take(round);
        }
    }

    private readonly struct Worker(
        int[] shapes, Action<int, LaneBatchSearch> work, LaneBatchSearch[] searches, int workers) : IAction
    {
        public void Invoke(int worker)
        {
            LaneBatchSearch search = searches[worker];
            for (int index = worker; index < shapes.Length; index += workers)
            {
                work(shapes[index], search);
            }
        }
    }
}

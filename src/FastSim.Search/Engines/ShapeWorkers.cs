using CommunityToolkit.HighPerformance.Helpers;

namespace FastSim.Search.Engines;

/// <summary>Works through shapes on all threads, each with lanes of its own; a worker takes every n-th, so that the split is fixed.</summary>
internal sealed class ShapeWorkers
{
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

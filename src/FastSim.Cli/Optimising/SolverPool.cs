using System.Collections.Concurrent;
using FastSim.Cli.Sweeps;
using FastSim.Kernels.Lanes;

namespace FastSim.Cli.Optimising;

/// <summary>Shares the work of a search among threads, each with a solver of its own.</summary>
/// <param name="plan">The sweep.</param>
/// <param name="groups">Its groups.</param>
/// <param name="question">What is asked.</param>
/// <param name="threads">Threads.</param>
/// <param name="width">Lane width.</param>
/// <param name="cancellation">Ends it early.</param>
internal sealed class SolverPool(SweepPlan plan, GroupCache groups, SearchQuestion question, int threads, LaneWidth width, CancellationToken cancellation)
{
    private readonly ConcurrentBag<BoxSolver> solvers = [];

    /// <summary>Whether it was stopped.</summary>
    public bool IsStopped => cancellation.IsCancellationRequested;

    /// <summary>Works through numbered parts; what comes of them is taken in order. Where it is stopped some of it never is.</summary>
    public void Share<T>(int count, Func<BoxSolver, int, T> work, Action<int, T> take)
    {
        if (count == 0)
        {
            return;
        }

        OrderedBlocks.Run<T>(
            0,
            count,
            threads,
            () => part =>
            {
                BoxSolver solver = solvers.TryTake(out BoxSolver? idle) ? idle : new BoxSolver(plan, groups, question, width);
                T product = work(solver, (int)part);
                solvers.Add(solver);
                return product;
            },
            (part, product) => take((int)part, product),
            cancellation);
    }
}

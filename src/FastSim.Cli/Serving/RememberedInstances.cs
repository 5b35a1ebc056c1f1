using FastSim.Kernels.Models;

namespace FastSim.Cli.Serving;

/// <summary>
/// Instances that a thread lately made: rows that differ in clients alone share one, with what it was priced at, and come one after the other (<see cref="RowOrder"/>). Few, so
/// that what is written anew for other lengths is still in the processor's caches.
/// </summary>
internal sealed class RememberedInstances
{
    private const int Most = 4;

    private readonly ServingInstance?[] recent = new ServingInstance?[Most];
    private int oldest;

    /// <summary>The instance; null where it is not remembered.</summary>
    /// <param name="stated">What it follows from but for the lengths of its requests.</param>
    /// <param name="lengths">The lengths.</param>
    /// <param name="arrivals">How they come.</param>
    public ServingInstance? Find(StatedInstance stated, SequenceLengths lengths, ArrivalPattern arrivals)
    {
        foreach (ServingInstance? instance in recent)
        {
            if (instance is not null && instance.Stated == stated && instance.Step.Shape.Lengths == lengths && instance.Step.Shape.Arrivals == arrivals)
            {
                return instance;
            }
        }

        return null;
    }

    /// <summary>Remembers an instance that was not found.</summary>
    /// <param name="instance">The instance.</param>
    /// <returns>One that made room, which nobody asks for any more; null where none did.</returns>
    public ServingInstance? Add(ServingInstance instance)
    {
        ServingInstance? forgotten = recent[oldest];
        recent[oldest] = instance;
        oldest = (oldest + 1) % Most;
        return forgotten;
    }
}

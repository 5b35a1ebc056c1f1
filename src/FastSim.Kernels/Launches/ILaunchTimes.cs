using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Launches;

/// <summary>Times of launches on chips, in place of efficiency tables and coefficients. Serves any number of threads.</summary>
public interface ILaunchTimes
{
    /// <summary>Whether it has times of a family.</summary>
    bool Knows(OperatorFamily family);

    /// <summary>Microseconds of launches at the first points of the grid of batches (<see cref="BatchGrid"/>).</summary>
    /// <param name="launches">Launches at one sequence, whose rows grow with them, on their chips; of families that it knows.</param>
    /// <param name="points">Points of the grid wanted.</param>
    /// <param name="microseconds">Receives, launch by launch, a row that is that long or longer.</param>
    /// <exception cref="EfficiencyModelException">An answer is none that may be given.</exception>
    void Microseconds(IReadOnlyList<(OperatorShape PerSequence, RooflineChip Chip)> launches, int points, IList<double[]> microseconds);

    /// <summary>Whether a launch is like those that the times were learned from, at a point of the grid of batches.</summary>
    /// <param name="perSequence">The launch at one sequence, whose rows grow with them.</param>
    /// <param name="chip">Its chip.</param>
    /// <param name="point">The point.</param>
    bool Covers(in OperatorShape perSequence, in RooflineChip chip, int point);
}

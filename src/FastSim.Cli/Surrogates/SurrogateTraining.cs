using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Surrogates;

/// <summary>Trains a network a family.</summary>
internal static class SurrogateTraining
{
    /// <summary>Steps of a family's training that are enough.</summary>
    public const int EnoughSteps = 16_000;

    /// <summary>Fewest measured operators that a family is learned from.</summary>
    public const int LeastRows = 200;

    private const double LeastEfficiency = 0.002;
    private const double MostFloorMicroseconds = 50;
    private const double MostExpertFloorMicroseconds = 200;

    /// <summary>Trains. The same operators, steps and seed give the same networks, whatever the threads.</summary>
    /// <param name="chips">Chips to learn from.</param>
    /// <param name="withHeldOut">Whether the fifth that is held out is learned from too.</param>
    /// <param name="steps">Steps a family.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="progress">Told the share that is done, now and then.</param>
    /// <returns>By family, with the least and most of each feature.</returns>
    public static SortedDictionary<OperatorFamily, (EfficiencyNetwork Network, float[] Hull)> Train(
        IReadOnlyList<TrainingChip> chips, bool withHeldOut, int steps, int seed, int threads, Action<double>? progress)
    {
        OperatorFamily[] families = Enum.GetValues<OperatorFamily>();
        (EfficiencyNetwork, float[])?[] trained = new (EfficiencyNetwork, float[])?[families.Length];
        double[] done = new double[families.Length];
        Parallel.For(
            0,
            families.Length,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            index =>
            {
                if (TrainingChip.Measured(chips, families[index], withHeldOut) >= LeastRows)
                {
                    TimedOperators rows = TrainingChip.Rows(chips, families[index], withHeldOut);
                    EfficiencyNetwork network = EfficiencyNetwork.Train(
                        rows,
                        RangeOf(families[index]),
                        steps,
                        seed,
                        share =>
                        {
                            done[index] = share;
                            progress?.Invoke(done.Sum() / done.Length);
                        });
                    if (!double.IsFinite(network.Microseconds(rows.Features.AsSpan(0, OperatorFeatures.Count), 1)))
                    {
                        throw new ConfigurationException($"{families[index]}: found measured times that no training can follow; expected milliseconds");
                    }

                    trained[index] = (network, Hull(rows));
                }

                done[index] = 1;
                progress?.Invoke(done.Sum() / done.Length);
            });
        SortedDictionary<OperatorFamily, (EfficiencyNetwork, float[])> found = [];
        foreach (OperatorFamily family in families)
        {
            if (trained[(int)family] is { } network)
            {
                found[family] = network;
            }
        }

        return found;
    }

    private static EfficiencyRange RangeOf(OperatorFamily family) =>
        new(LeastEfficiency, 1, 1, family == OperatorFamily.Experts ? MostExpertFloorMicroseconds : MostFloorMicroseconds);

    /// <summary>Least and most of each feature.</summary>
    private static float[] Hull(TimedOperators rows)
    {
        float[] hull = new float[2 * OperatorFeatures.Count];
        for (int feature = 0; feature < OperatorFeatures.Count; feature++)
        {
            (float least, float most) = (float.PositiveInfinity, float.NegativeInfinity);
            for (int row = 0; row < rows.Count; row++)
            {
                float value = rows.Features[(row * OperatorFeatures.Count) + feature];
                (least, most) = (Math.Min(least, value), Math.Max(most, value));
            }

            (hull[2 * feature], hull[(2 * feature) + 1]) = (least, most);
        }

        return hull;
    }
}

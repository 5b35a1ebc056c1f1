using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Networks;
using FastSim.Kernels.Rates;
using FastSim.Search.Jobs;

namespace FastSim.Laws.Tests;

/// <summary>Laws of collectives by algorithm (docs/cost-model.md, "Collectives by algorithm"). No tolerance where none is stated: each holds operation by operation.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)], MaxTest = 300)]
public sealed class NetworkLaws
{
    private const double Rounding = 1e-12;

    private static readonly Collective[] Collectives = Enum.GetValues<Collective>();

    /// <summary>A torus of one dimension is a ring, one of extent 2 a mesh of extent 2, to the bit.</summary>
    [Law]
    public bool A_torus_of_one_dimension_is_a_ring_and_of_extent_two_a_mesh(Job job, int members, int dimensions)
    {
        NetworkTier tier = job.DecodeChip.Networks[1] with { Algorithms = CollectiveAlgorithms.OfCards, WrapMultiple = 0 };
        int cards = 2 + (int)((uint)members % (uint)(tier.Size - 1));
        int[] twos = [.. Enumerable.Repeat(2, 1 + (int)((uint)dimensions % 5))];
        int ofTwos = 2 + (int)((uint)members % (uint)((1 << twos.Length) - 1));
        return Array.TrueForAll(Collectives, collective =>
            Same(tier with { Topology = Topology.Ring }, tier with { Topology = Topology.Torus, Dimensions = [tier.Size] }, collective, cards)
            && Same(tier with { Topology = Topology.Mesh, Dimensions = twos }, tier with { Topology = Topology.Torus, Dimensions = twos }, collective, ofTwos));
    }

    /// <summary>A mesh is never faster than the torus of its extents.</summary>
    [Law]
    public bool Links_around_never_cost(Job job, int members, int message)
    {
        int[] extents = [2 + (members & 3), 2 + ((members >> 2) & 3), 1 + ((members >> 4) & 3)];
        NetworkTier torus = job.DecodeChip.Networks[1] with
        {
            Topology = Topology.Torus,
            Dimensions = extents,
            Size = extents[0] * extents[1] * extents[2],
            Algorithms = CollectiveAlgorithms.OfCards,
            WrapMultiple = 0,
        };
        return Array.TrueForAll(Collectives, collective =>
            Seconds(job, torus, collective, torus.Size, message) <= Seconds(job, torus with { Topology = Topology.Mesh }, collective, torus.Size, message));
    }

    /// <summary>More bandwidth, less latency, a faster sum, more to choose from: never slower.</summary>
    [Law]
    public bool More_is_never_slower(Job job, int members, int message, byte by)
    {
        double factor = 1 + (by / 16d);
        return job.DecodeChip.Networks.Where(AlgorithmChoice.Holds).All(tier =>
        {
            int cards = 2 + (int)((uint)members % (uint)(tier.Size - 1));
            return Array.TrueForAll(Collectives, collective =>
            {
                double seconds = Seconds(job, tier, collective, cards, message);
                return Seconds(job, tier with { GigabytesPerSecond = tier.GigabytesPerSecond * factor }, collective, cards, message) <= seconds
                    && Seconds(job, tier with { LatencySeconds = tier.LatencySeconds / factor }, collective, cards, message) <= seconds
                    && Seconds(job, tier with { StepSeconds = tier.StepSeconds / factor }, collective, cards, message) <= seconds
                    && Seconds(job, tier with { ReductionGigabytesPerSecond = tier.ReductionGigabytesPerSecond * factor }, collective, cards, message) <= seconds
                    && Seconds(job, tier with { Oversubscription = [.. tier.Oversubscription.Select(over => Math.Max(1, over / factor))] }, collective, cards, message)
                        <= seconds
                    && (tier.Algorithms == CollectiveAlgorithms.None
                        || Seconds(job, tier with { Algorithms = tier.Algorithms | CollectiveAlgorithms.OfCards }, collective, cards, message) <= seconds
                        || collective is Collective.PointToPoint or Collective.AllToAll);
            });
        });
    }

    /// <summary>Where adding up takes no time, an all-reduce is no slower than a reduce-scatter and an all-gather; by rings it is exactly these.</summary>
    [Law]
    public bool An_all_reduce_is_at_most_its_two_halves(Job job, int members, int message) =>
        job.DecodeChip.Networks.Where(tier => tier.Topology != Topology.TwoDimensionalFullMesh).All(tier =>
        {
            NetworkTier free = tier with { Algorithms = CollectiveAlgorithms.OfCards, ReductionGigabytesPerSecond = double.PositiveInfinity };
            int cards = 2 + (int)((uint)members % (uint)(tier.Size - 1));
            NetworkTier ring = free with { Algorithms = CollectiveAlgorithms.Ring };
            double halves = Halves(ring);
            return Seconds(job, free, Collective.AllReduce, cards, message) <= Halves(free) * (1 + Rounding)
                && Math.Abs(Seconds(job, ring, Collective.AllReduce, cards, message) - halves) <= halves * Rounding;

            double Halves(NetworkTier of) =>
                Seconds(job, of, Collective.ReduceScatter, cards, message) + Seconds(job, of, Collective.AllGather, cards, message);
        });

    private static bool Same(NetworkTier left, NetworkTier right, Collective collective, int cards)
    {
        GroupPlace place = new(collective, cards, cards, 1);
        return new AlgorithmChoice(left).Of(place).SequenceEqual(new AlgorithmChoice(right).Of(place));
    }

    private static double Seconds(Job job, NetworkTier tier, Collective collective, int cards, int message)
    {
        ChipRates rates = new(job.DecodeChip with { Networks = [tier] }, job.Types, Accounting.Physical, Phase.Decode);
        double bytes = 1 + Math.Abs((double)message * 997);
        return rates.FastestSeconds(0, new GroupPlace(collective, cards, cards, 1), cards, bytes, bytes);
    }
}

using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Laws.Tests;

/// <summary>
/// More of a network is never worse for the deployment that is found, whatever of it there is more of: docs/cost-model.md, "Collectives by algorithm" and "Collectives over two levels". Physical accounting,
/// of which alone most of it is. Dimensions of a torus are none of it: a longer one may close no ring where a shorter one did.
/// </summary>
[Laws(Arbitrary = [typeof(RandomJobs)])]
public sealed class NetworkSearchLaws
{
    /// <summary>What rounding may make of a throughput that is the same.</summary>
    private const double Rounding = 1e-12;

    private static readonly Topology[] OfSwitches = [Topology.Switch, Topology.FatTree, Topology.Rails];

    /// <summary>Links, latencies of hops and of steps, sums, tiers one by one.</summary>
    [Law(MaxTest = 80)]
    public bool Faster_is_never_worse(Job job, int tier, byte by, byte what)
    {
        double factor = 1.01 + (by / 32d);
        return NeverWorse(job, tier, network => (what % 4) switch
        {
            0 => network with { GigabytesPerSecond = network.GigabytesPerSecond * factor },
            1 => network with { LatencySeconds = network.LatencySeconds / factor },
            2 => network with { StepSeconds = network.StepSeconds / factor },
            _ => network with { ReductionGigabytesPerSecond = network.ReductionGigabytesPerSecond * factor },
        });
    }

    /// <summary>Fewer cards to a link upwards, more links between groups, more cards or switches under one switch.</summary>
    [Law(MaxTest = 80)]
    public bool Wider_is_never_worse(Job job, int tier, byte by, byte what) => NeverWorse(job, tier, network => (what % 3) switch
    {
        0 => network with { Oversubscription = [.. network.Oversubscription.Select(over => Math.Max(1, over / (1.01 + (by / 64d))))] },
        1 => network with { GlobalLinks = network.GlobalLinks == 0 ? 0 : network.GlobalLinks + 1 + by },
        _ when network.Topology == Topology.FatTree => network with
        {
            Dimensions = [.. network.Dimensions.Select((extent, level) => level == by % network.Dimensions.Count ? 2 * extent : extent)],
        },
        _ => network,
    });

    /// <summary>More ways to choose from, sums in switches and two levels among them.</summary>
    [Law(MaxTest = 80)]
    public bool More_ways_are_never_worse(Job job, int tier, byte what) => NeverWorse(job, tier, network =>
    {
        CollectiveAlgorithms more = what % 3 == 0
            ? CollectiveAlgorithms.TwoLevel
            : what % 3 == 1 && OfSwitches.Contains(network.Topology) ? CollectiveAlgorithms.InNetwork : CollectiveAlgorithms.OfCards;
        return network.Algorithms == CollectiveAlgorithms.None ? network : network with { Algorithms = network.Algorithms | more };
    });

    private static bool NeverWorse(Job drawn, int tier, Func<NetworkTier, NetworkTier> change)
    {
        Job job = drawn with { Accounting = Accounting.Physical, Cards = Math.Min(drawn.Cards, 16) };
        Chip Better(Chip chip)
        {
            int changed = (int)((uint)tier % (uint)chip.Networks.Count);
            return chip with { Networks = [.. chip.Networks.Select((network, index) => index == changed ? change(network) : network)] };
        }

        Job better = job with { PrefillChip = Better(job.PrefillChip), DecodeChip = Better(job.DecodeChip) };
        return Requests(JobSolver.Solve(better, EngineSettings.Default)) >= Requests(JobSolver.Solve(job, EngineSettings.Default)) * (1 - Rounding);
    }

    private static double Requests(JobResult result) => result switch
    {
        { Job.Mode: ServingMode.Split, Prefill: { } prefill, Decode: { } decode } => Math.Min(prefill.RequestsPerSecond, decode.RequestsPerSecond),
        { Prefill: null, Decode: null } => 0,
        { Decode: { } decode } => decode.RequestsPerSecond,
        _ => result.Prefill!.RequestsPerSecond,
    };
}

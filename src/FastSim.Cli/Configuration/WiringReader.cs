using System.Text.Json;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Networks;

namespace FastSim.Cli.Configuration;

/// <summary>Reads how a network tier is wired and what its collectives may run (docs/file-formats.md, "Networks").</summary>
internal static class WiringReader
{
    private const int MostDimensions = 6;
    private const string Fastest = "fastest";

    /// <summary>Names of topologies, as files write them and sheets print them.</summary>
    internal static readonly Dictionary<string, Topology> Topologies = new()
    {
        ["2dfm"] = Topology.TwoDimensionalFullMesh,
        ["fullmesh"] = Topology.FullMesh,
        ["switch"] = Topology.Switch,
        ["ring"] = Topology.Ring,
        ["torus"] = Topology.Torus,
        ["mesh"] = Topology.Mesh,
        ["fat_tree"] = Topology.FatTree,
        ["rails"] = Topology.Rails,
        ["dragonfly"] = Topology.Dragonfly,
    };

    /// <summary>Names of algorithms, likewise.</summary>
    internal static readonly Dictionary<string, CollectiveAlgorithms> Algorithms = new()
    {
        ["ring"] = CollectiveAlgorithms.Ring,
        ["halving"] = CollectiveAlgorithms.Halving,
        ["tree"] = CollectiveAlgorithms.Tree,
        ["direct"] = CollectiveAlgorithms.Direct,
        ["in_network"] = CollectiveAlgorithms.InNetwork,
        ["two_level"] = CollectiveAlgorithms.TwoLevel,
    };

    /// <summary>Keys of a tier that are read here.</summary>
    internal static readonly string[] Keys =
        ["topology", "dims", "wrap_multiple", "oversubscription", "global_links", "collectives", "step_latency", "reduction_GBps"];

    private static readonly Topology[] WithDimensions = [Topology.Torus, Topology.Mesh, Topology.FatTree, Topology.Rails, Topology.Dragonfly];
    private static readonly Topology[] WithSwitches = [Topology.Switch, Topology.FatTree, Topology.Rails];

    /// <summary>Adds to a tier what its wiring needs.</summary>
    /// <param name="json">The tier.</param>
    /// <param name="tier">What was read of it.</param>
    /// <param name="isInnermost">Whether no tier is inside it.</param>
    public static NetworkTier Read(JsonObject json, NetworkTier tier, bool isInnermost)
    {
        NetworkTier wired = tier with
        {
            Dimensions = Dimensions(json, tier),
            WrapMultiple = Of(json, "wrap_multiple", tier, Topology.Torus) ? json.Integer("wrap_multiple", 1) : 0,
            Oversubscription = Of(json, "oversubscription", tier, Topology.FatTree, Topology.Rails) ? Oversubscription(json, tier) : [],
            GlobalLinks = tier.Topology == Topology.Dragonfly ? json.Integer("global_links", 1) : NoLinks(json, tier),
            Algorithms = json.Has("collectives") ? Collectives(json["collectives"], tier, hasLevels: !isInnermost || tier.HasLevels) : CollectiveAlgorithms.None,
        };
        CheckDragonfly(json, wired);
        bool isByAlgorithm = AlgorithmChoice.Holds(wired);
        foreach (string key in (ReadOnlySpan<string>)["step_latency", "reduction_GBps"])
        {
            if (!isByAlgorithm && json.Has(key))
            {
                throw json[key].Complaint("no such key: it belongs to a tier that states collectives, or whose topology is mesh, fat_tree, rails or dragonfly");
            }
        }

        return wired with
        {
            StepSeconds = json.Number("step_latency", NumberRule.NotNegative, missing: 0),
            ReductionGigabytesPerSecond = json.Has("reduction_GBps") ? json.Number("reduction_GBps", NumberRule.Positive) : double.PositiveInfinity,
        };
    }

    private static bool Of(JsonObject json, string key, NetworkTier tier, params ReadOnlySpan<Topology> owners)
    {
        if (!json.Has(key) || owners.Contains(tier.Topology))
        {
            return json.Has(key);
        }

        throw json[key].Complaint($"no such key: it belongs to topology {Names(owners)}");
    }

    private static int NoLinks(JsonObject json, NetworkTier tier) => Of(json, "global_links", tier, Topology.Dragonfly) ? 1 : 0;

    private static int[] Dimensions(JsonObject json, NetworkTier tier)
    {
        if (!WithDimensions.Contains(tier.Topology))
        {
            Of(json, "dims", tier, WithDimensions);
            return [];
        }

        (string meaning, int fewest, int most) = tier.Topology switch
        {
            Topology.FatTree => ("cards a switch of the lowest level, then switches below one of the next, level by level: a list of integers", 1, MostDimensions),
            Topology.Rails => ("rails and servers: [integer, integer]", 2, 2),
            Topology.Dragonfly => ("cards a router, routers a group, groups: [integer, integer, integer]", 3, 3),
            _ => ($"cards of the {Name(tier.Topology)} in each dimension: a list of integers", 1, MostDimensions),
        };
        JsonValue[] items = json["dims"].Items(meaning);
        if (items.Length > most || items.Length < fewest)
        {
            throw json["dims"].Complaint(fewest == 1 ? $"at most {most} dimensions" : meaning);
        }

        int[] dimensions = Array.ConvertAll(items, item => item.Integer(1));
        return dimensions.Aggregate(1d, (cards, side) => cards * side) >= tier.Size
            ? dimensions
            : throw json["dims"].Complaint($"dimensions whose product is at least the tier's size, {tier.Size}");
    }

    private static double[] Oversubscription(JsonObject json, NetworkTier tier)
    {
        NumberRule rule = new("a number of at least 1", number => number >= 1);
        JsonValue value = json["oversubscription"];
        int levels = tier.Topology == Topology.Rails ? 1 : json["dims"].Items("dims").Length - 1;
        if (value.Element.ValueKind == JsonValueKind.Number)
        {
            return levels == 1 ? [value.Number(rule)] : throw value.Complaint($"one number for each of the {levels} levels of switches below the highest: a list");
        }

        double[] factors = Array.ConvertAll(value.List("bandwidth into a switch from below over that upwards, level by level: a list of numbers"), item => item.Number(rule));
        return factors.Length == levels ? factors : throw value.Complaint($"one number for each level of switches below the highest, {levels}");
    }

    private static void CheckDragonfly(JsonObject json, NetworkTier tier)
    {
        if (tier.Topology == Topology.Dragonfly && (long)tier.Dimensions[1] * tier.GlobalLinks < tier.Dimensions[2] - 1)
        {
            throw json["global_links"].Complaint(
                $"links enough for each group to reach each other: routers a group, {tier.Dimensions[1]}, times global_links at least {tier.Dimensions[2] - 1}");
        }
    }

    private static CollectiveAlgorithms Collectives(JsonValue value, NetworkTier tier, bool hasLevels)
    {
        if (tier.Topology == Topology.TwoDimensionalFullMesh)
        {
            throw value.Complaint("no such key: topology 2dfm does not say how many cards it has in each dimension, so no algorithm is known on it");
        }

        string expected = $"{Fastest}, or a list of algorithms: {string.Join(", ", Algorithms.Keys)}";
        if (value.Element.ValueKind == JsonValueKind.String)
        {
            string word = value.Text(expected);
            return word == Fastest ? CollectiveAlgorithms.OfCards : throw value.Complaint(expected, NearestName.Of(word, [Fastest]));
        }

        CollectiveAlgorithms admitted = CollectiveAlgorithms.None;
        foreach (JsonValue item in value.Items(expected))
        {
            CollectiveAlgorithms algorithm = item.Word("an algorithm of collectives", Algorithms);
            if (algorithm == CollectiveAlgorithms.InNetwork && !WithSwitches.Contains(tier.Topology))
            {
                throw item.Complaint($"an algorithm that cards run: in_network needs switches, topology {Names(WithSwitches)}");
            }

            if (algorithm == CollectiveAlgorithms.TwoLevel && !hasLevels)
            {
                throw item.Complaint("an algorithm of one level: two_level needs a tier inside this one, or topology fat_tree or dragonfly");
            }

            if (admitted.HasFlag(algorithm))
            {
                throw item.Complaint("each algorithm once");
            }

            admitted |= algorithm;
        }

        return admitted == CollectiveAlgorithms.TwoLevel
            ? throw value.Complaint("beside two_level at least one algorithm that its levels run: ring, halving, tree, direct or in_network")
            : admitted;
    }

    private static string Name(Topology topology) => Topologies.Single(named => named.Value == topology).Key;

    private static string Names(ReadOnlySpan<Topology> topologies)
    {
        string[] names = Array.ConvertAll(topologies.ToArray(), Name);
        return names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}";
    }
}

using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Memory;

/// <summary>
/// What a pass through a stage moves beside the first memory (docs/cost-model.md, "Second memory"): weights and caches that the second holds, prefixes that
/// are fetched from where they are kept.
/// </summary>
internal static class StreamedBytes
{
    /// <summary>Of a stage; found once a table.</summary>
    /// <param name="table">The stage.</param>
    public static TierTraffic Of(OperatorTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.Traffic ??= Measure(table);
    }

    /// <summary>Weights of a stage that may lie in the second memory: those of attention and feed-forward that operators of the model itself read, bytes.</summary>
    /// <param name="table">The stage.</param>
    /// <returns>All of them, and of those the routed experts, of which a pass reads what tokens reach.</returns>
    public static (double All, double Reached) Weights(OperatorTable table)
    {
        double all = 0;
        double reached = 0;
        for (int op = 0; op < table.Count; op++)
        {
            ref readonly OperatorIdentity identity = ref table.Identities[op];
            if (identity.Part is StagePart.Attention or StagePart.FeedForward && !identity.IsOfDraft)
            {
                all += table.WeightElements[op] * table.Repeats[op] * table.WeightBytes[op];
                reached += table.ActivatedBytes[op] * table.Repeats[op];
            }
        }

        return (all, Math.Min(all, reached));
    }

    private static TierTraffic Measure(OperatorTable table)
    {
        DeploymentShape shape = table.Shape;
        SecondMemoryShares second = shape.Layout.Second;
        double prefix = shape.Phase == Phase.Prefill ? shape.Model.CachedTokens : 0;
        if (second.IsNone && (prefix == 0 || shape.Prefix.Location == PrefixLocation.FirstMemory))
        {
            return default;
        }

        (double all, double reached) = second.Weights == 0 ? default : Weights(table);
        double placed = second.Weights * all;
        double experts = Math.Min(placed, reached);
        double prefixBytes = prefix == 0 ? 0 : OfTokens(shape, prefix);
        return new TierTraffic(
            placed - experts,
            experts,
            second.Cache * OwnBytes(shape, prefixBytes)
                + (shape.Prefix.Location == PrefixLocation.SecondMemory ? prefixBytes : 0),
            shape.Prefix.Location == PrefixLocation.Remote ? prefixBytes : 0);
    }

    /// <summary>
    /// Keys and values of a sequence of which the second memory's share is moved a pass: what decode reads, up to the middle of the answer; what prefill writes
    /// of its new tokens, and the prefix, which is read, or written where it comes from elsewhere. A prefix that is kept in the second memory is counted there.
    /// </summary>
    private static double OwnBytes(DeploymentShape shape, double prefixBytes) => shape.Phase == Phase.Decode
        ? OfTokens(shape, shape.Lengths.MidGenerationContext)
        : OfTokens(shape, shape.Lengths.Input) - (shape.Prefix.Location == PrefixLocation.SecondMemory ? prefixBytes : 0);

    /// <summary>Keys and values of the first tokens of one sequence, bytes of a card.</summary>
    private static double OfTokens(DeploymentShape shape, double tokens) => MemoryFootprint.CacheOf(shape, tokens) / shape.MicroBatches;
}

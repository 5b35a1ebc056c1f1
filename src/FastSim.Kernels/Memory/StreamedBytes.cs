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
    /// <returns>
    /// All of them, of those the routed experts, of which a pass reads what tokens reach, and what is read of all: of products that decode shares out over more
    /// cards than prompts do, as many times less as it has cards for one of theirs (biases with them).
    /// </returns>
    public static (double All, double Reached, double Read) Weights(OperatorTable table)
    {
        double all = 0;
        double reached = 0;
        double unread = 0;
        double readOfSlice = (double)table.Shape.WeightRanks / table.Shape.ProductRanks;
        for (int op = 0; op < table.Count; op++)
        {
            ref readonly OperatorIdentity identity = ref table.Identities[op];
            if (identity.Part is StagePart.Attention or StagePart.FeedForward && !identity.IsOfDraft && !identity.IsOfEncoder)
            {
                double bytes = table.WeightElements[op] * table.Repeats[op] * table.WeightBytes[op];
                all += bytes;
                unread += identity.IsSlice ? bytes * (1 - readOfSlice) : 0;
                reached += table.ActivatedBytes[op] * table.Repeats[op];
            }
        }

        reached = Math.Min(all, reached);
        return (all, reached, Math.Max(reached, all - unread));
    }

    private static TierTraffic Measure(OperatorTable table)
    {
        DeploymentShape shape = table.Shape;
        SecondMemoryShares second = shape.Layout.Second;
        double prefixBytes = shape.Phase == Phase.Prefill ? shape.OverPrefixes(tokens => OfTokens(shape, tokens)) : 0;
        if (second.IsNone && (prefixBytes == 0 || shape.Prefix.Location == PrefixLocation.FirstMemory))
        {
            return default;
        }

        (double all, double reached, double read) = second.Weights == 0 ? default : Weights(table);
        double placed = second.Weights * all;
        double experts = Math.Min(placed, reached);
        double besides = (placed - experts) * (read == all ? 1 : (read - reached) / (all - reached));
        return new TierTraffic(
            besides,
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
    private static double OfTokens(DeploymentShape shape, double tokens) => CardCache.Of(shape, tokens) / shape.MicroBatches;
}

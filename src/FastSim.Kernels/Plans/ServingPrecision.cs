using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>Data types that a deployment computes in, by the names that measured operators have.</summary>
/// <param name="Attention">Products of attention.</param>
/// <param name="FeedForward">Products of dense feed-forwards and shared experts.</param>
/// <param name="Experts">Routed experts.</param>
/// <param name="Cache">Keys and values: <c>bfloat16</c> or <c>fp8</c>.</param>
public sealed record ServingPrecision(string Attention, string FeedForward, string Experts, string Cache)
{
    internal const string Bfloat16 = "bfloat16";
    internal const string Fp8 = "fp8";
    internal const string Fp8Block = "fp8_block";
    internal const string Nvfp4 = "nvfp4";

    /// <summary>4-bit experts with 16-bit activations.</summary>
    public const string PackedMxfp4 = ServingKinds.PackedFourBit;

    /// <summary>4-bit experts with 8-bit activations.</summary>
    public const string Mxfp4 = ServingKinds.FourBitByEight;

    /// <summary>Bytes an element of the cache.</summary>
    public double CacheBytes => Cache == Fp8 ? 1 : 2;

    /// <summary>Whether they are the checkpoint's own, asked for by nobody.</summary>
    public bool IsStored { get; init; }

    /// <summary>Whether attention of prompts is computed in 16 bits over a cache of 8 too, for want of units of 8.</summary>
    public bool WidensPrompts { get; init; }

    /// <summary>The number formats that they stand for.</summary>
    public ProductKinds Kinds => new(
        NumberOf(Attention), NumberOf(FeedForward), NumberOf(Experts), Cache == Fp8 && !WidensPrompts ? NumberKind.EightBit : NumberKind.SixteenBit)
    {
        AreStored = IsStored,
    };

    /// <summary>Data types of a product's names that are described.</summary>
    public static IReadOnlyList<string> Products { get; } = [Bfloat16, Fp8, Fp8Block, Nvfp4];

    /// <summary>The number format of a product's data type.</summary>
    internal static NumberKind NumberOf(string type) => type switch
    {
        Mxfp4 => NumberKind.FourBitByEight,
        PackedMxfp4 => NumberKind.FourBitWeights,
        _ => Array.Find(Enum.GetValues<NumberKind>(), kind => ServingKinds.WordOf(kind) == type),
    };

    /// <summary>What an engine runs a checkpoint in.</summary>
    /// <param name="model">The model.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="products">Data type of products as asked for; null for the checkpoint's own.</param>
    /// <param name="units">What the chip computes in: weights in other formats are widened and meet activations of 16 bits, whatever the checkpoint means them for.</param>
    /// <param name="experts">Data type of routed experts as asked for; null for that of products, or the checkpoint's own where it stores experts alone in another format.</param>
    public static ServingPrecision Of(TransformerModel model, ServingEngine engine, string? products, NarrowUnits units, string? experts = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(engine);
        StoredWeights? stored = model.Structure is { Storage: { IsQuantized: true } storage } ? storage : null;
        if (stored is { HasFourBitExpertsAlone: true })
        {
            return new ServingPrecision(Bfloat16, Bfloat16, units.HasFourBits ? Mxfp4 : PackedMxfp4, CacheOf(Bfloat16, stored, engine));
        }

        bool hasBlockScales = stored is { HasBlockScales: true };
        string Scaled(string asked) => asked == Fp8 && hasBlockScales ? Fp8Block : asked;
        string OfRole(WeightRoles role) => stored is not null && stored.Products.TryGetValue(role, out ProductFormat format) ? WordOf(NumberKinds.Of(format), units) : Bfloat16;
        if (products is null && stored is not null)
        {
            string attentionAsStored = OfRole(WeightRoles.Attention);
            string expertsAsStored = OfRole(WeightRoles.RoutedExperts);
            string others = stored.Products.ContainsKey(WeightRoles.DenseFeedForward) ? OfRole(WeightRoles.DenseFeedForward) : OfRole(WeightRoles.SharedExperts);
            string feedForward = others == Bfloat16 && HasExpertsAlone(model) ? expertsAsStored : others;
            return new ServingPrecision(
                attentionAsStored, feedForward, experts is null ? expertsAsStored : Scaled(experts), CacheOf(model.Experts is null ? feedForward : expertsAsStored, stored, engine))
            {
                IsStored = experts is null,
                WidensPrompts = !units.HasEightBits,
            };
        }

        string type = Scaled(products ?? Bfloat16);

        // 4-bit checkpoints of latent models keep attention in 16 bits.
        string attention = type == Nvfp4 && model.Latent is not null ? Bfloat16 : type;
        string ofExperts = experts is not null ? Scaled(experts) : stored is { HasExpertsAlone: true } ? OfRole(WeightRoles.RoutedExperts) : type;
        return new ServingPrecision(attention, type, ofExperts, CacheOf(type, stored, engine));
    }

    /// <summary>Whether all feed-forwards are routed experts, of which none is shared.</summary>
    private static bool HasExpertsAlone(TransformerModel model) =>
        model.Experts is { SharedExpertsPerToken: 0 } && (model.Structure?.Pattern.Blocks.All(block => !block.IsDense) ?? false);

    /// <summary>The word of a format, or of its weights alone where the chip has no units for it.</summary>
    private static string WordOf(NumberKind kind, NarrowUnits units) => kind switch
    {
        NumberKind.FourBitByEight => units.HasFourBits ? Mxfp4 : PackedMxfp4,
        NumberKind.FourBit when !units.HasFourBits => WordOf(NumberKind.FourBitWeights, units),
        NumberKind.EightBit or NumberKind.EightBitBlock when !units.HasEightBits => WordOf(NumberKind.EightBitWeights, units),
        _ => ServingKinds.WordOf(kind) ?? Bfloat16,
    };

    /// <summary>8 bits where the checkpoint says so, and of engines that keep the cache in what products run in where that is narrow on both sides.</summary>
    private static string CacheOf(string type, StoredWeights? stored, ServingEngine engine)
    {
        bool isNarrow = NumberOf(type) is not (NumberKind.SixteenBit or NumberKind.EightBitWeights or NumberKind.FourBitWeights);
        return stored is { CachesInEightBits: true } || (isNarrow && engine.CachesInEightBits) ? Fp8 : Bfloat16;
    }
}

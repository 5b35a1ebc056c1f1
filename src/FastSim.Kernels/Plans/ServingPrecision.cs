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

    private const string Sglang = "sglang";

    /// <summary>4-bit experts with 16-bit activations.</summary>
    public const string PackedMxfp4 = ServingKinds.PackedFourBit;

    /// <summary>4-bit experts with 8-bit activations.</summary>
    public const string Mxfp4 = ServingKinds.FourBitByEight;

    /// <summary>Bytes an element of the cache.</summary>
    public double CacheBytes => Cache == Fp8 ? 1 : 2;

    /// <summary>Who says so, and of which roles.</summary>
    public PrecisionOrigin Origin { get; init; } = PrecisionOrigin.Unstored;

    /// <summary>Whether the cache is in 8 bits because the checkpoint says so.</summary>
    public bool KeepsStoredCache { get; init; }

    /// <summary>Whether attention of prompts is computed in 16 bits over a cache of 8 too, for want of units of 8.</summary>
    public bool WidensPrompts { get; init; }

    /// <summary>The number formats that they stand for.</summary>
    public ProductKinds Kinds => new(
        NumberOf(Attention), NumberOf(FeedForward), NumberOf(Experts), Cache == Fp8 && !WidensPrompts ? NumberKind.EightBit : NumberKind.SixteenBit)
    {
        Stored = Origin.Stored,
    };

    /// <summary>Data types of a product's names that are described.</summary>
    public static IReadOnlyList<string> Products { get; } = [Bfloat16, Fp8, Fp8Block, Nvfp4];

    /// <summary>The number format of a product's data type.</summary>
    internal static NumberKind NumberOf(string type) => ServingKinds.KindOf(type) ?? NumberKind.SixteenBit;

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
        if (stored is null)
        {
            string all = products ?? Bfloat16;
            return new ServingPrecision(AttentionOf(model, all), all, experts ?? all, CacheOf(all, engine));
        }

        return OfStored(model, engine, stored, products, units, experts);
    }

    private static ServingPrecision OfStored(
        TransformerModel model, ServingEngine engine, StoredWeights stored, string? products, NarrowUnits units, string? experts)
    {
        string OfRole(WeightRoles role) => WordOn(role, units);
        string WordOn(WeightRoles role, NarrowUnits narrow) => stored.Products.TryGetValue(role, out ProductFormat format) ? WordOf(format, narrow) : Bfloat16;
        bool hasOthers = HasOtherFeedForwards(model);
        string ofAttention = OfRole(WeightRoles.Attention);
        string ofExperts = OfRole(WeightRoles.RoutedExperts);
        string Scaled(string asked) => asked == Fp8 && stored.HasBlockScales ? Fp8Block : asked;

        // Who asks for what a role is stored in asks for no more than silence does, also on a chip that widens it.
        string Asked(string asked, WeightRoles role) => Scaled(asked) is var type && type == WordOn(role, new NarrowUnits(true, true)) ? WordOn(role, units) : type;
        WeightRoles others = hasOthers || stored.HasExpertsAlone ? stored.OtherFeedForward : WeightRoles.RoutedExperts;
        string ofOthers = OfRole(others);
        ServingPrecision read;
        bool leavesExperts = products is not null && experts is null && stored.HasExpertsAlone && !stored.HasFourBitExpertsAlone;
        if (stored.HasFourBitExpertsAlone || products is null)
        {
            string routed = experts is null || stored.HasFourBitExpertsAlone ? ofExperts : Asked(experts, WeightRoles.RoutedExperts);
            string main = stored.HasFourBitExpertsAlone ? Bfloat16 : model.Experts is null ? ofOthers : routed;
            read = new ServingPrecision(ofAttention, ofOthers, routed, CacheOf(main, engine)) { WidensPrompts = !units.HasEightBits };
        }
        else
        {
            string type = Asked(products, others);
            read = new ServingPrecision(
                type == ofOthers ? ofAttention : AttentionOf(model, type), type, experts is not null ? Asked(experts, WeightRoles.RoutedExperts) : stored.HasExpertsAlone ? ofExperts : type, CacheOf(type, engine));
        }

        // Roles of which the checkpoint has nothing narrow are in 16 bits whoever says so; those that the model has nothing of are as it is.
        WeightRoles own = (read.Attention == ofAttention ? WeightRoles.Attention : WeightRoles.None)
            | (read.FeedForward == ofOthers || !hasOthers ? WeightRoles.DenseFeedForward | WeightRoles.SharedExperts : WeightRoles.None)
            | (read.Experts == ofExperts || model.Experts is null ? WeightRoles.RoutedExperts : WeightRoles.None);
        bool keepsCache = own == PrecisionOrigin.Blocks && KeepsCache(stored, engine);
        PrecisionOrigin origin = (products, experts) switch
        {
            (null, null) => PrecisionOrigin.Silence,
            (not (null or Bfloat16), _) when own == PrecisionOrigin.Blocks => PrecisionOrigin.OwnWord,
            _ => PrecisionOrigin.Word(own, leavesExperts),
        };
        return read with { Origin = origin, KeepsStoredCache = keepsCache, Cache = keepsCache ? Fp8 : read.Cache };
    }

    /// <summary>4-bit checkpoints of latent models keep attention in 16 bits.</summary>
    private static string AttentionOf(TransformerModel model, string type) => type == Nvfp4 && model.Latent is not null ? Bfloat16 : type;

    /// <summary>Whether some feed-forward is no routed expert: a block's own, or shared ones.</summary>
    private static bool HasOtherFeedForwards(TransformerModel model) =>
        model.Experts is not { SharedExpertsPerToken: 0 } || model.Structure is not { Pattern: var pattern } || pattern.Blocks.Any(block => block.IsDense);

    /// <summary>The word of a format, or of its weights alone where the chip has no units for it: of 4-bit weights by 8 bits those of the microscaling formats, or of 8-bit floats.</summary>
    private static string WordOf(ProductFormat format, NarrowUnits units) => NumberKinds.Of(format) switch
    {
        NumberKind.FourBitByEight => (format.Activations == ActivationFormat.EightBitBlock ? units.HasFourBits : units.HasEightBits) ? Mxfp4 : PackedMxfp4,
        NumberKind.FourBit when !units.HasFourBits => ServingKinds.WordOf(NumberKind.FourBitWeights)!,
        NumberKind.EightBit or NumberKind.EightBitBlock when !units.HasEightBits => ServingKinds.WordOf(NumberKind.EightBitWeights)!,
        var kind => ServingKinds.WordOf(kind) ?? Bfloat16,
    };

    /// <summary>8 bits of engines that keep the cache in what products run in where that is narrow on both sides.</summary>
    private static string CacheOf(string type, ServingEngine engine) =>
        engine.CachesInEightBits && NumberOf(type) is not (NumberKind.SixteenBit or NumberKind.EightBitWeights or NumberKind.FourBitWeights) ? Fp8 : Bfloat16;

    /// <summary>
    /// Whether an engine keeps the cache in 8 bits because the checkpoint does, without being told: vLLM and TensorRT-LLM by any section, SGLang by the model optimizer's (<c>configure_kv_cache_dtype</c>).
    /// </summary>
    private static bool KeepsCache(StoredWeights stored, ServingEngine engine) => stored.CachesInEightBits && (stored.IsCacheOfOptimizer || engine.Name != Sglang);
}

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

    /// <summary>The number formats that they stand for.</summary>
    public ProductKinds Kinds => new(
        NumberOf(Attention), NumberOf(FeedForward), NumberOf(Experts), Cache == Fp8 ? NumberKind.EightBit : NumberKind.SixteenBit);

    /// <summary>Data types of a product's names that are described.</summary>
    public static IReadOnlyList<string> Products { get; } = [Bfloat16, Fp8, Fp8Block, Nvfp4];

    /// <summary>The number format of a product's data type.</summary>
    internal static NumberKind NumberOf(string type) => type switch
    {
        Fp8 => NumberKind.EightBit,
        Fp8Block => NumberKind.EightBitBlock,
        Nvfp4 => NumberKind.FourBit,
        Mxfp4 => NumberKind.FourBitByEight,
        PackedMxfp4 => NumberKind.FourBitWeights,
        _ => NumberKind.SixteenBit,
    };

    /// <summary>What an engine runs a checkpoint in.</summary>
    /// <param name="model">The model.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="products">Data type of products as asked for; null for the checkpoint's own.</param>
    /// <param name="hasFourBitUnits">Whether the chip computes in 4 bits.</param>
    /// <param name="experts">Data type of routed experts as asked for; null for that of products.</param>
    public static ServingPrecision Of(TransformerModel model, ServingEngine engine, string? products, bool hasFourBitUnits, string? experts = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(engine);
        if (model.Structure is { Storage.HasFourBitExpertsAlone: true })
        {
            return new ServingPrecision(Bfloat16, Bfloat16, hasFourBitUnits ? Mxfp4 : PackedMxfp4, Bfloat16);
        }

        bool hasBlockScales = model.Structure is { Storage.HasBlockScales: true };
        string Scaled(string asked) => asked == Fp8 && hasBlockScales ? Fp8Block : asked;
        string type = Scaled(products ?? (hasBlockScales ? Fp8Block : Bfloat16));

        // 4-bit checkpoints of latent models keep attention in 16 bits.
        string attention = type == Nvfp4 && model.Latent is not null ? Bfloat16 : type;
        return new ServingPrecision(attention, type, Scaled(experts ?? type), type != Bfloat16 && engine.CachesInEightBits ? Fp8 : Bfloat16);
    }
}

using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Launches;

/// <summary>
/// What of products is launches: how many a number format's are, and how the ones that were measured were launched. Sources: TensorRT-LLM's linear layers
/// (<c>tensorrt_llm/_torch/modules/linear.py</c>, <c>cudaFp8Utils.cu</c>), and the benchmark of ai-dynamo/aiconfigurator that measured them (<c>collect_gemm.py</c>, <c>collect_gemm_trt.py</c>).
/// </summary>
public static class ProductLaunches
{
    private const double MostCopies = 5;
    private const double CountedBytesOfFourBits = 0.5;

    /// <summary>
    /// Launches of a product as it was measured. 8-bit floats with a scale a tensor, which is found as they come, take five: setting the scale to zero, the largest element, quantizing, the scale in 32 bits,
    /// the product. With scales by block a kernel finds and applies them: two. Of a launch that is timed alone the events around it count as launches do: three.
    /// </summary>
    /// <param name="kind">The number format.</param>
    public static double Of(NumberKind kind) => kind switch
    {
        NumberKind.SixteenBit => 1,
        NumberKind.EightBit => 5,
        _ => AreTimedAlone(kind) ? 3 : 2,
    };

    /// <summary>
    /// Launches of an operator: of products as many as their format's, without the events where nothing times them (8-bit integers two, quantizing and the product, weights alone one); of
    /// latent attention's in 8 bits two, quantizing and the product; of the others of a family as many as of each other.
    /// </summary>
    /// <param name="shape">The operator.</param>
    public static double Of(in OperatorShape shape) => shape.Family switch
    {
        OperatorFamily.Product when AreTimedAlone(shape.Kind) && !shape.IsTimedAlone => shape.Kind == NumberKind.EightBitInteger ? 2 : 1,
        OperatorFamily.Product => Of(shape.Kind),
        OperatorFamily.LatentProduct when !ProductComponents.TakesSixteenBits(shape.Kind) => 2,
        _ => 1,
    };

    /// <summary>Whether a format's products were measured as layers of TensorRT, by its profiler, each once after layers whose weights fill any cache; the others over and over in a graph.</summary>
    /// <param name="kind">The number format.</param>
    public static bool AreTimedAlone(NumberKind kind) => kind is NumberKind.EightBitInteger or NumberKind.EightBitWeights or NumberKind.FourBitWeights;

    /// <summary>A product as it was measured: alone, or over copies of its weights in turn, as many as exceed the cache (4 bits counted without their scales), but five at most.</summary>
    /// <param name="product">The product.</param>
    /// <param name="chip">The chip.</param>
    public static OperatorShape AsMeasured(in OperatorShape product, in RooflineChip chip)
    {
        double cache = chip.Structure.Whole(chip.ComputeUnits).CacheBytes;
        double weight = product.Kind == NumberKind.FourBit ? CountedBytesOfFourBits : RooflineChip.WeightBytes(product.Kind);
        double copies = Math.Ceiling(cache / (product.Columns * product.Depth * weight));
        return AreTimedAlone(product.Kind) ? product with { IsTimedAlone = true } : product with { IsRepeated = true, Copies = Math.Clamp(copies, 1, MostCopies) };
    }
}

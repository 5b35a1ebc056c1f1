namespace FastSim.Kernels.Models;

/// <summary>What weights are for: quantization spares some roles.</summary>
[Flags]
public enum WeightRoles
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Projections of attention, its indexer included.</summary>
    Attention = 1,

    /// <summary>Dense feed-forward.</summary>
    DenseFeedForward = 2,

    /// <summary>Routed experts.</summary>
    RoutedExperts = 4,

    /// <summary>Shared experts.</summary>
    SharedExperts = 8,

    /// <summary>Router.</summary>
    Router = 16,

    /// <summary>Logits projection and embedding table.</summary>
    Embedding = 32,
}

/// <summary>How a checkpoint stores weights.</summary>
/// <param name="OwnBytes">Bytes per element of the model's own data type.</param>
/// <param name="QuantizedBytes">Bytes per element of quantized weights, their scales included; the same as <paramref name="OwnBytes"/> where none are.</param>
/// <param name="Quantized">Roles that are quantized.</param>
public sealed record StoredWeights(double OwnBytes, double QuantizedBytes, WeightRoles Quantized)
{
    /// <summary>Unit in which quantized weights are stored (<c>weight_block_size</c>, or a group's size along the inputs).</summary>
    public WeightBlock Block { get; init; } = WeightBlock.None;

    /// <summary>Bytes per element in the checkpoint of what a run's weight bytes stand for.</summary>
    public double MainBytes => Quantized == WeightRoles.None ? OwnBytes : QuantizedBytes;

    /// <summary>Unit of a role's weights: <see cref="Block"/> where the role is quantized.</summary>
    /// <param name="role">What the weights are for.</param>
    public WeightBlock BlockOf(WeightRoles role) => (Quantized & role) != 0 ? Block : WeightBlock.None;

    /// <summary>
    /// Bytes per element that a run counts: what quantization spares keeps its own bytes, all else takes the run's (<c>w</c>). Without
    /// quantization the run decides about all.
    /// </summary>
    /// <param name="role">What the weights are for.</param>
    /// <param name="runBytes">Weight bytes of the run.</param>
    public double BytesOf(WeightRoles role, double runBytes) =>
        Quantized == WeightRoles.None || (Quantized & role) != 0 ? runBytes : OwnBytes;
}

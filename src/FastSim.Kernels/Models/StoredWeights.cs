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

/// <summary>How a checkpoint stores weights (docs/cost-model.md, "What a checkpoint weighs").</summary>
/// <param name="OwnBytes">Bytes per element of the model's own data type.</param>
/// <param name="QuantizedBytes">
/// Bytes per element of the format that most quantized weights are stored in, their scales and zero points included; the same as
/// <paramref name="OwnBytes"/> where none are.
/// </param>
/// <param name="Quantized">Roles that are in that format altogether.</param>
public sealed record StoredWeights(double OwnBytes, double QuantizedBytes, WeightRoles Quantized)
{
    /// <summary>Unit in which weights of that format are stored (<c>weight_block_size</c>, or a group's size along the inputs).</summary>
    public WeightBlock Block { get; init; } = WeightBlock.None;

    /// <summary>
    /// What each projection of each block is stored in; null where every one of them is as <see cref="Quantized"/> says of its role.
    /// </summary>
    public StoredProjections? Projections { get; init; }

    /// <summary>Units of the roles that are stored otherwise than <see cref="Block"/> and <see cref="Quantized"/> say.</summary>
    public IReadOnlyDictionary<WeightRoles, WeightBlock> Blocks { get; init; } = new Dictionary<WeightRoles, WeightBlock>();

    /// <summary>What products of most weights of a role are computed in; a role that is not among them is stored in the model's own type, or the model has none of it.</summary>
    public IReadOnlyDictionary<WeightRoles, ProductFormat> Products { get; init; } = new Dictionary<WeightRoles, ProductFormat>();

    /// <summary>Whether the checkpoint says that keys and values are kept in 8 bits, with scales of its own.</summary>
    public bool CachesInEightBits { get; init; }

    /// <summary>Whether it says so as NVIDIA's model optimizer does, which is what SGLang goes by.</summary>
    public bool IsCacheOfOptimizer { get; init; }

    /// <summary>Whether the checkpoint is quantized at all: only then a run's bytes stand for less than all weights.</summary>
    public bool IsQuantized => Quantized != WeightRoles.None || Projections is not null;

    /// <summary>The role that says what feed-forwards but routed experts run in: dense ones where they are narrow, else shared experts.</summary>
    public WeightRoles OtherFeedForward => Products.ContainsKey(WeightRoles.DenseFeedForward) ? WeightRoles.DenseFeedForward : WeightRoles.SharedExperts;

    /// <summary>Whether some 8-bit weights carry a scale a block, and their activations.</summary>
    public bool HasBlockScales => Products.Values.Any(IsBlockScaled);

    /// <summary>Whether most of a role's weights do.</summary>
    /// <param name="role">What the weights are for.</param>
    public bool HasBlockScalesIn(WeightRoles role) => Products.TryGetValue(role, out ProductFormat format) && IsBlockScaled(format);

    private static bool IsBlockScaled(ProductFormat format) => format is { WeightBytes: > 0.75, Activations: ActivationFormat.EightBitBlock };

    /// <summary>Whether routed experts alone are stored in a format narrower than the model's own.</summary>
    public bool HasExpertsAlone => Products.Count == 1 && Products.ContainsKey(WeightRoles.RoutedExperts);

    /// <summary>Whether these are in 4 bits for narrow activations where the chip has such units, and for the model's own elsewhere (gpt-oss): no engine runs anything else of them.</summary>
    public bool HasFourBitExpertsAlone =>
        HasExpertsAlone && Products[WeightRoles.RoutedExperts] is { WeightBytes: < 0.75, Activations: ActivationFormat.EightBitBlock };

    /// <summary>Bytes per element in the checkpoint of what a run's weight bytes stand for.</summary>
    public double MainBytes => IsQuantized ? QuantizedBytes : OwnBytes;

    /// <summary>
    /// Unit that a shard of a role's matrices holds a whole number of; where projections of a role are stored in different units, the
    /// least unit that all of them divide.
    /// </summary>
    /// <param name="role">What the weights are for.</param>
    public WeightBlock BlockOf(WeightRoles role)
    {
        if (Blocks.TryGetValue(role, out WeightBlock own))
        {
            return own;
        }

        return (Quantized & role) != 0 ? Block : WeightBlock.None;
    }

    /// <summary>
    /// Bytes per element that a run counts: what quantization spares keeps its own bytes, all else takes the run's (<c>w</c>). Without
    /// quantization the run decides about all.
    /// </summary>
    /// <param name="role">What the weights are for.</param>
    /// <param name="runBytes">Weight bytes of the run.</param>
    public double BytesOf(WeightRoles role, double runBytes) =>
        !IsQuantized || (Quantized & role) != 0 ? runBytes : OwnBytes;

    /// <summary>The same of a projection, at the mean over the blocks that are lowered together.</summary>
    /// <param name="projection">The projection.</param>
    /// <param name="first">First block of a pipeline stage.</param>
    /// <param name="count">Blocks of the stage.</param>
    /// <param name="mixing">For attention, what mixes its tokens; null where any counts.</param>
    /// <param name="runBytes">Weight bytes of the run.</param>
    public double BytesOf(Projection projection, int first, int count, TokenMixing? mixing, double runBytes) =>
        Projections is null
            ? BytesOf(ProjectionShape.RoleOf(projection), runBytes)
            : Projections.Mean(projection, first, count, mixing).Bytes(runBytes);
}

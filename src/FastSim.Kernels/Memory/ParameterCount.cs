using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Memory;

/// <summary>
/// Weights of a whole model, in elements and in bytes, as the operators that run it hold them: what a card holds is a share of exactly
/// these. Draft blocks are not counted.
/// </summary>
/// <param name="Attention">Attention of all blocks, norms included.</param>
/// <param name="DenseFeedForward">Dense feed-forwards, norms included; what blocks make of inputs of their own besides.</param>
/// <param name="RoutedExperts">All routed experts.</param>
/// <param name="SharedExperts">All shared experts, once each.</param>
/// <param name="Routers">Routers and the norms before them.</param>
/// <param name="EmbeddingTable">The embedding table, and others that are looked up; 0 when the vocabulary is not stated.</param>
/// <param name="Logits">The logits projection with the norm before it; the norm alone where it is the embedding table.</param>
/// <param name="ActiveRoutedExperts">Of the routed experts, those that one token visits.</param>
/// <param name="TableMultiplies">Whether the embedding table is the logits projection, so that a token meets all of it.</param>
/// <param name="Bytes">Bytes of all of it.</param>
public sealed record ParameterCount(
    double Attention,
    double DenseFeedForward,
    double RoutedExperts,
    double SharedExperts,
    double Routers,
    double EmbeddingTable,
    double Logits,
    double ActiveRoutedExperts,
    bool TableMultiplies,
    double Bytes)
{
    private static readonly ParallelLayout OneCard = new(1, 1, 1, 1, 1, 1, 0, 0);

    /// <summary>The second table of a model whose blocks have inputs of their own; 0 where there is none.</summary>
    public double LayerInputTable { get; init; }

    /// <summary>All parameters.</summary>
    public double Total => LayerInputTable + Attention + DenseFeedForward + RoutedExperts + SharedExperts + Routers + EmbeddingTable + Logits;

    /// <summary>Parameters of a token's pass with the embedding table in full, as some publishers count.</summary>
    public double ActiveWithTable => Total - RoutedExperts + ActiveRoutedExperts;

    /// <summary>Parameters that a token's pass multiplies with: the embedding table is looked up, so it counts only where it projects to the logits, too.</summary>
    public double Active => (TableMultiplies ? ActiveWithTable : ActiveWithTable - EmbeddingTable) - LayerInputTable;

    /// <summary>Counts a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="weightBytes">Bytes per element of weights that quantization does not spare.</param>
    public static ParameterCount Of(TransformerModel model, double weightBytes)
    {
        ArgumentNullException.ThrowIfNull(model);
        OperatorTable table = StageLowering.Lower(new DeploymentShape(
            model with { CachedTokens = 0 },
            new SequenceLengths(1, 1),
            new Precision(weightBytes, 1, 1, 1),
            Accounting.Physical,
            MultiTokenPrediction.Off,
            Phase.Decode,
            OneCard with { SharedReplicas = model.Experts?.SharedExpertsPerToken ?? 0 },
            MicroBatches: 1));
        ParameterCount count = new(0, 0, 0, 0, 0, 0, 0, 0, false, 0);
        for (int op = 0; op < table.Count; op++)
        {
            double elements = table.WeightElements[op] * table.Repeats[op];
            count = count.With(table.Identities[op], elements, model.Experts) with { Bytes = count.Bytes + (elements * table.WeightBytes[op]) };
        }

        double embedding = (double)model.Vocabulary * model.Hidden;
        double bytesPerEmbedding = model.WeightBytes(WeightRoles.Embedding, weightBytes);
        if (model.Structure is { TiedEmbeddings: true })
        {
            // Its projection was counted as an operator; it is the table.
            count = count with { Logits = 0, TableMultiplies = true };
        }
        else
        {
            count = count with { Bytes = count.Bytes + (embedding * model.EmbeddingBytes(weightBytes)) };
        }

        double lookedUp = model.Structure?.LookedUpElements ?? 0;

        double layerTable = model.Structure?.LayerInputs?.TableElements(model.Blocks) ?? 0;
        double lastNorm = model.Structure?.WeightsOfNorm(model.Hidden) ?? 0;
        return count with
        {
            DenseFeedForward = count.DenseFeedForward - layerTable,
            LayerInputTable = layerTable,
            EmbeddingTable = embedding + lookedUp,
            Logits = count.Logits + lastNorm,
            Bytes = count.Bytes + (lastNorm * bytesPerEmbedding) + (lookedUp * model.EmbeddingBytes(weightBytes)),
        };
    }

    private ParameterCount With(in OperatorIdentity identity, double elements, MixtureOfExperts? experts)
    {
        switch (identity.Part)
        {
            case StagePart.Attention:
                return this with { Attention = Attention + elements };
            case StagePart.FeedForward when identity.Block != StageLowering.ExpertBlock:
                return this with { DenseFeedForward = DenseFeedForward + elements };
            case StagePart.FeedForward when identity.Kind == LaunchKind.SharedProduct:
                return this with { SharedExperts = SharedExperts + elements };
            case StagePart.FeedForward when identity.Kind is not (LaunchKind.ExpertGateUp or LaunchKind.ExpertDown):
                return this with { Routers = Routers + elements };
            case StagePart.FeedForward:
                int shared = experts!.LatentWidth > 0 ? 0 : experts.SharedExpertsPerToken;
                double perExpert = elements / (experts.Experts + shared);
                return this with
                {
                    RoutedExperts = RoutedExperts + (perExpert * experts.Experts),
                    SharedExperts = SharedExperts + (perExpert * shared),
                    ActiveRoutedExperts = ActiveRoutedExperts + (perExpert * experts.ActiveExperts),
                };
            case StagePart.Logits:
                return this with { Logits = Logits + elements };
            default:
                return this;
        }
    }
}

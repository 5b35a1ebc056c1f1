namespace FastSim.Kernels.Models;

/// <summary>
/// What a published configuration says of a model's blocks beyond the seed's form (docs/cost-model.md, "Blocks that differ"). A model of the
/// seed's form has none: its blocks follow <see cref="MixtureOfExperts.DenseBlocksBetween"/> and are counted as the sample counts them.
/// </summary>
/// <param name="Pattern">The blocks in order.</param>
/// <param name="QueryKeyNorm">How queries and keys are normalised before they meet.</param>
/// <param name="NormsPerBlock">2, before attention and feed-forward; 4, after them too; 1, for both at once.</param>
/// <param name="Extras">Small weights of a block.</param>
/// <param name="Indexer">What selects the tokens of sparse attention; null where a row attends to all within reach.</param>
/// <param name="TiedEmbeddings">Whether the logits projection is the embedding table itself.</param>
/// <param name="Storage">How the checkpoint stores weights.</param>
public sealed record BlockStructure(
    BlockPattern Pattern,
    QueryKeyNorm QueryKeyNorm,
    int NormsPerBlock,
    BlockExtras Extras,
    SparseIndexer? Indexer,
    bool TiedEmbeddings,
    StoredWeights Storage)
{
    /// <summary>Whether dense feed-forwards have no gate: up, activation and down alone (Nemotron).</summary>
    public bool HasPlainFeedForward { get; init; }

    /// <summary>
    /// Whether attention and feed-forward of a block stand beside each other: both read the block's input, and their outputs join the residual stream
    /// together. <see cref="NormsPerBlock"/> is 1 then where they share a norm, 2 where each has its own.
    /// </summary>
    public bool IsParallel { get; init; }

    /// <summary>
    /// Blocks after which the residual stream is kept, for attention and feed-forward of all later blocks to read (Kimi-K3's <c>attn_res_block_size</c>); 0
    /// where it is not.
    /// </summary>
    public int ResidualEvery { get; init; }

    /// <summary>Several residual streams; null where there is one.</summary>
    public HyperConnections? Streams { get; init; }

    /// <summary>What every block takes of the token besides the hidden state; null where none does.</summary>
    public LayerInputs? LayerInputs { get; init; }

    /// <summary>Rows of the residual stream that an attention or a feed-forward reads besides its input, on average over the blocks.</summary>
    public double ResidualRows
    {
        get
        {
            int blocks = Pattern.Blocks.Count;
            double rows = 0;
            for (int block = 0; ResidualEvery > 0 && block < blocks; block++)
            {
                rows += Math.Ceiling((double)block / ResidualEvery);
            }

            return rows / blocks;
        }
    }

    /// <summary>Whether outputs are normalised before they join the residual stream, too.</summary>
    public bool NormalisesOutputs => NormsPerBlock == 4;

    /// <summary>
    /// Elements of tables beside the embedding's, which are looked up and never multiplied, and of small vectors outside blocks: learnt positions, a norm of
    /// the embedding, biases of the logits. Every card that has the embedding keeps them whole.
    /// </summary>
    public double LookedUpElements { get; init; }

    /// <summary>Weights of a norm of some width: its scale, and its shift where norms have one.</summary>
    public double WeightsOfNorm(double width) => Has(BlockExtras.NormsWithoutScale) ? 0 : Has(BlockExtras.NormBias) ? 2 * width : width;

    /// <summary>Whether blocks have a small weight.</summary>
    public bool Has(BlockExtras extra) => (Extras & extra) != 0;
}

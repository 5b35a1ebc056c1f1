namespace FastSim.Kernels.Models;

/// <summary>
/// What turns images into tokens before a language model's first block (docs/cost-model.md, "Vision encoders"): patches of an image become rows, blocks of
/// bidirectional attention and a feed-forward follow, rows are put together, and products take them to the language model's width. Its weights and
/// activations are in 16 bits whatever the language model's are.
/// </summary>
/// <param name="Hidden">Width of its residual stream.</param>
/// <param name="Blocks">Blocks that run.</param>
/// <param name="Heads">Heads, of queries as of keys and values.</param>
/// <param name="HeadSize">Width of a head.</param>
/// <param name="FeedForward">Width of the feed-forward.</param>
/// <param name="PatchElements">Numbers of a patch: its pixels in all channels, and frames.</param>
/// <param name="MergedRows">Rows of blocks that become one token of the prompt.</param>
/// <param name="Projector">Products from there to the language model's width, in order.</param>
public sealed record VisionTower(
    int Hidden, int Blocks, int Heads, int HeadSize, int FeedForward, int PatchElements, int MergedRows, IReadOnlyList<VisionProduct> Projector)
{
    /// <summary>Whether the feed-forward has a gate.</summary>
    public bool IsGated { get; init; }

    /// <summary>Whether queries and keys are rotated.</summary>
    public bool HasRotary { get; init; }

    /// <summary>Whether queries, keys and values have a bias.</summary>
    public bool HasInputBias { get; init; }

    /// <summary>Whether the output of attention has a bias.</summary>
    public bool HasOutputBias { get; init; }

    /// <summary>Whether products of the feed-forward have biases.</summary>
    public bool HasFeedForwardBias { get; init; }

    /// <summary>Whether queries and keys have a norm over all heads.</summary>
    public bool NormalisesQueriesAndKeys { get; init; }

    /// <summary>Whether outputs of attention and of the feed-forward have norms, too.</summary>
    public bool NormalisesOutputs { get; init; }

    /// <summary>Elements of a block that are neither matrices nor their biases: norms, scales.</summary>
    public int BlockElements { get; init; }

    /// <summary>Rows of blocks of a tile, where images are cut into tiles of one size that do not see each other; 0 where an image of any size is one piece.</summary>
    public int TileRows { get; init; }

    /// <summary>Tokens that a tile becomes; 0 where there are none.</summary>
    public int TileTokens { get; init; }

    /// <summary>Rows of a window that attention stays in, in all but some blocks; 0 where all see the whole image.</summary>
    public int WindowRows { get; init; }

    /// <summary>Of blocks with windows, those that see the whole image all the same.</summary>
    public int WholeBlocks { get; init; }

    /// <summary>Norms over all rows outside blocks.</summary>
    public int OuterNorms { get; init; } = 1;

    /// <summary>Elements of tables, biases and norms outside blocks and products.</summary>
    public double OuterElements { get; init; }

    /// <summary>Elements that a checkpoint has and no image needs: blocks behind the one whose output is taken.</summary>
    public double IdleElements { get; init; }

    /// <summary>Elements of a block's matrices and biases, norms and scales.</summary>
    public double ElementsOfBlock
    {
        get
        {
            double width = (double)Heads * HeadSize;
            double into = IsGated ? 2 : 1;
            return (4 * Hidden * width) + (HasInputBias ? 3 * width : 0) + (HasOutputBias ? Hidden : 0)
                + ((into + 1) * Hidden * FeedForward) + (HasFeedForwardBias ? (into * FeedForward) + Hidden : 0) + BlockElements;
        }
    }

    /// <summary>Elements of all of it, projector and idle blocks included.</summary>
    public double Parameters =>
        ((double)PatchElements * Hidden) + (Blocks * ElementsOfBlock) + Projector.Sum(product => product.Elements) + OuterElements + IdleElements;

    /// <summary>Whether images are cut into tiles of one size.</summary>
    public bool HasTiles => TileRows > 0;

    /// <summary>Tiles of an image; 1 where it is one piece.</summary>
    /// <param name="tokens">Tokens of the prompt that it becomes.</param>
    public int Tiles(int tokens) => HasTiles ? ((tokens - 1) / TileTokens) + 1 : 1;

    /// <summary>Rows of blocks of an image.</summary>
    /// <param name="tokens">Tokens of the prompt that it becomes.</param>
    public double Rows(int tokens) => HasTiles ? (double)Tiles(tokens) * TileRows : (double)tokens * MergedRows;

    /// <summary>Tokens that the projector works on.</summary>
    /// <param name="tokens">Tokens of the prompt that an image becomes.</param>
    public double ProjectedTokens(int tokens) => HasTiles ? (double)Tiles(tokens) * TileTokens : tokens;

    /// <summary>Whether so many cards can share its heads and feed-forward out.</summary>
    /// <param name="ranks">Cards.</param>
    public bool Divides(int ranks) => Heads % ranks == 0 && FeedForward % ranks == 0;
}

/// <summary>How the cards of a rank share a product of a projector out.</summary>
public enum ProductCut
{
    /// <summary>Each has all of it.</summary>
    None,

    /// <summary>Each has some of its outputs.</summary>
    Outputs,

    /// <summary>Each has some of its inputs, and sums are added up.</summary>
    Inputs,
}

/// <summary>A product of a projector, over the tokens that an image becomes.</summary>
/// <param name="Input">Its depth.</param>
/// <param name="Output">Its width.</param>
/// <param name="Cut">How cards share it out.</param>
/// <param name="HasBias">Whether it has a bias.</param>
/// <param name="Times">Projectors that there are of the kind, each run over all tokens.</param>
public sealed record VisionProduct(int Input, int Output, ProductCut Cut, bool HasBias, int Times = 1)
{
    /// <summary>Elements of all of them.</summary>
    public double Elements => Times * (((double)Input * Output) + (HasBias ? Output : 0));
}

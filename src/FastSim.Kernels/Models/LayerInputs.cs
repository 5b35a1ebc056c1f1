namespace FastSim.Kernels.Models;

/// <summary>
/// Inputs of each block by itself (Gemma 3n and 4, "per-layer embeddings"): a second table holds a narrow vector a token and block, to which a projection of
/// the embedded token is added; each block gates it, projects it to the hidden state and adds it. Source: transformers' <c>gemma4</c>.
/// </summary>
/// <param name="Width"><c>hidden_size_per_layer_input</c>: elements a block.</param>
/// <param name="Vocabulary"><c>vocab_size_per_layer_input</c>: rows of the table.</param>
public sealed record LayerInputs(int Width, int Vocabulary)
{
    /// <summary>Elements of a token, all blocks together.</summary>
    /// <param name="blocks">Blocks of the model.</param>
    public double WidthOfAll(int blocks) => (double)Width * blocks;

    /// <summary>Elements of the table; it is looked up, never multiplied.</summary>
    /// <param name="blocks">Blocks of the model.</param>
    public double TableElements(int blocks) => Vocabulary * WidthOfAll(blocks);
}

namespace FastSim.Kernels.Models;

/// <summary>Images of a request that an encoder turns into tokens of its prompt.</summary>
/// <param name="Images">Images; 0 for none.</param>
/// <param name="TokensEach">Tokens of the prompt that each becomes.</param>
public readonly record struct ImageLoad(int Images, int TokensEach)
{
    /// <summary>Tokens of the prompt that are of images.</summary>
    public long Tokens => (long)Images * TokensEach;
}

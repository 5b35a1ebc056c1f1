namespace FastSim.Kernels.Models;

/// <summary>The load of one request, in tokens.</summary>
/// <param name="Input">Prompt tokens, cached ones included.</param>
/// <param name="Output">Generated tokens.</param>
public sealed record SequenceLengths(int Input, int Output)
{
    /// <summary>Images of which tokens of the prompt are made.</summary>
    public ImageLoad Images { get; init; }

    /// <summary>Context that a decode step reads on average: the mid-generation length <c>S = seq + out/2 + 1</c>, integer division (cost model A2).</summary>
    public int MidGenerationContext => Input + (Output / 2) + 1;
}

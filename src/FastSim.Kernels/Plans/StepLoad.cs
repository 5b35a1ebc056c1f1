namespace FastSim.Kernels.Plans;

/// <summary>What one step of an instance works on.</summary>
/// <param name="Decoding">Sequences that get their next token, a rank.</param>
/// <param name="Prompts">Prompts that are prefilled, a rank.</param>
/// <param name="PromptTokens">Tokens of each that are new.</param>
/// <param name="PromptPast">Tokens of each that are cached.</param>
public readonly record struct StepLoad(double Decoding, double Prompts, double PromptTokens, double PromptPast)
{
    /// <summary>A step that decodes alone.</summary>
    /// <param name="decoding">Sequences that get their next token, a rank.</param>
    public static StepLoad Decode(double decoding) => new(decoding, 0, 0, 0);
}

namespace FastSim.Kernels.Clocks;

/// <summary>Prompts that a launch is of.</summary>
/// <param name="Prompts">Prompts, a rank; 0 where it is of no prompt.</param>
/// <param name="NewTokens">Tokens of each that are new.</param>
/// <param name="PastTokens">Tokens of each that are cached.</param>
public readonly record struct PromptRows(double Prompts, double NewTokens, double PastTokens);

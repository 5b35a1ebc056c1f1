namespace FastSim.Kernels.Roofline;

/// <summary>
/// How a kind of plan turns a stage's time into what limits look at, as coefficients of the step (the stage and the send), the stage and
/// the batch <c>s</c>: <c>perToken = PerTokenPerStep·step + PerTokenPerSequence·s</c>, or the longer of the two,
/// <c>firstToken = FirstTokenConstant + FirstTokenPerStep·step + (perToken when it waits for one)</c>.
/// </summary>
/// <param name="PerTokenPerStep">Steps a token waits for; NaN for a plan that does not decode.</param>
/// <param name="PerTokenPerSequence">Seconds that prefill adds to a token per sequence of the batch.</param>
/// <param name="FirstTokenPerStep">Steps the first token waits for.</param>
/// <param name="FirstTokenConstant">Seconds the first token waits for besides; NaN for a plan that does not prefill.</param>
/// <param name="FirstTokenWaitsForToken">Whether the first token waits for a token time, too.</param>
/// <param name="TokensPerSequence">Tokens that a rank yields a pass per sequence of the batch.</param>
/// <param name="PassIsStage">Whether a pass is one stage; otherwise it is a token time.</param>
/// <param name="PromptsPerToken">Prompts that are prefilled per token time and sequence of the batch; 0 for a plan that does not prefill beside decoding.</param>
/// <param name="PromptsToFirstToken">Prompt times that the first token waits for, in such a plan.</param>
/// <param name="PerTokenIsLonger">Whether a token takes the longer of steps and prompts at least, not their sum: where some of the prompts are its sequence's own; lanes, which no such plan has, know none.</param>
public readonly record struct LatencyForm(
    double PerTokenPerStep,
    double PerTokenPerSequence,
    double FirstTokenPerStep,
    double FirstTokenConstant,
    bool FirstTokenWaitsForToken,
    double TokensPerSequence,
    bool PassIsStage,
    double PromptsPerToken = 0,
    double PromptsToFirstToken = 0,
    bool PerTokenIsLonger = false)
{
    /// <summary>Whether prompts are prefilled beside decoding: then the form holds for one prompt time.</summary>
    public bool HasPrompt => PromptsToFirstToken != 0;

    /// <summary>The form at a prompt time.</summary>
    /// <param name="promptSeconds">Time of one prompt's step through a stage.</param>
    public LatencyForm WithPrompt(double promptSeconds) => this with
    {
        PerTokenPerSequence = PromptsPerToken * promptSeconds,
        FirstTokenConstant = PromptsToFirstToken * promptSeconds,
    };
}

namespace FastSim.Kernels.Models;

/// <summary>Draft tokens of multi-token prediction (cost model B6).</summary>
/// <param name="DraftTokens">Tokens drafted each decode step, and extra blocks that draft them; 0 turns prediction off.</param>
/// <param name="Acceptance">Probability that a draft token is accepted given that its predecessor was, 0 to 1.</param>
public sealed record MultiTokenPrediction(int DraftTokens, double Acceptance)
{
    /// <summary>No drafts.</summary>
    public static MultiTokenPrediction Off { get; } = new(0, 0);

    /// <summary>Expected tokens a step yields: <c>1 + Σ acceptance^i</c> for i = 1 … drafts.</summary>
    public double TokensPerStep
    {
        get
        {
            double tokens = 1;
            double chain = 1;
            for (int draft = 0; draft < DraftTokens; draft++)
            {
                chain *= Acceptance;
                tokens += chain;
            }

            return tokens;
        }
    }
}

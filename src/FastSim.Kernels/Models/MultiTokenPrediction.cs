namespace FastSim.Kernels.Models;

/// <summary>Draft tokens of a decode step and how many of them count (cost model B6; docs/cost-model.md, "Drafts").</summary>
public sealed record MultiTokenPrediction
{
    /// <summary>Drafts each of which is accepted with the same chance, given that its predecessor was: <c>1 + Σ acceptance^i</c> tokens a step.</summary>
    /// <param name="draftTokens">Tokens drafted each decode step; 0 turns prediction off.</param>
    /// <param name="acceptance">That chance, 0 to 1.</param>
    public MultiTokenPrediction(int draftTokens, double acceptance)
    {
        DraftTokens = draftTokens;
        TokensPerStep = Tokens([.. Enumerable.Repeat(acceptance, draftTokens)]);
    }

    private MultiTokenPrediction(int draftTokens)
    {
        DraftTokens = draftTokens;
        TokensPerStep = 1;
    }

    /// <summary>No drafts.</summary>
    public static MultiTokenPrediction Off { get; } = new(0);

    /// <summary>Tokens drafted each decode step; 0 turns prediction off.</summary>
    public int DraftTokens { get; }

    /// <summary>What drafts them; null for blocks of the model itself, one a draft token.</summary>
    public DraftModel? Draft { get; init; }

    /// <summary>Blocks that the model has more for its drafts.</summary>
    public int Blocks => Draft is null ? DraftTokens : 0;

    /// <summary>Expected tokens a step yields: those of its drafts that are accepted, and one that the model itself adds; 1 to drafts + 1.</summary>
    public double TokensPerStep { get; private init; }

    /// <summary>Drafts with a chance for each place: <c>1 + Σ_i Π_(j≤i) acceptance_j</c> tokens a step.</summary>
    /// <param name="acceptance">Of each place, first to last, the chance that its draft is accepted given that all before were; 0 to 1 each.</param>
    public static MultiTokenPrediction ByPosition(ReadOnlySpan<double> acceptance) => new(acceptance.Length) { TokensPerStep = Tokens(acceptance) };

    /// <summary>Drafts of which the tokens a step are known, as engines report them.</summary>
    /// <param name="draftTokens">Tokens drafted each decode step.</param>
    /// <param name="tokens">Mean tokens a step, the model's own included: from 1 to drafts + 1.</param>
    public static MultiTokenPrediction OfMeanLength(int draftTokens, double tokens) => new(draftTokens) { TokensPerStep = tokens };

    private static double Tokens(ReadOnlySpan<double> acceptance)
    {
        double tokens = 1;
        double chain = 1;
        foreach (double one in acceptance)
        {
            chain *= one;
            tokens += chain;
        }

        return tokens;
    }
}

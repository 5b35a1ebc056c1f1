using FastSim.Kernels.Models;

namespace FastSim.Search.Fronts;

/// <summary>A deployment of a job that no other beats in throughput, time per output token and time to first token.</summary>
/// <param name="Prefill">Where prefill has cards of its own, its plan.</param>
/// <param name="Decode">The plan that decodes, or does both; null where cards only prefill.</param>
/// <param name="Merit">What it is weighed by: throughput in tokens that are generated, or prompt tokens where cards only prefill.</param>
public sealed record FrontPoint(FrontPlan? Prefill, FrontPlan? Decode, Merit Merit)
{
    /// <summary>Cards it takes.</summary>
    public int Cards => (Prefill?.Layout.Cards ?? 0) + (Decode?.Layout.Cards ?? 0);

    /// <summary>Throughput of one of its cards.</summary>
    public double TokensPerCardSecond => Merit.TokensPerSecond / Cards;

    /// <summary>Joules of its cards for one of its tokens; NaN unless <see cref="Jobs.PlanObjective.Energy"/> is asked for.</summary>
    public double JoulesPerToken { get; init; } = double.NaN;

    /// <summary>Requests/s: of prompts where cards only prefill.</summary>
    /// <param name="lengths">Tokens of a request.</param>
    public double RequestsPerSecond(SequenceLengths lengths) => Merit.TokensPerSecond / (Decode is null ? lengths.Input : lengths.Output);

    /// <summary>Tokens/s that a user sees; infinite where nothing decodes.</summary>
    public double TokensPerUserSecond => 1 / Merit.PerTokenSeconds;

    /// <summary>Which of two of equal merit comes first: fewer cards, then by plans.</summary>
    internal static int Order(FrontPoint one, FrontPoint other)
    {
        int by = one.Cards.CompareTo(other.Cards);
        by = by != 0 ? by : Order(one.Prefill, other.Prefill);
        return by != 0 ? by : Order(one.Decode, other.Decode);
    }

    private static int Order(FrontPlan? one, FrontPlan? other) => one is { } first && other is { } second ? FrontPlan.Order(first, second) : 0;
}

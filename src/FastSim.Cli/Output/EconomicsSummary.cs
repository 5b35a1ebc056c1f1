using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>What a deployment costs and draws, for programs; what is unknown is missing.</summary>
internal sealed record EconomicsSummary(
    double? DollarsPerMillionTokens,
    double? DollarsPerMillionInputTokens,
    double? CardWatts,
    double? JoulesPerToken,
    double? TokensPerSecondPerWatt,
    double? TokensPerSecondPerMegawatt,
    double? JoulesPerTokenAtBoardWatts,
    double? TokensPerSecondPerMegawattAtBoardWatts)
{
    private static readonly EconomicsSummary Nothing = new(null, null, null, null, null, null, null, null);

    /// <summary>The figures that are known; null where none is.</summary>
    public static EconomicsSummary? Of(in DeploymentEconomics figures)
    {
        EconomicsSummary known = new(
            Known(figures.DollarsPerMillionTokens),
            Known(figures.DollarsPerMillionInputTokens),
            Known(figures.CardWatts),
            Known(figures.JoulesPerToken),
            Known(figures.TokensPerSecondPerWatt),
            Known(figures.TokensPerSecondPerMegawatt),
            Known(figures.JoulesPerTokenAtBoardWatts),
            Known(figures.TokensPerSecondPerMegawattAtBoardWatts));
        return known == Nothing ? null : known;
    }

    /// <summary>A figure; null where it is unknown.</summary>
    internal static double? Known(double figure) => double.IsNaN(figure) ? null : figure;
}

/// <summary>What the cards of a phase cost and draw at the rate that they reach by themselves, for programs.</summary>
internal sealed record PoolSummary(
    double? DollarsPerHour, double? DollarsPerMillionTokens, double? CardWatts, double? JoulesPerToken, double? JoulesPerTokenAtBoardWatts)
{
    private static readonly PoolSummary Nothing = new(null, null, null, null, null);

    /// <summary>The figures that are known; null where none is.</summary>
    public static PoolSummary? Of(in CardPool pool)
    {
        PoolSummary known = new(
            EconomicsSummary.Known(pool.DollarsPerHour),
            EconomicsSummary.Known(pool.DollarsPerMillionTokens),
            EconomicsSummary.Known(pool.Draw.Watts),
            EconomicsSummary.Known(pool.JoulesPerToken),
            EconomicsSummary.Known(pool.JoulesPerTokenAtBoardWatts));
        return known == Nothing ? null : known;
    }
}

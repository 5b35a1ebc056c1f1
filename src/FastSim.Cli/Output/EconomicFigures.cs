using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>A figure of cost or energy as tables of runs and sweeps name it.</summary>
/// <typeparam name="T">What has it: a deployment, or the cards of a phase.</typeparam>
/// <param name="Name">Its name.</param>
/// <param name="Value">The figure; NaN where it is unknown.</param>
/// <param name="IsStated">Whether some chip of a table states what it needs.</param>
internal sealed record EconomicFigure<T>(string Name, Func<T, double> Value, Func<StatedEconomics, bool> IsStated);

/// <summary>The figures of cost and energy, in the order of tables (docs/cost-model.md, "Cost and energy").</summary>
internal static class EconomicFigures
{
    /// <summary>Figures of a whole deployment.</summary>
    public static IReadOnlyList<EconomicFigure<DeploymentEconomics>> OfDeployment { get; } =
    [
        new("dollars_per_million_tokens", whole => whole.DollarsPerMillionTokens, stated => stated.Prices),
        new("dollars_per_million_input_tokens", whole => whole.DollarsPerMillionInputTokens, stated => stated.Prices),
        new("card_watts", whole => whole.CardWatts, stated => stated.Energies),
        new("joules_per_token", whole => whole.JoulesPerToken, stated => stated.Energies),
        new("tokens_per_second_per_watt", whole => whole.TokensPerSecondPerWatt, stated => stated.Energies),
        new("tokens_per_second_per_megawatt", whole => whole.TokensPerSecondPerMegawatt, stated => stated.Energies),
        new("joules_per_token_at_board_watts", whole => whole.JoulesPerTokenAtBoardWatts, stated => stated.BoardWatts),
        new("tokens_per_second_per_megawatt_at_board_watts", whole => whole.TokensPerSecondPerMegawattAtBoardWatts, stated => stated.BoardWatts),
    ];

    /// <summary>Figures of the cards of one phase of a split, at the rate that they reach by themselves; names follow the phase's.</summary>
    public static IReadOnlyList<EconomicFigure<CardPool>> OfPhase { get; } =
    [
        new("dollars_per_million_tokens", pool => pool.DollarsPerMillionTokens, stated => stated.Prices),
        new("card_watts", pool => pool.Draw.Watts, stated => stated.Energies),
        new("joules_per_token", pool => pool.JoulesPerToken, stated => stated.Energies),
        new("joules_per_token_at_board_watts", pool => pool.JoulesPerTokenAtBoardWatts, stated => stated.BoardWatts),
    ];
}

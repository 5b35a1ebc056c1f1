using System.Globalization;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>What a deployment costs and draws, in words.</summary>
internal static class EconomicsText
{
    /// <summary>A line of what is known; null where nothing is.</summary>
    public static string? Of(JobResult result) => Figures(result) is { } figures ? Text($"run_{result.Job.Index} cost: {figures}") : null;

    /// <summary>What is known; null where nothing is.</summary>
    public static string? Figures(JobResult result)
    {
        DeploymentEconomics figures = DeploymentEconomics.Of(result);
        string each = result.Decode is null ? "a prompt token" : "a token";
        string[] parts =
        [
            .. Part(figures.DollarsPerMillionTokens, figure => Text($"${figure:G4} a million {(result.Decode is null ? "prompt tokens" : "tokens")}{Prompts(result, figures)}")),
            .. Part(figures.JoulesPerToken, figure => Text($"{figure:G4} J {each}, {figures.CardWatts:N0} W a card, {figures.TokensPerSecondPerMegawatt:N0} tokens/s/MW")),
            .. Part(figures.JoulesPerTokenAtBoardWatts, figure => Text($"at board watts {figure:G4} J {each}, {figures.TokensPerSecondPerMegawattAtBoardWatts:N0} tokens/s/MW")),
        ];
        return parts.Length == 0 ? null : string.Join("; ", parts);
    }

    /// <summary>The same dollars by prompt tokens, where there are those and others.</summary>
    private static string Prompts(JobResult result, in DeploymentEconomics figures) => result.Decode is null || double.IsNaN(figures.DollarsPerMillionInputTokens)
        ? ""
        : Text($", or ${figures.DollarsPerMillionInputTokens:G4} a million prompt tokens");

    private static string[] Part(double figure, Func<double, string> words) => double.IsNaN(figure) ? [] : [words(figure)];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

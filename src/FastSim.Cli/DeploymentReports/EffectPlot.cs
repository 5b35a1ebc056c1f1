using System.Globalization;
using FastSim.Cli.Planning;
using FastSim.Cli.Reports;
using FastSim.Search.Jobs;

namespace FastSim.Cli.DeploymentReports;

/// <summary>What ten per cent more and less of each of a chip's resources would do.</summary>
internal static class EffectPlot
{
    private const string Missing = "no plan";

    /// <summary>Draws the effects.</summary>
    /// <param name="helps">The effects.</param>
    /// <param name="objective">What changes.</param>
    /// <param name="tips">Takes what marks say.</param>
    public static Plot Draw(IReadOnlyList<ResourceEffect> helps, PlanObjective objective, PageTips tips)
    {
        string figure = objective switch
        {
            PlanObjective.Latency => "time of a request",
            PlanObjective.FirstToken => "time to first token",
            PlanObjective.PerToken => "time per output token",
            PlanObjective.Cost => "price of a token",
            PlanObjective.Energy => "energy of a token",
            _ => "throughput",
        };
        string title = $"Ten per cent more or less of a resource changes {figure} by";
        Effect[] effects =
        [
            .. helps.Select(effect => new Effect(
                effect.Resource,
                [effect.More * 100, effect.Less * 100],
                tips.Add(effect.Resource, $"10 % more: {Said(effect.More)}", $"10 % less: {Said(effect.Less)}"))),
        ];
        return new Plot(
            "effects",
            title,
            "Searched anew: layout and batch may change with the chip.",
            EffectBars.Draw(title, $"change of {figure}, %", [("10 % more", Palette.Kind(0)), ("10 % less", Palette.Kind(4))], effects, Missing),
            new PageTable(
                title,
                ["resource", "10 % more", "10 % less"],
                [.. helps.Select(effect => (IReadOnlyList<PageCell>)[effect.Resource, Cell(effect.More), Cell(effect.Less)])]));
    }

    private static PageCell Cell(double change) => double.IsFinite(change) ? new PageCell(Said(change), change) : Missing;

    private static string Said(double change) => double.IsFinite(change) ? change.ToString("+0.0 %;-0.0 %;0 %", CultureInfo.InvariantCulture) : Missing;
}

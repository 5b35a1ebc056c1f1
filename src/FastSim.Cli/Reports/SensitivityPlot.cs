using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Reports;

/// <summary>What the best variant's throughput is sensitive to: its change with a per cent more along each axis.</summary>
internal static class SensitivityPlot
{
    /// <summary>Draws it; null where there is no best variant, or no axis of numbers.</summary>
    /// <param name="name">Name of the picture.</param>
    /// <param name="held">Whose best it is, in words.</param>
    /// <param name="plan">The sweep.</param>
    /// <param name="table">Its rows.</param>
    /// <param name="best">Row of the best variant; -1 for none.</param>
    public static Plot? Draw(string name, string held, SweepPlan plan, SweepTable table, int best)
    {
        Sensitivity sensitivity = new(table, plan.Space, plan.First.Jobs.Length, table.Number(SweepColumns.PerCard));
        (SweepAxis Axis, double Elasticity)[] axes =
        [
            .. plan.Space.Axes.Select((axis, index) => (Axis: axis, Index: index, Column: Sensitivity.ColumnOf(axis))).Where(each => best >= 0 && each.Column is not null)
                .Select(each => (each.Axis, Elasticity: sensitivity.At(best, each.Index, each.Column!)))
                .OrderByDescending(each => double.IsNaN(each.Elasticity) ? -1 : Math.Abs(each.Elasticity)),
        ];
        if (axes.Length == 0)
        {
            return null;
        }

        string title = $"What the best is sensitive to{held}";
        return new Plot(
            name,
            title,
            "Change of throughput with one per cent more along an axis, from the best variant's neighbours.",
            EffectBars.Draw(
                title,
                "change of tokens/s a card with 1 % more, %",
                [("change", Palette.Kind(0))],
                [.. axes.Select(each => new Effect($"{AxisLabels.NameOf(each.Axis)}: {(double.IsNaN(each.Elasticity) ? "no neighbour has a plan" : each.Elasticity.ToString("0.#### '%'", CultureInfo.InvariantCulture))}", [each.Elasticity], null))],
                ""),
            new PageTable(title, ["axis", "% of throughput a % more"], [.. axes.Select(each => (IReadOnlyList<PageCell>)[AxisLabels.NameOf(each.Axis), PageCell.Of(each.Elasticity)])]));
    }
}

using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Reports;

/// <summary>
/// What of a sweep a page shows: its first axis across, its second up, its third as small multiples; any other stands where the job's best
/// variant has it. Axes of many steps show evenly spread ones.
/// </summary>
internal sealed class ReportView
{
    private const int MostAcross = 120;
    private const int MostUp = 80;
    private const int MostPanels = 12;

    /// <summary>Panels of small multiples are small: more cells than these would be specks, and make the page heavy.</summary>
    private const int MostAcrossOfMany = 40;
    private const int MostUpOfMany = 30;

    private static readonly int[] Most = [MostAcross, MostUp, MostPanels];
    private static readonly int[] MostOfMany = [MostAcrossOfMany, MostUpOfMany, MostPanels];

    private readonly SweepPlan plan;
    private readonly SweepTable table;
    private readonly int[][] fixedSteps;
    private readonly int[] bestRows;

    public ReportView(SweepPlan plan, SweepTable table)
    {
        this.plan = plan;
        this.table = table;
        int[] varying = [.. Enumerable.Range(0, plan.Space.Axes.Count).Where(axis => plan.Space.Axes[axis].Count > 1)];
        Axes = [.. varying.Take(Most.Length)];
        int[] most = Axes.Count > 2 ? MostOfMany : Most;
        Steps = [.. Axes.Select((axis, place) => Sample(plan.Space.Axes[axis].Count, most[place]))];
        double[] score = table.Number(plan.RankedBy);
        int[] best = new int[plan.First.Jobs.Length];
        Array.Fill(best, -1);
        for (int row = 0; row < table.Count; row++)
        {
            ref int own = ref best[table.Jobs[row]];
            if (!double.IsNaN(score[row]) && (own < 0 || score[row] > score[own]))
            {
                own = row;
            }
        }

        bestRows = best;
        fixedSteps = Array.ConvertAll(best, row => Enumerable.Range(0, plan.Space.Axes.Count)
            .Select(axis => row < 0 ? 0 : plan.Space.StepOf(table.Variants[row], axis))
            .ToArray());
        Fixed = [.. varying.Skip(Most.Length)];
    }

    /// <summary>Axes shown: across, up, in panels; as many as the sweep has.</summary>
    public IReadOnlyList<int> Axes { get; }

    /// <summary>Small multiples: as many as the third axis has steps, one without it.</summary>
    public int Panels => Axes.Count > 2 ? Steps[2].Length : 1;

    /// <summary>Row of the best variant of a job; -1 when it has none.</summary>
    public int BestRowOf(int job) => bestRows[job];

    /// <summary>Steps shown of each.</summary>
    public IReadOnlyList<int[]> Steps { get; }

    /// <summary>Axes that stand still.</summary>
    public IReadOnlyList<int> Fixed { get; }

    /// <summary>Whether steps of some axis are left out.</summary>
    public bool IsSampled => Axes.Where((axis, place) => Steps[place].Length < plan.Space.Axes[axis].Count).Any();

    /// <summary>Step at which an axis stands still in a job's plots.</summary>
    public int FixedStepOf(int job, int axis) => fixedSteps[job][axis];

    /// <summary>What stands still in a job's plots, and where; nothing where all axes are shown.</summary>
    public string FixedText(int job) => string.Join(
        ", ", Fixed.Select(axis => $"{AxisLabels.NameOf(plan.Space.Axes[axis])} = {AxisLabels.Of(plan.Space.Axes[axis], FixedStepOf(job, axis))}"));

    /// <summary>Name of a shown axis.</summary>
    public string NameOf(int place) => AxisLabels.NameOf(plan.Space.Axes[Axes[place]]);

    /// <summary>The same, and what its values are measured in.</summary>
    public string UnitNameOf(int place) => AxisLabels.WithUnit(plan.Space.Axes[Axes[place]]);

    /// <summary>Place of a shown step along its axis: its value, or its number where a step has several values.</summary>
    public double PositionOf(int place, int index) => Column(place)?.Values[Steps[place][index]] ?? Steps[place][index];

    /// <summary>Whether steps of a shown axis are numbers along it, and not names.</summary>
    public bool IsNumeric(int place) => Column(place) is not null;

    /// <summary>What a shown step is called.</summary>
    public string LabelOf(int place, int index) => AxisLabels.Of(plan.Space.Axes[Axes[place]], Steps[place][index]);

    /// <summary>Row of a cell; -1 when it has none.</summary>
    public int RowOf(int job, params ReadOnlySpan<int> indices)
    {
        long variant = 0;
        for (int axis = 0; axis < fixedSteps[job].Length; axis++)
        {
            variant += fixedSteps[job][axis] * plan.Space.StrideOf(axis);
        }

        for (int place = 0; place < indices.Length; place++)
        {
            int axis = Axes[place];
            variant += (Steps[place][indices[place]] - fixedSteps[job][axis]) * plan.Space.StrideOf(axis);
        }

        return table.RowOf(variant, job, plan.First.Jobs.Length);
    }

    /// <summary>The column of an axis of one, where its values are all there and all different; null otherwise.</summary>
    private AxisColumn? Column(int place) => AxisLabels.Shown(plan.Space.Axes[Axes[place]]) is [var only]
        && Array.TrueForAll(only.Values, value => value is not null) && only.Values.Distinct().Count() == only.Values.Length
        ? only
        : null;

    private static int[] Sample(int count, int most) => count <= most
        ? [.. Enumerable.Range(0, count)]
        : [.. Enumerable.Range(0, most).Select(index => (int)((long)index * (count - 1) / (most - 1)))];
}

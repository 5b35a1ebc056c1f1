using FastSim.Kernels.Fitting;

namespace FastSim.Cli.Surrogates;

/// <summary>
/// Which timing forms of launches that are of no family of operators a model states: those of families whose forms, fitted to all chips but one, come closer to what that one
/// measured than its roofline does. The others' constants are one chip's, and no form is better than a wrong one.
/// </summary>
internal static class StatedTimings
{
    /// <summary>Forms fitted to all chips, of the families that hold on chips held out.</summary>
    /// <param name="model">What was trained on all.</param>
    /// <param name="unseen">Chips held out, and what was trained on the others; nothing is known to hold where there is one chip alone.</param>
    public static Dictionary<(string Family, string Kind), double[]> Of(LearnedModel model, HeldOutChips unseen)
    {
        HashSet<string> holding = unseen.Chips.Count > 1 ? [.. Holding(unseen)] : [];
        return model.Timings.Value.Where(pair => holding.Contains(pair.Key.Family)).ToDictionary();
    }

    private static IEnumerable<string> Holding(HeldOutChips unseen) =>
        from chip in unseen.Chips
        from kind in chip.Chip.Kinds
        where kind.Measured.Count > 0 && kind.Shape(0) is null && chip.Model.Timings.Value.ContainsKey((kind.Form.Family, kind.Kind))
        group (kind, chip.Model) by (kind.Form.Family, chip.Chip.Name) into family
        select (family.Key.Family, Forms: MedianError(family, Form), Roofline: MedianError(family, Peaks)) into errors
        group errors by errors.Family into chips
        where chips.Sum(errors => errors.Forms) < chips.Sum(errors => errors.Roofline)
        select chips.Key;

    private static double MedianError(IEnumerable<(MeasuredKind Kind, LearnedModel Model)> kinds, Func<MeasuredKind, LearnedModel, double[]> times) =>
        FitErrors.Of(kinds.SelectMany(each => times(each.Kind, each.Model).Zip(each.Kind.Measured, (time, measured) => time / measured))).Median;

    private static double[] Form(MeasuredKind kind, LearnedModel model)
    {
        double[] times = new double[kind.Measured.Count];
        kind.Model([.. Enumerable.Range(0, times.Length)])(model.Timings.Value[(kind.Form.Family, kind.Kind)], times);
        return times;
    }

    private static double[] Peaks(MeasuredKind kind, LearnedModel model) => [.. Enumerable.Range(0, kind.Measured.Count).Select(kind.Roofline)];
}

using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Reports;

/// <summary>What a sweep is about, in words.</summary>
internal static class SweepTitle
{
    private const int MostModels = 3;

    /// <summary>A sweep's title.</summary>
    public static string Of(SweepPlan plan)
    {
        string[] models = [.. plan.First.Jobs.Select(job => job.Job.Model.Name).Distinct()];
        string axes = Listed([.. plan.Space.Axes.Where(axis => axis.Count > 1).Select(AxisLabels.NameOf)]);
        string of = models.Length <= MostModels ? Listed(models) : $"{models.Length} models";
        return $"Throughput of {of}{(axes.Length > 0 ? $" over {axes}" : "")}";
    }

    /// <summary>The chips that variants start from.</summary>
    public static string Base(SweepPlan plan) =>
        Listed([.. plan.First.Jobs.SelectMany(job => new[] { job.Job.PrefillChip.Name, job.Job.DecodeChip.Name }).Distinct()]);

    private static string Listed(string[] words) => words.Length < 2 ? string.Concat(words) : $"{string.Join(", ", words[..^1])} and {words[^1]}";
}

using System.Globalization;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Planning;

/// <summary>What a job accepts, in words.</summary>
internal static class LimitWords
{
    /// <summary>Its limits of latency, cost and energy; null where it has none.</summary>
    public static string? Of(Job job)
    {
        string? latency = (job.Limits.FirstTokenMilliseconds, job.Limits.PerTokenMilliseconds) switch
        {
            (null, null) => null,
            ({ } first, null) => Text($"first token within {first:#,0.###} ms"),
            (null, { } token) => Text($"each further token within {token:#,0.###} ms"),
            ({ } first, { } token) => Text($"first token within {first:#,0.###} ms, each further within {token:#,0.###} ms"),
        };
        string? cost = job.CostLimit is { } dollars ? Text($"at most ${dollars:G6} a million tokens") : null;
        string? energy = job.EnergyLimit is { } joules ? Text($"at most {joules:G6} J a token") : null;
        string all = string.Join("; ", new[] { latency, cost, energy }.OfType<string>());
        return all.Length > 0 ? all : null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

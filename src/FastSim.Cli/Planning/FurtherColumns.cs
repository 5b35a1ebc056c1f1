using FastSim.Cli.Output;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Planning;

/// <summary>Columns that a table of deployments has besides the usual ones, where some job of it asks for what they say.</summary>
/// <param name="Asked">Dimensions of layouts that are asked for.</param>
/// <param name="Second">Whether weights or caches may lie in a second memory.</param>
/// <param name="Energy">Whether energy is what counts.</param>
internal readonly record struct FurtherColumns(AskedDimensions Asked, bool Second, bool Energy)
{
    private const string Joules = "joules_per_token";

    private static readonly string[] Phases = ["prefill", "decoder"];
    private static readonly string[] SecondShares = ["mem2_weight_share", "mem2_cache_share"];

    /// <summary>All there are.</summary>
    public static FurtherColumns All { get; } = new(AskedDimensions.All, Second: true, Energy: true);

    /// <summary>Their names.</summary>
    public IEnumerable<string> Names => [.. Of([.. Asked.Names]), .. Second ? Of(SecondShares) : [], .. Energy ? [Joules] : Array.Empty<string>()];

    /// <summary>Those of a table over some jobs.</summary>
    public static FurtherColumns Of(IReadOnlyCollection<Job> jobs) => new(
        AskedDimensions.Of(jobs), jobs.Any(SecondMemoryRows.AreAsked), jobs.Any(job => job.Objective == PlanObjective.Energy));

    /// <summary>Values of a deployment, each with its column; of a phase that it has not none.</summary>
    public IEnumerable<(string Column, double Value)> ValuesOf(FrontPoint point) => Names.Zip(Values(point));

    private IEnumerable<double> Values(FrontPoint point)
    {
        foreach (double value in Asked.Values(point.Prefill?.Layout, isPrefill: true).Concat(Asked.Values(point.Decode?.Layout, isPrefill: false)))
        {
            yield return value;
        }

        if (Second)
        {
            foreach (FrontPlan? plan in new[] { point.Prefill, point.Decode })
            {
                yield return plan?.Layout.Second.Weights ?? double.NaN;
                yield return plan?.Layout.Second.Cache ?? double.NaN;
            }
        }

        if (Energy)
        {
            yield return point.JoulesPerToken;
        }
    }

    private static IEnumerable<string> Of(string[] columns) => Phases.SelectMany(phase => columns.Select(column => $"{phase}_{column}"));
}

using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Networks;
using FastSim.Kernels.Plans;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>What priced the launches of plans that an engine runs, and for how much of their time.</summary>
internal static class TimingText
{
    private const int MostNames = 6;

    /// <summary>Shares of a stage's time by the word of the clock that priced it; null where no engine runs it.</summary>
    public static IReadOnlyDictionary<string, double>? Shares(PhaseWinner winner)
    {
        double all = winner.Launches.Sum(launch => launch.Microseconds);
        return all > 0
            ? winner.Launches.GroupBy(launch => launch.Clock).OrderByDescending(group => group.Key)
                .ToDictionary(group => ServingChoice.WordOf(group.Key), group => group.Sum(launch => launch.Microseconds) / all)
            : null;
    }

    /// <summary>Launches that the roofline priced, for want of another clock that knows them.</summary>
    public static string[] ByRoofline(PhaseWinner winner) =>
        [.. winner.Launches.Where(launch => launch.Clock == ClockKind.Roofline).Select(launch => launch.Name).Distinct()];

    /// <summary>
    /// That fitted times of exchanges know the size of a group and not how it is wired, of the chips whose wiring or collectives say so; null where none does.
    /// </summary>
    /// <param name="results">All results: it is said once.</param>
    public static string? OfWiring(IEnumerable<JobResult> results)
    {
        string[] chips =
        [
            .. results.SelectMany(result => new[] { result.Prefill, result.Decode }).OfType<PhaseWinner>().Where(HasFittedExchange)
                .Where(winner => winner.Rates.Chip.Networks.Any(AlgorithmChoice.Holds)).Select(winner => winner.Rates.Chip.Name).Distinct(StringComparer.Ordinal),
        ];
        string names = $"{string.Join(", ", chips.Take(MostNames))}{(chips.Length > MostNames ? ", …" : "")}";
        return chips.Length == 0
            ? null
            : $"fitted times of exchanges know how many cards take part, not topology or collectives of {names}: \"timing\": \"roofline\" goes by them";
    }

    private static bool HasFittedExchange(PhaseWinner winner)
    {
        HashSet<string> exchanges = new(StringComparer.Ordinal);
        foreach (OperatorIdentity identity in winner.Table.Identities)
        {
            if (identity.Engine == OperatorEngine.Network)
            {
                exchanges.Add(identity.Name);
            }
        }

        return winner.Launches.Any(launch => launch.Clock == ClockKind.Fitted && exchanges.Contains(launch.Name));
    }

    /// <summary>A line about a job's answer; null where no engine runs it.</summary>
    public static string? Of(JobResult result)
    {
        if (result.Job.Engine is not { } engine)
        {
            return null;
        }

        PricedLaunch[] launches = [.. new[] { result.Prefill, result.Decode }.OfType<PhaseWinner>().SelectMany(winner => winner.Launches)];
        double all = launches.Sum(launch => launch.Microseconds);
        string[] shares =
        [
            .. launches.GroupBy(launch => launch.Clock).OrderByDescending(group => group.Key).Select(group => string.Create(
                CultureInfo.InvariantCulture, $"{ServingChoice.WordOf(group.Key)} {group.Sum(launch => launch.Microseconds) / all * 100:0.0} %")),
        ];
        string[] names = [.. launches.Where(launch => launch.Clock == ClockKind.Roofline).Select(launch => launch.Name).Distinct()];
        string rest = names.Length is 0 || shares.Length == 1 ? "" : $" ({string.Join(", ", names.Take(MostNames))}{(names.Length > MostNames ? ", …" : "")})";
        string clocks = result.Job.Timing.Count == 0 ? "roofline" : string.Join(", ", result.Job.Timing.Select(ServingChoice.WordOf));
        return $"run_{result.Job.Index} engine {engine.Name}, timing {clocks}{(shares.Length == 0 ? "" : $": {string.Join(", ", shares)} of the time of steps{rest}")}";
    }
}

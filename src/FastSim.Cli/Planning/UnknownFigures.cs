using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Planning;

/// <summary>What options of <c>plan</c> ask for that a chip's file does not say: which option it is, and how to say it.</summary>
internal static class UnknownFigures
{
    /// <summary>Checks that a chip has a price where one is asked for.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="file">File of the chip.</param>
    /// <param name="chip">The chip.</param>
    /// <exception cref="ConfigurationException">It has none.</exception>
    public static void CheckPrice(PlanRequest request, string file, Chip chip)
    {
        string? asked = request.CostLimit is { } dollars ? string.Create(CultureInfo.InvariantCulture, $"--max-cost: found {dollars}")
            : request.Objective == PlanObjective.Cost ? "--objective: found cost"
            : null;
        if (asked is not null && chip.Economics?.DollarsPerHour is null)
        {
            throw new ConfigurationException($"{asked}; expected a chip whose price is known: {Remedy(file, chip, "price_per_hour", "dollars of a card and hour")}");
        }
    }

    /// <summary>Whether what deployments draw decides between them.</summary>
    /// <param name="request">What is asked.</param>
    public static bool AsksForEnergy(PlanRequest request) => request.EnergyLimit is not null || request.Objective == PlanObjective.Energy;

    /// <summary>A complaint that deployments cannot be chosen by energy; null where the chip states all that jobs need.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="file">File of the chip.</param>
    /// <param name="jobs">The jobs, without what asks for energy.</param>
    public static ConfigurationException? OfEnergy(PlanRequest request, string file, IEnumerable<Job> jobs)
    {
        string asked = request.EnergyLimit is { } joules ? string.Create(CultureInfo.InvariantCulture, $"--max-energy: found {joules}") : "--objective: found energy";
        foreach (Job job in jobs)
        {
            if (EnergyLimitChecks.Missing(job, job.DecodeChip) is { } missing)
            {
                return new ConfigurationException(
                    $"{asked}; expected a chip whose energy is known: {Remedy(file, job.DecodeChip, missing, missing == "idle_watts" ? "watts" : "joules")}");
            }
        }

        return null;
    }

    private static string Remedy(string file, Chip chip, string figure, string unit) =>
        $"{chip.Name} states no {figure}; state it, {unit}, in a copy of {file}, and give that to --chip";
}

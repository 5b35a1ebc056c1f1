using FastSim.Kernels.Chips;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Configuration;

/// <summary>
/// Whether deployments can be held to a limit of energy, or be chosen by it: what they draw must be known, and where two phases share a limit it must be throughput or energy that they are chosen by.
/// </summary>
internal static class EnergyLimitChecks
{
    /// <summary>Checks jobs that a limit holds for.</summary>
    /// <param name="source">The limit, as it is written; null for none.</param>
    /// <param name="jobs">The jobs.</param>
    /// <exception cref="ConfigurationException">It cannot be held.</exception>
    public static void Check(JsonValue source, IReadOnlyList<Job> jobs)
    {
        if (source.IsNull)
        {
            return;
        }

        foreach (Job job in jobs)
        {
            if (job.Mode == ServingMode.Split && job.Objective is not (PlanObjective.Throughput or PlanObjective.Energy))
            {
                throw source.Complaint("null, or objective \"throughput\" or \"energy\": the phases of a split share the limit, and no front of throughput and latencies holds the best within it");
            }

            Known(expected => source.Complaint(expected), "null", job);
        }
    }

    /// <summary>Checks that what deployments draw is known of jobs that are to draw little.</summary>
    /// <param name="complaint">What is wrong with their objective, of what is expected.</param>
    /// <param name="jobs">The jobs.</param>
    /// <exception cref="ConfigurationException">It is not.</exception>
    public static void CheckObjective(Func<string, ConfigurationException> complaint, IReadOnlyList<Job> jobs)
    {
        foreach (Job job in jobs.Where(job => job.Objective == PlanObjective.Energy))
        {
            Known(complaint, "another objective", job);
        }
    }

    private static void Known(Func<string, ConfigurationException> complaint, string otherwise, Job job)
    {
        foreach (Chip chip in new[] { job.PrefillChip, job.DecodeChip })
        {
            if (Missing(job, chip) is { } missing)
            {
                throw complaint($"{otherwise}, or a chip whose energy is known: {chip.Name} states no {missing}");
            }
        }
    }

    /// <summary>What a chip's file does not state and a job's energy needs, as a path in it; null where it states all.</summary>
    /// <param name="job">The job.</param>
    /// <param name="chip">The chip.</param>
    public static string? Missing(Job job, Chip chip)
    {
        ChipEconomics stated = chip.Economics ?? ChipEconomics.Unknown;
        FlopsTypes types = job.Types;
        bool readsSecond = job.Prefix.Location == PrefixLocation.SecondMemory
            || new[] { job.Prefill, job.Decode }.SelectMany(restriction => restriction.Second).Any(share => !share.IsNone);
        return stated.IdleWatts is null ? "idle_watts"
            : stated.JoulesPerFlop(types, OperatorRate.Matrix) is null ? $"matrix.{types.Matrix}.joules_per_flop"
            : stated.JoulesPerFlop(types, OperatorRate.Attention) is null ? $"matrix.{types.Attention}.joules_per_flop"
            : stated.JoulesPerFlop(types, OperatorRate.Vector) is null ? $"vector.{types.Vector}.joules_per_flop"
            : stated.MemoryJoulesPerByte is null ? "mem1.joules_per_byte"
            : readsSecond && chip.SecondMemory is { JoulesPerByte: null } ? "mem2.joules_per_byte"
            : job.Cards > 1 && MissingTier(stated, chip.Networks.Count) is { } tier ? $"networks[{tier}].joules_per_byte"
            : null;
    }

    private static int? MissingTier(ChipEconomics stated, int tiers)
    {
        for (int tier = 0; tier < tiers; tier++)
        {
            if (tier >= stated.LinkJoulesPerByte.Count || stated.LinkJoulesPerByte[tier] is null)
            {
                return tier;
            }
        }

        return null;
    }
}

using FastSim.Cli.Configuration;
using FastSim.Cli.Optimising;
using FastSim.Cli.Output;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Commands;

/// <summary>The folder of a search for the best: what may be in it, and what an earlier search left there.</summary>
internal static class OptimiseFolder
{
    /// <summary>Takes the folder of results, in which there must be none of all variants.</summary>
    public static FolderLock Take(SweepPlan plan, string folder)
    {
        OutputFile.CreateFolder(folder);
        foreach (string name in new[] { BestTable.Name, OptimiseCommand.RowsName, ParetoTable.Name, SearchState.Name, "sweep.lock" })
        {
            OutputFile.Check(Path.Combine(folder, name));
        }

        FolderLock held = FolderLock.Take(folder);
        try
        {
            OutputFile.RemoveTemporary(folder);
            if (BlockJournal.FingerprintIn(folder) is not null)
            {
                throw new ConfigurationException($"{folder}: found an unfinished sweep; expected a folder of its own for --optimise, or the sweep finished (--resume) or discarded before");
            }

            if (File.Exists(Path.Combine(folder, plan.File.ResultName)))
            {
                throw new ConfigurationException(
                    $"{folder}: found {plan.File.ResultName}, rows of all variants, whose {BestTable.Name} would be another's; expected a folder of its own for --optimise");
            }

            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>What an earlier search left to go on with; null where there is nothing, or it is to be discarded.</summary>
    public static SearchState? Earlier(SweepOptions options, string folder, string fingerprint)
    {
        if (options.Restart)
        {
            OutputFile.Remove(SearchState.PathIn(folder));
            return null;
        }

        if (SearchState.In(folder) is not { } earlier)
        {
            return null;
        }

        if (!options.Resume)
        {
            throw new ConfigurationException($"{folder}: found an unfinished search; expected --resume to go on with it, or --restart to discard it");
        }

        return earlier.Fingerprint == fingerprint && earlier.Shard == options.Shard
            ? earlier
            : throw new ConfigurationException($"{folder}: found an unfinished search of other files or options; expected those it began with (--restart discards it)");
    }

    /// <summary>Removes what an earlier search found.</summary>
    public static void RemoveResults(string folder)
    {
        foreach (string name in new[] { BestTable.Name, OptimiseCommand.RowsName, ParetoTable.Name })
        {
            OutputFile.Remove(Path.Combine(folder, name));
        }
    }
}

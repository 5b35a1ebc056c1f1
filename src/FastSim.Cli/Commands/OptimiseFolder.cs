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

            RefuseAll(plan, folder);
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>A search that was stopped is not lost to shards put together in its folder.</summary>
    /// <exception cref="ConfigurationException">There is one.</exception>
    public static void RefuseUnfinished(string folder)
    {
        if (File.Exists(SearchState.PathIn(folder)))
        {
            throw new ConfigurationException(
                $"{folder}: found an unfinished search (--optimise); expected it finished (sweep --optimise --resume) or discarded (--restart) before shards are put together there");
        }
    }

    /// <summary>Tables of all variants, the best among which would become another's.</summary>
    private static void RefuseAll(SweepPlan plan, string folder)
    {
        string[] ofAll = [plan.File.ResultName, SweepOutput.SensitivityName, EnvelopeTable.Name];
        string? found = Array.Find(ofAll, name => File.Exists(Path.Combine(folder, name)))
            ?? (File.Exists(Path.Combine(folder, BestTable.Name)) && !File.Exists(Path.Combine(folder, OptimiseCommand.RowsName)) ? BestTable.Name : null);
        if (found is not null)
        {
            throw new ConfigurationException(
                $"{folder}: found {found} of a sweep of all variants, whose best and front would be another's; expected a folder of its own for --optimise");
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

        if (!options.Resume && earlier.HasPlan is not null)
        {
            throw new ConfigurationException($"{folder}: found a finished shard of a search; expected merge --optimise to put it together with the others, or --restart to search it again");
        }

        if (!options.Resume)
        {
            throw new ConfigurationException($"{folder}: found an unfinished search; expected --resume to go on with it, or --restart to discard it");
        }

        return earlier.Fingerprint == fingerprint && earlier.Shard == options.Shard
            ? earlier
            : throw new ConfigurationException($"{folder}: found a search of other files, options, build or shard; expected those it began with (--restart discards it)");
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

using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Commands;

/// <summary><c>fastsim merge</c>: the shards of a sweep, put together.</summary>
public static class MergeCommand
{
    private const int MostNamed = 20;

    /// <summary>Puts the shards of a sweep together.</summary>
    /// <param name="options">What was asked.</param>
    /// <param name="terminal">Where it speaks.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="ConfigurationException">A shard is missing, unfinished or of another sweep.</exception>
    public static int Run(SweepOptions options, Terminal terminal)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(terminal);
        if (options.Optimise)
        {
            return OptimiseCommand.Merge(options, terminal);
        }

        SweepPlan plan = SweepReading.Read(options, terminal, writesFiles: true, out Findings findings, out string fingerprint);
        string folder = plan.File.OutputFolder;
        OutputFile.CreateFolder(folder);
        SweepReading.CheckOutputs(folder, plan, options);
        using FolderLock held = FolderLock.Take(folder);
        OutputFile.RemoveTemporary(folder);
        OptimiseFolder.RefuseUnfinished(folder);
        long blocks = plan.Blocks;
        Shard[] shards = ShardsIn(folder);
        BlockJournal? journal = null;
        try
        {
            byte[] header = BlockJournal.HeaderOf(plan);
            foreach (Shard shard in shards)
            {
                string from = shard.FolderIn(folder);
                string? mark = BlockJournal.FingerprintIn(from);
                if (mark is null)
                {
                    if (File.Exists(Optimising.SearchState.PathIn(from)))
                    {
                        throw new ConfigurationException($"{from}: found a shard of sweep --optimise; expected merge --optimise");
                    }

                    throw new ConfigurationException($"{from}: found a shard that has not begun; expected a finished one (sweep --shard {shard.Index}/{shard.Count})");
                }

                if (mark != fingerprint)
                {
                    throw new ConfigurationException($"{from}: found a shard of another sweep, or of one whose files changed since; expected one of {plan.File.File}");
                }

                using FolderLock heldShard = FolderLock.Take(from);
                using BlockJournal part = BlockJournal.Resume(from, Path.Combine(from, plan.File.ResultName));
                long expected = shard.End(blocks) - shard.First(blocks);
                if (part.Progress.Blocks != expected)
                {
                    throw new ConfigurationException(
                        $"{from}: found {part.Progress.Blocks} of {expected} blocks; expected a finished shard (sweep --shard {shard.Index}/{shard.Count} --resume goes on)");
                }

                journal ??= BlockJournal.Start(folder, fingerprint, header);
                journal.Append(part, header.Length);
            }

            SweepSummary summary = new(plan, journal!.Progress, journal.Tally, TimeSpan.Zero, findings.Warnings);
            SweepTable table = SweepTable.Load(plan, BlockJournal.DataPath(folder), journal.Progress.Rows, new TableColumns(plan));
            return SweepCommand.Finish(plan, folder, journal, table, null, summary, options, terminal, CancellationToken.None);
        }
        finally
        {
            journal?.Dispose();
        }
    }

    /// <summary>The shards in a folder, all of one division.</summary>
    /// <exception cref="ConfigurationException">There are none, or some are missing.</exception>
    internal static Shard[] ShardsIn(string folder)
    {
        Shard[] found =
        [
            .. Directory.EnumerateDirectories(folder, "shard-*-of-*")
                .Select(path => Shard.Parse(Path.GetFileName(path)["shard-".Length..].Replace("-of-", "/", StringComparison.Ordinal)))
                .OfType<Shard>()
                .OrderBy(shard => shard.Index),
        ];
        if (found.Length == 0)
        {
            throw new ConfigurationException($"{folder}: found no shards; expected folders such as shard-1-of-4 that sweep --shard left");
        }

        if (found.Select(shard => shard.Count).Distinct().Count() > 1)
        {
            throw new ConfigurationException($"{folder}: found shards of different divisions; expected those of one");
        }

        int[] missing = [.. Enumerable.Range(1, found[0].Count).Except(found.Select(shard => shard.Index))];
        return missing.Length == 0
            ? found
            : throw new ConfigurationException($"{folder}: found {found.Length} shards of {found[0].Count}; expected {string.Join(", ", missing.Take(MostNamed).Select(index => $"shard-{index}-of-{found[0].Count}"))}{(missing.Length > MostNamed ? ", …" : "")} as well");
    }
}

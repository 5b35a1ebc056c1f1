using System.Diagnostics;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Pictures;
using FastSim.Cli.Sweeps;
using FastSim.Search.Engines;
using FastSim.Search.Fronts;

namespace FastSim.Cli.Commands;

/// <summary><c>fastsim sweep</c>: every variant of a chip, its best plan a row.</summary>
public static class SweepCommand
{
    /// <summary>Rows that may be kept beside the table, some gigabyte of them.</summary>
    private const int MostKept = 1 << 24;

    /// <summary>Runs a sweep, or a shard of one.</summary>
    /// <param name="options">What was asked.</param>
    /// <param name="terminal">Where it speaks.</param>
    /// <param name="cancellation">Ends it early; what is done stays.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="ConfigurationException">The input cannot be used, or a result cannot be written.</exception>
    public static int Run(SweepOptions options, Terminal terminal, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(terminal);
        bool writesFiles = !terminal.AnswersCaller || options.OutputFolder is not null;
        if (options.Optimise && writesFiles)
        {
            return OptimiseCommand.Run(options, terminal, cancellation);
        }

        SweepPlan plan = SweepReading.Read(options, terminal, writesFiles, out Findings findings, out string fingerprint);
        if (!writesFiles)
        {
            return SweepRows.Answer(plan, options, findings.Warnings, terminal);
        }

        string folder = options.Shard.FolderIn(plan.File.OutputFolder);
        OutputFile.CreateFolder(folder);
        SweepReading.CheckOutputs(folder, plan, options);
        using FolderLock held = FolderLock.Take(folder);
        OutputFile.RemoveTemporary(folder);
        RefuseSearch(options, folder);
        using BlockJournal journal = Open(options, folder, fingerprint, plan);
        long blocks = plan.Blocks;
        long first = options.Shard.First(blocks);
        long end = options.Shard.End(blocks);
        Stopwatch watch = Stopwatch.StartNew();
        long done = first + journal.Progress.Blocks;
        if (journal.Damaged > 0 && !options.Quiet)
        {
            terminal.Warn([$"{BlockJournal.JournalPath(folder)}: {journal.Damaged} of its blocks do not fit their rows any more; they are done again"]);
        }

        // Of a shard, of a sweep that goes on with one, and of so many that their rows should lie on the disk first, they are read when they are all there.
        TableColumns columns = new(plan);
        KeptRows? kept = options.Shard.Count == 1 && journal.Progress.Blocks == 0 && MostRows(plan) <= MostKept ? new KeptRows(columns, ExpectedRows(plan)) : null;
        using ParquetRows? parquet = options.Shard.Count == 1 && journal.Progress.Blocks == 0 ? ParquetRows.Of(plan, folder) : null;
        bool isWhole;
        try
        {
            isWhole = Evaluate(plan, options, journal, kept, parquet, done, end, terminal, cancellation);
        }
        catch (FormulaException)
        {
            // The same file can never be finished: there is nothing to go on with.
            journal.Remove();
            throw;
        }

        TimeSpan evaluation = watch.Elapsed;
        if (!isWhole)
        {
            terminal.Error.WriteLine(
                $"stopped after {Whole(journal.Progress.Rows)} rows; --resume goes on from there");
            return ExitCodes.Interrupted;
        }

        SweepSummary summary = new(plan, journal.Progress, journal.Tally, evaluation, findings.Warnings);
        if (options.Shard.Count > 1)
        {
            summary.Result = BlockJournal.DataPath(folder);
            Tell(summary, options, terminal);
            return ExitCodes.Success;
        }

        kept?.Trim();
        SweepTable table = kept is null ? SweepTable.Load(plan, BlockJournal.DataPath(folder), journal.Progress.Rows, columns) : SweepTable.Of(columns, kept);
        return Finish(plan, folder, journal, table, parquet, summary, options, terminal, cancellation);
    }

    /// <summary>A search for the best that was stopped is not lost to a sweep that nobody meant for its folder.</summary>
    private static void RefuseSearch(SweepOptions options, string folder)
    {
        string state = Optimising.SearchState.PathIn(folder);
        if (options.Restart)
        {
            OutputFile.Remove(state);
        }
        else if (File.Exists(state))
        {
            throw new ConfigurationException(
                $"{folder}: found an unfinished search, or a shard of one (--optimise); expected --optimise --resume to go on with it, a folder of its own, or --restart to discard it");
        }
    }

    private static BlockJournal Open(SweepOptions options, string folder, string fingerprint, SweepPlan plan)
    {
        string? unfinished = BlockJournal.FingerprintIn(folder);
        if (unfinished is not null && !options.Restart)
        {
            if (!options.Resume)
            {
                throw new ConfigurationException($"{folder}: found an unfinished sweep; expected --resume to go on with it, or --restart to discard it");
            }

            if (unfinished != fingerprint)
            {
                throw new ConfigurationException(BlockJournal.IsOfAnother(folder, fingerprint, BlockJournal.HeaderOf(plan))
                    ? $"{folder}: found an unfinished sweep of other files, options or another build; expected those it began with (--restart discards it)"
                    : $"{BlockJournal.JournalPath(folder)}: found a journal that was damaged or is another version's; expected one that this version left, to go on with (--restart discards it)");
            }

            return BlockJournal.Resume(folder, Path.Combine(folder, plan.File.ResultName));
        }

        return BlockJournal.Start(folder, fingerprint, BlockJournal.HeaderOf(plan));
    }

    private static bool Evaluate(
        SweepPlan plan, SweepOptions options, BlockJournal journal, KeptRows? kept, ParquetRows? parquet, long first, long end, Terminal terminal, CancellationToken cancellation)
    {
        TableColumns? columns = kept is null ? null : new TableColumns(plan);
        GroupCache groups = new(plan);
        long before = journal.Progress.Blocks;
        using SweepMeter meter = terminal.Meter(first, end, plan.VariantsPerBlock, options.Quiet || options.Json);
        OrderedBlocks.Run<BlockAnswers>(
            first,
            end,
            options.Threads,
            () =>
            {
                BlockSolver solver = new(plan, groups, options.Width, columns, plan.KeepsColumns);
                return block => solver.Solve(
                    block * plan.VariantsPerBlock, Math.Min(plan.Space.Count, (block + 1) * plan.VariantsPerBlock));
            },
            (block, answers) =>
            {
                using (answers)
                {
                    journal.Add(answers);
                    if (answers.Kept is { } rows)
                    {
                        kept!.Add(rows);
                        columns!.Return(rows);
                    }

                    parquet?.Add(answers.Rows);
                }

                meter.Done(block + 1);
            },
            cancellation);
        return journal.Progress.Blocks - before == end - first;
    }

    /// <summary>Rows for which room is made: all that there can be, unless a filter may leave most out.</summary>
    private static int ExpectedRows(SweepPlan plan)
    {
        const int Few = 1 << 16;
        return (int)Math.Min(MostRows(plan), plan.File.Filter is null ? MostKept : Few);
    }

    private static long MostRows(SweepPlan plan) => plan.Space.Count * plan.First.Jobs.Length;

    /// <summary>Writes what a finished sweep leaves, and says what was found.</summary>
    internal static int Finish(
        SweepPlan plan,
        string folder,
        BlockJournal journal,
        SweepTable table,
        ParquetRows? parquet,
        SweepSummary summary,
        SweepOptions options,
        Terminal terminal,
        CancellationToken cancellation)
    {
        SweepOutput output = new(plan, folder, BlockJournal.DataPath(folder), table, parquet, options.Threads);
        FrontEnvelope[]? envelopes = options.Front
            ? VariantFronts.Of(
                plan,
                output.Table,
                EngineSettings.Default with { Threads = options.Threads, Width = options.Width },
                variants => terminal.Meter(0, variants, 1, options.Quiet || options.Json),
                cancellation)
            : [];
        if (envelopes is null)
        {
            terminal.Error.WriteLine("stopped at the fronts of the variants; --resume --front begins them again");
            return ExitCodes.Interrupted;
        }

        summary.Envelope = EnvelopeTable.Write(plan, folder, envelopes);
        summary.Guesses = GuessedRows.ColumnsOf(plan).Any() ? new GuessedRows(plan, output.Table).Count : null;
        summary.TakeBest(output.RowsOf(output.WriteDerived(options.Plots, options.Title)));
        if (options.Plots && !options.Quiet && PngPicture.Absence is { } absence)
        {
            terminal.Warn([absence]);
        }

        summary.Result = output.WriteResult();
        summary.Folder = folder;
        journal.Remove();
        Tell(summary, options, terminal);
        return journal.Progress.Feasible > 0 ? ExitCodes.Success : ExitCodes.NoPlan;
    }

    private static void Tell(SweepSummary summary, SweepOptions options, Terminal terminal)
    {
        if (options.Json)
        {
            terminal.Output.WriteLine(summary.Json());
        }
        else if (!options.Quiet)
        {
            summary.Write(terminal.Output);
        }
    }

    private static string Whole(long number) => number.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);
}

using System.Diagnostics;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Pictures;
using FastSim.Cli.Sweeps;
using FastSim.Search.Engines;
using FastSim.Search.Fronts;

namespace FastSim.Cli.Commands;

/// <summary><c>fastsim sweep</c>: every variant of a chip, its best plan a row; <c>fastsim merge</c>: the shards of one, put together.</summary>
public static class SweepCommand
{
    private static readonly string[] Coefficients = ["calibration_coefficient", "gflops_efficiency", "MB_efficiency", "static_latency"];

    private const int MostNamed = 20;

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

        SweepPlan plan = Read(options, terminal, writesFiles, out Findings findings, out string fingerprint);
        if (!writesFiles)
        {
            return SweepRows.Answer(plan, options, findings.Warnings, terminal);
        }

        string folder = options.Shard.FolderIn(plan.File.OutputFolder);
        OutputFile.CreateFolder(folder);
        CheckOutputs(folder, plan, options);
        using FolderLock held = FolderLock.Take(folder);
        OutputFile.RemoveTemporary(folder);
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

        // Of a shard, or of a sweep that goes on with one, the rows are read when they are all there.
        TableColumns columns = new(plan);
        KeptRows? kept = options.Shard.Count == 1 && journal.Progress.Blocks == 0 && MostRows(plan) <= Array.MaxLength ? new KeptRows(columns, ExpectedRows(plan)) : null;
        bool isWhole;
        try
        {
            isWhole = Evaluate(plan, options, journal, kept, done, end, terminal, cancellation);
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
        SweepTable table = kept is null ? SweepTable.Load(BlockJournal.DataPath(folder), journal.Progress.Rows, columns) : SweepTable.Of(columns, kept);
        return Finish(plan, folder, journal, table, summary, options, terminal, cancellation);
    }

    /// <summary>Puts the shards of a sweep together.</summary>
    /// <param name="options">What was asked.</param>
    /// <param name="terminal">Where it speaks.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="ConfigurationException">A shard is missing, unfinished or of another sweep.</exception>
    public static int Merge(SweepOptions options, Terminal terminal)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(terminal);
        SweepPlan plan = Read(options, terminal, writesFiles: true, out Findings findings, out string fingerprint);
        string folder = plan.File.OutputFolder;
        OutputFile.CreateFolder(folder);
        CheckOutputs(folder, plan, options);
        using FolderLock held = FolderLock.Take(folder);
        OutputFile.RemoveTemporary(folder);
        long blocks = plan.Blocks;
        Shard[] shards = ShardsIn(folder);
        BlockJournal? journal = null;
        try
        {
            byte[] header = RowWriter.Header(plan);
            foreach (Shard shard in shards)
            {
                string from = shard.FolderIn(folder);
                string? mark = BlockJournal.FingerprintIn(from);
                if (mark is null)
                {
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
            SweepTable table = SweepTable.Load(BlockJournal.DataPath(folder), journal.Progress.Rows, new TableColumns(plan));
            return Finish(plan, folder, journal, table, summary, options, terminal, CancellationToken.None);
        }
        finally
        {
            journal?.Dispose();
        }
    }

    /// <summary>Reads and checks a sweep.</summary>
    internal static SweepPlan Read(SweepOptions options, Terminal terminal, bool writesFiles, out Findings findings, out string fingerprint)
    {
        findings = new Findings(options.AllowUnknownKeys);
        SweepFile file = SweepFile.Load(
            options.SweepFile, options.OutputFolder ?? (writesFiles ? null : "."), options.Optimise ? SweepFile.MostSearched : SweepFile.MostAnswered, findings);
        SweepSpace space = new(file);
        if (options.Optimise)
        {
            OptimiseCommand.CheckGroups(file, space);
        }

        if (writesFiles)
        {
            RefuseOverwriting(options.SweepFile, file);
        }

        RuntimeOverrides overrides = RuntimeOverrides.None with
        {
            Accounting = options.Accounting,
            OutputFolder = file.OutputFolder,
            EfficiencyModel = options.EfficiencyModel,
            BeyondContext = options.BeyondContext,
            Timing = options.Timing,
        };
        SweepInputs inputs = new(file, space, overrides, findings);
        Func<long, bool> passes = GroupFilter.Of(file, space);
        inputs.Check(passes);
        long first = 0;
        while (first < space.Groups - 1 && !passes(first))
        {
            first++;
        }

        SweepGroup group = inputs.Group(first);
        SweepPlan plan = new(file, space, inputs, first, group);
        _ = (plan.Filter(), plan.Cost(), plan.Score());
        bool isFitted = group.Jobs.Any(job => job.Job.Timing.Count > 0);
        if (overrides.Models.Digests.Count > 0 || isFitted)
        {
            WarnOfCoefficients(space, isFitted ? "launches that no form fits" : "operators that the efficiency model does not know", findings);
            overrides.Models.Partial.ToList().ForEach(findings.Warn);
        }

        if (!options.Quiet)
        {
            terminal.Warn(findings.Warnings);
        }

        fingerprint = SweepFile.Fingerprint(
            [InputFile.Text(options.SweepFile, InputForm.Json), .. inputs.Documents, .. space.Axes.SelectMany((axis, _) => Enumerable.Range(0, axis.Count).Select(axis.Describe))],
            $"accounting {options.Accounting}",
            $"timing {string.Join(' ', options.Timing ?? [])}",
            $"efficiency {string.Join(' ', overrides.Models.Digests)}, of all {(overrides.EfficiencyModel is { } stated ? overrides.Models.Load(stated).Name : "none")}",
            $"block {plan.VariantsPerBlock}",
            $"build {typeof(SweepCommand).Assembly.ManifestModule.ModuleVersionId} {typeof(Search.Sweeps.SweepJob).Assembly.ManifestModule.ModuleVersionId} {typeof(Kernels.Chips.Chip).Assembly.ManifestModule.ModuleVersionId}");
        return plan;
    }

    private static string[] ResultNames(SweepFile file) => [file.ResultName, BestTable.Name, OptimiseCommand.RowsName, "pareto.csv", EnvelopeTable.Name, "sensitivity.csv", "report.html"];

    /// <summary>No result may take the place of what it is made from.</summary>
    private static void RefuseOverwriting(string sweepFile, SweepFile file)
    {
        string[] inputs = [Path.GetFullPath(sweepFile), Path.GetFullPath(file.RuntimeFile), .. file.Tables.Select(Path.GetFullPath)];
        foreach (string name in ResultNames(file))
        {
            string result = Path.GetFullPath(Path.Combine(file.OutputFolder, name));
            if (inputs.Contains(result))
            {
                throw new ConfigurationException($"{sweepFile}: output: found a folder in which {name} is an input of the sweep; expected one of its own");
            }
        }
    }

    /// <summary>Everything a sweep writes, or removes of an earlier one, held against what it read: before the work, not after.</summary>
    private static void CheckOutputs(string folder, SweepPlan plan, SweepOptions options)
    {
        if (options.Front)
        {
            EnvelopeTable.Check(plan);
        }

        string[] names = [.. ResultNames(plan.File), "sweep.lock"];
        string plots = Path.Combine(folder, "plots");
        IEnumerable<string> paths =
        [
            .. names.Select(name => Path.Combine(folder, name)),
            BlockJournal.DataPath(folder),
            BlockJournal.JournalPath(folder),
            .. SweepOutput.PlotsIn(plots),
        ];
        foreach (string path in paths)
        {
            OutputFile.Check(path);
        }
    }

    /// <summary>Learned efficiencies and fitted forms take the place of coefficients and tables: an axis that varies one varies only what they do not know.</summary>
    private static void WarnOfCoefficients(SweepSpace space, string others, Findings findings)
    {
        foreach (SweepPath path in space.Paths)
        {
            bool isReplaced = Coefficients.Any(name => path.Text.Contains(name, StringComparison.Ordinal)) && !path.Text.Contains(".vector.", StringComparison.Ordinal);
            if (isReplaced)
            {
                findings.Warn($"{path.Text} counts only for {others}");
            }
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
                throw new ConfigurationException(
                    $"{folder}: found an unfinished sweep of other files or options; expected those it began with (--restart discards it)");
            }

            return BlockJournal.Resume(folder, Path.Combine(folder, plan.File.ResultName));
        }

        return BlockJournal.Start(folder, fingerprint, RowWriter.Header(plan));
    }

    private static bool Evaluate(
        SweepPlan plan, SweepOptions options, BlockJournal journal, KeptRows? kept, long first, long end, Terminal terminal, CancellationToken cancellation)
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
                BlockSolver solver = new(plan, groups, options.Width, columns);
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
                    }
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
        return (int)Math.Min(MostRows(plan), plan.File.Filter is null ? Array.MaxLength : Few);
    }

    private static long MostRows(SweepPlan plan) => plan.Space.Count * plan.First.Jobs.Length;

    private static int Finish(
        SweepPlan plan, string folder, BlockJournal journal, SweepTable table, SweepSummary summary, SweepOptions options, Terminal terminal, CancellationToken cancellation)
    {
        SweepOutput output = new(plan, folder, BlockJournal.DataPath(folder), table, options.Threads);
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

    private static Shard[] ShardsIn(string folder)
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

    private static string Whole(long number) => number.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);
}

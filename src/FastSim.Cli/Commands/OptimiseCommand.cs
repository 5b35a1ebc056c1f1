using System.Diagnostics;
using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Optimising;
using FastSim.Cli.Output;
using FastSim.Cli.Sweeps;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Commands;

/// <summary><c>fastsim sweep --optimise</c>: the best variants by the sweep's score, without an answer for every one.</summary>
internal static class OptimiseCommand
{
    /// <summary>Name of the table of the best variants' rows.</summary>
    public const string RowsName = "optimum.csv";

    private const long MostGroups = 100_000;
    private const string Stopped = "stopped; --resume goes on from there";
    private const int TellEverySeconds = 30;
    private const int KeepEverySeconds = 60;

    /// <summary>Axes that no law bounds are gone through one by one: so many that it can never end are refused.</summary>
    /// <exception cref="ConfigurationException">They are too many.</exception>
    public static void CheckGroups(SweepFile file, SweepSpace space)
    {
        if (space.Groups > MostGroups)
        {
            string axes = string.Join(", ", space.Axes.Where((axis, index) => !space.IsLane[index] && axis.Count > 1).Select(axis => axis.Label));
            throw new ConfigurationException(string.Create(
                CultureInfo.InvariantCulture,
                $"{file.File}: axes: found {space.Groups:N0} combinations of {axes}, which change more than rates; expected at most {MostGroups:N0} with --optimise, which goes through such axes one by one"));
        }
    }

    /// <summary>Runs it, or a shard of it.</summary>
    /// <param name="options">What was asked.</param>
    /// <param name="terminal">Where it speaks.</param>
    /// <param name="cancellation">Ends it early; what is done stays.</param>
    /// <param name="afterRound">Told after each round of a search, when all its boxes were looked at once.</param>
    public static int Run(SweepOptions options, Terminal terminal, CancellationToken cancellation, Action? afterRound = null)
    {
        SweepPlan plan = SweepReading.Read(options, terminal, writesFiles: true, out Findings findings, out string fingerprint);
        string folder = options.Shard.FolderIn(plan.File.OutputFolder);
        SearchList searches = new(plan, options.Threads, options.Width, cancellation);
        searches.Check();
        using FolderLock held = OptimiseFolder.Take(plan, folder);
        bool? hasPlan = null;
        if (OptimiseFolder.Earlier(options, folder, fingerprint) is { } earlier)
        {
            searches.GoOnWith(earlier);
            hasPlan = earlier.HasPlan;
        }

        // What an earlier search left would pass for this one's, were it stopped.
        OptimiseFolder.RemoveResults(folder);
        Stopwatch watch = Stopwatch.StartNew();
        double kept = 0;
        bool isWhole;
        try
        {
            isWhole = searches.Run(options.Shard, () =>
            {
                Tell(searches.Tally, watch, options, terminal);
                if (watch.Elapsed.TotalSeconds >= kept + KeepEverySeconds)
                {
                    kept = watch.Elapsed.TotalSeconds;
                    searches.State(fingerprint, options.Shard, null).Write(folder);
                }

                afterRound?.Invoke();
            });
        }
        catch (FormulaException)
        {
            // The same file can never be finished: there is nothing to go on with.
            OutputFile.Remove(SearchState.PathIn(folder));
            throw;
        }

        hasPlan ??= isWhole ? HasPlan(plan, options, searches.Done, cancellation) : null;
        if (hasPlan is null)
        {
            searches.State(fingerprint, options.Shard, null).Write(folder);
            terminal.Error.WriteLine(Stopped);
            return ExitCodes.Interrupted;
        }

        if (options.Shard.Count > 1)
        {
            searches.State(fingerprint, options.Shard, hasPlan).Write(folder);
            Tell(new OptimiseSummary(plan, searches.Tally, watch.Elapsed, folder, [], null, hasPlan.Value, findings.Warnings) { IsShard = true }, options, terminal);
            return ExitCodes.Success;
        }

        return Finish(plan, options, searches, hasPlan.Value, watch, findings, terminal);
    }

    /// <summary>Puts the shards of a search together.</summary>
    /// <exception cref="ConfigurationException">A shard is missing, unfinished or of another search.</exception>
    public static int Merge(SweepOptions options, Terminal terminal)
    {
        SweepPlan plan = SweepReading.Read(options, terminal, writesFiles: true, out Findings findings, out string fingerprint);
        string folder = plan.File.OutputFolder;
        using FolderLock held = OptimiseFolder.Take(plan, folder);
        OptimiseFolder.RefuseUnfinished(folder);
        Stopwatch watch = Stopwatch.StartNew();
        SearchList searches = new(plan, options.Threads, options.Width, CancellationToken.None);
        bool hasPlan = false;
        foreach (Shard shard in MergeCommand.ShardsIn(folder))
        {
            string from = shard.FolderIn(folder);
            SearchState part = SearchState.In(from)
                ?? throw new ConfigurationException($"{from}: found no search that has begun; expected a finished one (sweep --optimise --shard {shard.Index}/{shard.Count})");
            if (part.Fingerprint != fingerprint || part.Shard != shard)
            {
                throw new ConfigurationException($"{from}: found a shard of another search, or of one whose files changed since; expected one of {plan.File.File}");
            }

            if (part.HasPlan is not { } own)
            {
                throw new ConfigurationException($"{from}: found an unfinished search; expected a finished one (sweep --optimise --shard {shard.Index}/{shard.Count} --resume goes on)");
            }

            searches.AddPart(part);
            hasPlan |= own;
        }

        OptimiseFolder.RemoveResults(folder);
        return Finish(plan, options, searches, hasPlan, watch, findings, terminal);
    }

    /// <summary>Whether some variant has a plan: as of a sweep the exit code says so, even where the score of none is a number; null where it was stopped.</summary>
    private static bool? HasPlan(SweepPlan plan, SweepOptions options, IReadOnlyList<IReadOnlyList<KeptVariants>> found, CancellationToken cancellation)
    {
        if (found.Any(kept => kept.Count > 0))
        {
            return true;
        }

        if (plan.File.Best > 0 && plan.File.Score is null && plan.File.Mix is null)
        {
            return false;
        }

        SearchList searches = new(plan.ByThroughput(), options.Threads, options.Width, cancellation);
        return searches.Run(options.Shard, () => { }) ? searches.Done.Any(kept => kept.Count > 0) : null;
    }

    private static int Finish(SweepPlan plan, SweepOptions options, SearchList searches, bool hasPlan, Stopwatch watch, Findings findings, Terminal terminal)
    {
        string folder = plan.File.OutputFolder;
        List<(long Variant, int Job)> found = [];
        List<(long Variant, int Job, double[] Values)> front = [];
        foreach ((SearchQuestion question, IReadOnlyList<KeptVariants> kept) in searches.Questions.Zip(searches.Done))
        {
            if (question.IsFront)
            {
                front.AddRange(FrontGoal.Listed(plan, kept).Select(each => (each.Variant, question.Job, each.Losses.Select((loss, place) => question.LossOf(place, loss)).ToArray())));
            }
            else
            {
                found.AddRange(kept.Select(each => (each.First, question.Job)));
            }
        }

        TimeSpan elapsed = watch.Elapsed;
        BestRow[] best = new VariantScores(plan, new GroupCache(plan), options.Width).Rows(found);
        WriteRows(plan, options, folder, [.. best.Select(row => row.Variant).Distinct().Order()]);
        BestTable.Write(plan, folder, best);
        if (plan.File.StatesPareto)
        {
            ParetoTable.Write(plan, folder, front);
        }

        OutputFile.Remove(SearchState.PathIn(folder));
        Tell(new OptimiseSummary(plan, searches.Tally, elapsed, folder, best, plan.File.StatesPareto ? front.Count : null, hasPlan, findings.Warnings), options, terminal);
        return hasPlan ? ExitCodes.Success : ExitCodes.NoPlan;
    }

    private static void Tell(OptimiseSummary summary, SweepOptions options, Terminal terminal)
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

    /// <summary>The rows of the best variants as a sweep of all would have them.</summary>
    private static void WriteRows(SweepPlan plan, SweepOptions options, string folder, long[] variants)
    {
        string path = Path.Combine(folder, RowsName);
        if (variants.Length == 0)
        {
            OutputFile.Remove(path);
            return;
        }

        VariantSolver solver = new(plan, new GroupCache(plan), options.Width);
        ReadOnlySpan<VariantResult> results = solver.Answer(variants, new SweepTally());
        RowWriter rows = new(plan);
        rows.Write(variants, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(solver.GroupOf), results);
        OutputFile.WriteBytes(path, stream =>
        {
            stream.Write(RowWriter.Header(plan));
            stream.Write(rows.Written);
        });
    }

    private static void Tell(BoxTally tally, Stopwatch watch, SweepOptions options, Terminal terminal)
    {
        if (!options.Quiet && !options.Json && watch.Elapsed.TotalSeconds >= tally.Told + TellEverySeconds)
        {
            tally.Told = watch.Elapsed.TotalSeconds;
            terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"optimise: {tally.Bounded:N0} boxes bounded, {tally.Waiting:N0} open, in {tally.Told:0} s"));
        }
    }
}

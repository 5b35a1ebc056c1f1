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
    private const string Stopped = "stopped; --optimise begins anew";
    private const int TellEverySeconds = 30;

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

    /// <summary>Runs it.</summary>
    public static int Run(SweepOptions options, Terminal terminal, CancellationToken cancellation)
    {
        SweepPlan plan = SweepReading.Read(options, terminal, writesFiles: true, out Findings findings, out _);
        string folder = plan.File.OutputFolder;
        OutputFile.CreateFolder(folder);
        foreach (string name in new[] { BestTable.Name, RowsName, "sweep.lock" })
        {
            OutputFile.Check(Path.Combine(folder, name));
        }

        using FolderLock held = FolderLock.Take(folder);
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

        _ = new BoxSolver(plan, new GroupCache(plan), [.. plan.First.Jobs.Select(_ => true)], options.Width);

        // What an earlier search left would pass for this one's, were it stopped.
        OutputFile.Remove(Path.Combine(folder, BestTable.Name));
        OutputFile.Remove(Path.Combine(folder, RowsName));
        BoxTally tally = new();
        Stopwatch watch = Stopwatch.StartNew();
        if (Search(plan, options, tally, () => Tell(tally, watch, options, terminal), cancellation) is not { } found)
        {
            terminal.Error.WriteLine(Stopped);
            return ExitCodes.Interrupted;
        }

        // As of a sweep the exit code says whether some variant has a plan, even where the score of none is a number.
        bool hasPlan = found.Count > 0;
        bool mayLackScores = plan.File.Best == 0 || plan.File.Score is not null || plan.File.Mix is not null;
        if (!hasPlan && mayLackScores)
        {
            if (Search(plan.ByThroughput(), options, new BoxTally(), () => { }, cancellation) is not { } planned)
            {
                terminal.Error.WriteLine(Stopped);
                return ExitCodes.Interrupted;
            }

            hasPlan = planned.Count > 0;
        }

        TimeSpan elapsed = watch.Elapsed;
        BestRow[] best = new VariantScores(plan, new GroupCache(plan), options.Width).Rows(found);
        BestTable.Write(plan, folder, best);
        WriteRows(plan, options, folder, [.. best.Select(row => row.Variant).Distinct().Order()]);
        OptimiseSummary summary = new(plan, tally, elapsed, folder, best, hasPlan, findings.Warnings);
        if (options.Json)
        {
            terminal.Output.WriteLine(summary.Json());
        }
        else if (!options.Quiet)
        {
            summary.Write(terminal.Output);
        }

        return hasPlan ? ExitCodes.Success : ExitCodes.NoPlan;
    }

    /// <summary>The best of each job, or of the suite, as a sweep would list them; null where it was stopped.</summary>
    private static List<(long Variant, int Job)>? Search(SweepPlan plan, SweepOptions options, BoxTally tally, Action tell, CancellationToken cancellation)
    {
        GroupCache groups = new(plan);
        Func<long, bool> passes = GroupFilter.Of(plan.File, plan.Space);
        int jobs = plan.First.Jobs.Length;
        List<(long Variant, int Job)> found = [];
        for (int job = 0; job < (plan.File.Mix is null ? jobs : 1) && plan.File.Best > 0; job++)
        {
            bool[] isAsked = [.. Enumerable.Range(0, jobs).Select(each => plan.File.Mix is not null || each == job)];
            BoxSearch search = new(plan, groups, isAsked, plan.File.Best, options.Threads, options.Width, tally, cancellation);
            if (!search.Run(passes, tell))
            {
                return null;
            }

            found.AddRange(search.Ranked.Select(each => (each.Variant, job)));
        }

        return found;
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

using System.Diagnostics;
using FastSim.Cli.Configuration;
using FastSim.Cli.DeploymentReports;
using FastSim.Cli.Launching;
using FastSim.Cli.Output;
using FastSim.Cli.Planning;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Cli.Commands;

/// <summary><c>fastsim run</c>: every job of a runtime file, its best plan into tables.</summary>
public static class RunCommand
{
    private const int JobsAtATime = 1000;

    /// <summary>Runs.</summary>
    /// <param name="options">What was asked.</param>
    /// <param name="terminal">Where it speaks.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="ConfigurationException">The input cannot be used, or a result cannot be written; every file there is whole.</exception>
    public static int Run(RunOptions options, Terminal terminal)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(terminal);
        Findings findings = new(options.AllowUnknownKeys);
        IReadOnlyList<ModeRun> runs = RuntimeFile.Load(options.RuntimeFile, terminal.AnswersCaller ? options.Overrides.WithoutFiles : options.Overrides, findings);
        options.Overrides.Models.Partial.ToList().ForEach(findings.Warn);
        if (!options.Quiet)
        {
            terminal.Warn(findings.Warnings);
        }

        if (terminal.AnswersCaller && options.Overrides.OutputFolder is null)
        {
            return Answer(runs, options, terminal, findings);
        }

        foreach (ModeRun run in runs)
        {
            ModeOutput.Prepare(run);
        }

        FrontOutput[] fronts = options.Front ? [.. runs.Select(run => new FrontOutput(run, options.Engine))] : [];
        Array.ForEach(fronts, front => front.Prepare());
        RunPages? pages = options.Report ? new RunPages(InputFile.Text(options.RuntimeFile, InputForm.Json), options.Command, options.Engine) : null;
        if (options.Report)
        {
            RunPages.Prepare(runs);
        }

        LaunchRuns? launches = options.LaunchFolder is { } folder ? LaunchRuns.Of(folder, runs) : null;

        ModeOutput output = new();
        RunSummaries summaries = new(options, terminal);
        for (int mode = 0; mode < runs.Count; mode++)
        {
            ModeRun run = runs[mode];
            FrontOutput? front = options.Front ? fronts[mode] : null;
            ModeOutput.ModeTables tables = output.Begin(run);
            terminal.Track(
                run.Name,
                run.Jobs.Count,
                solved =>
                {
                    Solve(run, options, tables, front, pages, launches, summaries, solved);
                    return true;
                },
                isSilent: options.Quiet || options.Json);
            tables.Finish();
            front?.Finish();
        }

        output.RemoveEarlier(runs);
        if (!options.Quiet)
        {
            terminal.Warn(launches?.Refusals ?? []);
        }

        summaries.Finish([.. findings.Warnings, .. launches?.Refusals ?? []]);
        return summaries.HasPlan ? ExitCodes.Success : ExitCodes.NoPlan;
    }

    /// <summary>Answers a program in process: no file is written.</summary>
    private static int Answer(IReadOnlyList<ModeRun> runs, RunOptions options, Terminal terminal, Findings findings)
    {
        if (options.Front || options.Report || options.LaunchFolder is not null)
        {
            throw new ConfigurationException(
                $"{(options.Front ? "--front" : options.Report ? "--report" : "--launch")}: found no --output; expected the folder of the results: a call in process writes no files without one");
        }

        RunSummaries summaries = new(options, terminal);
        foreach (ModeRun run in runs)
        {
            Stopwatch watch = Stopwatch.StartNew();
            JobResult[] results = JobSolver.SolveAll(run.Jobs, options.Engine, () => { });
            summaries.Add(new ModeReport(run, results, null, watch.Elapsed));
        }

        summaries.Finish(findings.Warnings);
        return summaries.HasPlan ? ExitCodes.Success : ExitCodes.NoPlan;
    }

    /// <summary>Answers a mode's jobs some at a time: what is known of a winner takes much more than its column of the tables.</summary>
    private static void Solve(
        ModeRun run, RunOptions options, ModeOutput.ModeTables tables, FrontOutput? front, RunPages? pages, LaunchRuns? launches, RunSummaries summaries, Action solved)
    {
        for (int first = 0; first < run.Jobs.Count; first += JobsAtATime)
        {
            Job[] some = [.. run.Jobs.Skip(first).Take(JobsAtATime)];
            Stopwatch watch = Stopwatch.StartNew();
            JobResult[] results = JobSolver.SolveAll(some, options.Engine, solved);
            TimeSpan searchTime = watch.Elapsed;
            tables.Add(results);
            front?.Add(results);
            pages?.Add(run, results);
            launches?.Add(results);
            summaries.Add(new ModeReport(run, results, ModeOutput.ResultPath(run), searchTime));
        }
    }
}

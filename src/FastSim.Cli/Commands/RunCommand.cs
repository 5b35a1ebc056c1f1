using System.Diagnostics;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Cli.Commands;

/// <summary><c>fastsim run</c>: every job of a runtime file, its best plan into tables.</summary>
public static class RunCommand
{
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
        IReadOnlyList<ModeRun> runs = RuntimeFile.Load(options.RuntimeFile, options.Overrides, findings);
        options.Overrides.Models.Partial.ToList().ForEach(findings.Warn);
        if (!options.Quiet)
        {
            terminal.Warn(findings.Warnings);
        }

        foreach (ModeRun run in runs)
        {
            ModeOutput.Prepare(run);
        }

        ModeOutput output = new();
        List<ModeReport> reports = [];
        foreach (ModeRun run in runs)
        {
            Stopwatch watch = Stopwatch.StartNew();
            JobResult[] results = terminal.Track(
                run.Name,
                run.Jobs.Count,
                solved => JobSolver.SolveAll(run.Jobs, options.Engine, solved),
                isSilent: options.Quiet || options.Json);
            TimeSpan searchTime = watch.Elapsed;
            reports.Add(new ModeReport(run, results, output.Write(run, results), searchTime));
        }

        output.RemoveEarlier(runs);
        if (options.Json)
        {
            terminal.Output.WriteLine(JsonSummary.Of(reports, findings.Warnings));
        }
        else if (!options.Quiet)
        {
            reports.ForEach(terminal.Summarise);
            terminal.Print(DeploymentText.SideBySide(reports));
        }

        return reports.Exists(report => report.Results.Any(result => result.HasPlan)) ? ExitCodes.Success : ExitCodes.NoPlan;
    }
}

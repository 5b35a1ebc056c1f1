using FastSim.Cli.Output;

namespace FastSim.Cli.Commands;

/// <summary>
/// What a run says at its end. Of modes with so many jobs that they are answered some at a time, people are told of each part as it is
/// done; for programs the parts are put together.
/// </summary>
/// <param name="options">What was asked.</param>
/// <param name="terminal">Where it speaks.</param>
internal sealed class RunSummaries(RunOptions options, Terminal terminal)
{
    private readonly List<ModeReport> whole = [];
    private readonly List<ModeSummary> modes = [];

    /// <summary>Whether some job has a plan.</summary>
    public bool HasPlan { get; private set; }

    /// <summary>Takes a part of a mode's results, or all of them.</summary>
    public void Add(ModeReport report)
    {
        HasPlan |= report.Results.Any(result => result.HasPlan);
        bool isWhole = report.Results.Count == report.Run.Jobs.Count;
        if (isWhole && (options.Json || !options.Quiet))
        {
            whole.Add(report);
        }

        if (options.Json)
        {
            JsonSummary.Add(modes, report);
        }
        else if (!isWhole && !options.Quiet)
        {
            terminal.Summarise(report);
        }
    }

    /// <summary>Says what is left to say.</summary>
    /// <param name="warnings">The warnings so far.</param>
    public void Finish(IReadOnlyList<string> warnings)
    {
        if (options.Json)
        {
            JsonSummary.Write(modes, whole, warnings, terminal.Output, terminal.AnswersCaller);
            return;
        }

        whole.ForEach(terminal.Summarise);
        terminal.Print(DeploymentText.SideBySide(whole));
    }
}

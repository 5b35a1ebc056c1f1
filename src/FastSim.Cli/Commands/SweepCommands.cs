using System.CommandLine;
using System.Runtime.InteropServices;
using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;
using FastSim.Search.Engines;

namespace FastSim.Cli.Commands;

/// <summary>The command-line forms of <see cref="SweepCommand"/>.</summary>
internal static class SweepCommands
{
    /// <summary><c>fastsim sweep</c>.</summary>
    public static Command Sweep(Terminal terminal)
    {
        Option<string> config = Config();
        Option<string?> output = CommonOptions.Output("Folder of the results, in place of the sweep file's output.");
        Option<string?> accounting = CommonOptions.Accounting();
        Option<string?> efficiency = CommonOptions.EfficiencyModel();
        Option<string?> timing = CommonOptions.Timing();
        Option<bool> allowUnknown = CommonOptions.AllowUnknown();
        Option<bool> beyondContext = CommonOptions.BeyondContext();
        Option<bool> quiet = CommonOptions.Quiet();
        Option<bool> json = CommonOptions.Json();
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> resume = new("--resume") { Description = "Go on with an unfinished sweep in the folder; begin one where there is none." };
        Option<bool> restart = new("--restart") { Description = "Discard an unfinished sweep in the folder." };
        Option<bool> front = Front();
        Option<bool> optimise = new("--optimise")
        {
            Description = "Find the best by the sweep's score, and the front of its pareto where it states one, without answering every variant, of up to 4e18; exact, or refused where no law bounds what it asks.",
        };
        Option<bool> plots = Plots();
        Option<string?> title = Title();
        Option<string?> shard = new("--shard") { Description = "Do part i of n; fastsim merge puts the parts together.", HelpName = "i/n" };
        shard.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Shard.Parse(token.Value) is null)
            {
                result.AddError($"--shard: found {token.Value}; expected i/n with i from 1 to n, n at most 100000.");
            }
        });
        Command sweep = new("sweep", "Search the best plan of every variant of a sweep file, a row each.")
        {
            config, output, accounting, timing, efficiency, beyondContext, allowUnknown, quiet, json, threads, optimise, resume, restart, shard, front, plots, title,
        };
        sweep.Validators.Add(result =>
        {
            if (result.GetValue(resume) && result.GetValue(restart))
            {
                result.AddError("--resume and --restart exclude each other.");
            }

            if (result.GetValue(front) && result.GetValue(shard) is not null)
            {
                result.AddError("--front: found beside --shard; expected it of fastsim merge, which has the variants of all parts.");
            }

            foreach (Option other in result.GetValue(optimise) ? new Option[] { front, plots, title } : [])
            {
                if (result.GetResult(other) is { Implicit: false })
                {
                    result.AddError(BesideOptimise(other));
                }
            }
        });
        sweep.SetAction(parsed =>
        {
            using CancellationTokenSource cancellation = new();
            using PosixSignalRegistration? interrupt = terminal.AnswersCaller ? null : Cancelling(PosixSignal.SIGINT, cancellation);
            using PosixSignalRegistration? terminate = terminal.AnswersCaller ? null : Cancelling(PosixSignal.SIGTERM, cancellation);
            return SweepCommand.Run(
                new SweepOptions(
                    parsed.GetRequiredValue(config),
                    parsed.GetValue(output),
                    CommonOptions.Meaning(parsed.GetValue(accounting), RuntimeFile.Accountings),
                    parsed.GetValue(allowUnknown),
                    parsed.GetValue(quiet),
                    parsed.GetValue(json),
                    (EngineSettings.Default with { Threads = parsed.GetValue(threads) ?? EngineSettings.Default.Threads }).Workers,
                    EngineSettings.Default.Width,
                    parsed.GetValue(resume),
                    parsed.GetValue(restart),
                    parsed.GetValue(shard) is { } text ? Shard.Parse(text)!.Value : Shard.Whole,
                    parsed.GetValue(plots),
                    parsed.GetValue(efficiency),
                    parsed.GetValue(beyondContext))
                {
                    Timing = CommonOptions.Clocks(parsed.GetValue(timing)),
                    Title = parsed.GetValue(title),
                    Front = parsed.GetValue(front),
                    Optimise = parsed.GetValue(optimise),
                },
                terminal,
                cancellation.Token);
        });
        return sweep;
    }

    /// <summary><c>fastsim merge</c>.</summary>
    public static Command Merge(Terminal terminal)
    {
        Option<string> config = Config();
        Option<string?> output = CommonOptions.Output("Folder of the shards and the results, in place of the sweep file's output.");
        Option<string?> accounting = CommonOptions.Accounting();
        Option<string?> efficiency = CommonOptions.EfficiencyModel();
        Option<string?> timing = CommonOptions.Timing();
        Option<bool> allowUnknown = CommonOptions.AllowUnknown();
        Option<bool> beyondContext = CommonOptions.BeyondContext();
        Option<bool> quiet = CommonOptions.Quiet();
        Option<bool> json = CommonOptions.Json();
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> front = Front();
        Option<bool> plots = Plots();
        Option<string?> title = Title();
        Option<bool> optimise = new("--optimise") { Description = "Put the shards of sweep --optimise together: the best, and the front, of all of them." };
        Command merge = new("merge", "Put the shards of a sweep together; the results are those of a sweep in one piece.")
        {
            config, output, accounting, timing, efficiency, beyondContext, allowUnknown, quiet, json, threads, optimise, front, plots, title,
        };
        merge.Validators.Add(result =>
        {
            foreach (Option other in result.GetValue(optimise) ? new Option[] { front, plots, title } : [])
            {
                if (result.GetResult(other) is { Implicit: false })
                {
                    result.AddError(BesideOptimise(other));
                }
            }
        });
        merge.SetAction(parsed => MergeCommand.Run(
            new SweepOptions(
                parsed.GetRequiredValue(config),
                parsed.GetValue(output),
                CommonOptions.Meaning(parsed.GetValue(accounting), RuntimeFile.Accountings),
                parsed.GetValue(allowUnknown),
                parsed.GetValue(quiet),
                parsed.GetValue(json),
                (EngineSettings.Default with { Threads = parsed.GetValue(threads) ?? EngineSettings.Default.Threads }).Workers,
                EngineSettings.Default.Width,
                false,
                false,
                Shard.Whole,
                parsed.GetValue(plots),
                parsed.GetValue(efficiency),
                parsed.GetValue(beyondContext))
            {
                Timing = CommonOptions.Clocks(parsed.GetValue(timing)),
                Title = parsed.GetValue(title),
                Front = parsed.GetValue(front),
                Optimise = parsed.GetValue(optimise),
            },
            terminal));
        return merge;
    }

    private static string BesideOptimise(Option other) => $"{other.Name}: found beside --optimise; expected one of them: it leaves no rows of all variants.";

    private static Option<string> Config() => new("--config", "-c")
    {
        Description = "Sweep file: a runtime and the axes it varies over (docs/sweeps.md).",
        Required = true,
        HelpName = "sweep.json",
    };

    private static Option<bool> Front() => new("--front")
    {
        Description = "Write envelope.csv, too: of the fronts of all variants what no deployment of another beats. Each variant is studied by itself, which takes as long as run --front of it.",
    };

    private static Option<bool> Plots() => new("--plots") { Description = "Write the report's plots as SVG and PNG files, too." };

    private static Option<string?> Title() => new("--title") { Description = "What the report is called, in place of what the sweep is about.", HelpName = "words" };

    private static PosixSignalRegistration Cancelling(PosixSignal signal, CancellationTokenSource cancellation) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            cancellation.Cancel();
        });
}

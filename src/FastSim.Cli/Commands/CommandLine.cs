using System.CommandLine;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Search.Engines;
using FastSim.Search.Plans;

namespace FastSim.Cli.Commands;

/// <summary>The program's commands and options.</summary>
public static class CommandLine
{
    private static readonly Dictionary<string, EngineKind> Engines = new()
    {
        ["bound"] = EngineKind.Bound,
        ["exhaustive"] = EngineKind.Exhaustive,
        ["scalar"] = EngineKind.Scalar,
    };

    /// <summary>Runs the program.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="terminal">Where it speaks.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static int Invoke(string[] arguments, Terminal terminal) => Invoke(() => Read(arguments, terminal), terminal, null);

    /// <summary>Runs the program for another one.</summary>
    /// <param name="read">Gives what <see cref="Read"/> made of its arguments for this terminal, now or earlier; null where it complained.</param>
    /// <param name="terminal">Where it speaks.</param>
    /// <param name="given">What is given in place of files; null for nothing.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    internal static int Invoke(Func<ParseResult?> read, Terminal terminal, GivenInputs? given)
    {
        ArgumentNullException.ThrowIfNull(terminal);
        CommandFiles.Begin(given);
        try
        {
            return read() is { } parsed ? Answer(parsed, terminal) : ExitCodes.BadInput;
        }
        catch (Exception exception) when (Breach(exception) is { } breach)
        {
            terminal.Fail(breach.Message);
            return ExitCodes.BadInput;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Files report their own trouble: this is a stream that the reader closed or that is full.
            terminal.Fail($"the output stream cannot be written: {exception.Message}");
            return ExitCodes.BadInput;
        }
        catch (Exception exception)
        {
            return Unforeseen(exception, terminal);
        }
    }

    /// <summary>A fault of the program's own, in one line that a report can quote.</summary>
    /// <returns>The exit code of such faults.</returns>
    internal static int Unforeseen(Exception exception, Terminal terminal)
    {
        Exception cause = exception is AggregateException { InnerException: { } inner } ? inner : exception;
        string place = cause.StackTrace?.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Contains("FastSim.", StringComparison.Ordinal)) ?? "";
        terminal.Fail(
            $"a fault of FastSim's own: {cause.GetType().Name}: {cause.Message} {place.Split(" in ")[0]}; please report this line and the input, as README.md (Reporting faults) says");
        return ExitCodes.Fault;
    }

    /// <summary>What arguments mean; null, and a complaint on the terminal, where they mean nothing.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="terminal">Where the command that they mean speaks.</param>
    internal static ParseResult? Read(string[] arguments, Terminal terminal)
    {
        // A program asks many times: the one command that it means is made, and the others where a word is none of it.
        string? only = terminal.AnswersCaller && arguments.Length > 0 ? arguments[0] : null;
        ParseResult parsed = Parse(CommandTable.Root(terminal, only), arguments);
        string? stray = StrayOptions.Complaint(parsed);
        if (only is not null && (parsed.Errors.Count > 0 || stray is not null))
        {
            parsed = Parse(CommandTable.Root(terminal), arguments);
            stray = StrayOptions.Complaint(parsed);
        }

        if (stray is not null)
        {
            terminal.Fail($"{stray} Run fastsim --help for the commands and options.");
            return null;
        }

        if (parsed.Errors.Count > 0)
        {
            // A stray word also makes the parser miss a command; the word is what the user needs to hear of.
            string message = parsed.UnmatchedTokens.Count > 0
                ? $"Unrecognized command or argument '{parsed.UnmatchedTokens[0]}'.{StrayOptions.Suggestion(parsed, parsed.UnmatchedTokens[0])}"
                : parsed.Errors[0].Message;
            string reason = string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            terminal.Fail($"{reason} Run fastsim --help for the commands and options.");
            return null;
        }

        return parsed;
    }

    private static int Answer(ParseResult parsed, Terminal terminal) => parsed.Invoke(new InvocationConfiguration
    {
        Output = terminal.Output,
        Error = terminal.Error,
        EnableDefaultExceptionHandler = false,
    });

    private static ParseResult Parse(RootCommand root, string[] arguments) => root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });

    /// <summary>What the user's input or a learned efficiency did wrong, under what threads wrap it in; null where that is not the trouble.</summary>
    private static Exception? Breach(Exception? exception) => exception switch
    {
        EfficiencyModelException or ConfigurationException or TooManyLayoutsException => exception,
        AggregateException several => several.InnerExceptions.Select(Breach).FirstOrDefault(breach => breach is not null),
        { InnerException: { } inner } => Breach(inner),
        _ => null,
    };

    /// <summary><c>fastsim run</c>.</summary>
    internal static Command Run(Terminal terminal)
    {
        Option<string> config = new("--config", "-c")
        {
            Description = "Runtime file: models, loads, limits and chips (docs/file-formats.md).",
            Required = true,
            HelpName = "runtime.json",
        };
        Option<string?> output = CommonOptions.Output("Folder of the results, in place of the runtime file's output.");
        Option<string?> format = CommonOptions.Word("--format", "Form of the tables, in place of output_format.", RuntimeFile.Forms.Keys);
        Option<string?> accounting = CommonOptions.Accounting();
        Option<string?> efficiency = CommonOptions.EfficiencyModel();
        Option<string?> timing = CommonOptions.Timing();
        Option<bool> front = new("--front") { Description = "Write what no deployment of a job beats, and what the best layout does over the batch, too." };
        Option<bool> report = new("--report") { Description = "Write a page a job, report_<mode>_run_<i>.html: where the time goes, what fits, what no deployment beats, what would help." };
        Option<string?> objective = CommonOptions.Word("--objective", "What the best is best in, in place of objective.", RuntimeFile.Objectives.Keys);
        Option<string?> launch = CommonOptions.Folder("--launch", "Write files that start the best plans on vLLM, SGLang and TensorRT-LLM into this folder (docs/file-formats.md, Launch files).");
        Option<bool> gzip = new("--gzip") { Description = "Write the tables as .csv.gz." };
        Option<bool> allowUnknown = CommonOptions.AllowUnknown();
        Option<bool> beyondContext = CommonOptions.BeyondContext();
        Option<bool> quiet = CommonOptions.Quiet();
        Option<bool> json = CommonOptions.Json();
        Option<int?> threads = CommonOptions.Threads();
        Option<string?> engine = CommonOptions.Word("--engine", "How plans are searched; bound without it. All find the same plans. The engine that serves is engine of the runtime.", Engines.Keys);
        Command run = new("run", "Search the best plan of every job of a runtime file, and write them as CSV.")
        {
            config, output, format, accounting, timing, efficiency, objective, front, report, gzip, beyondContext, allowUnknown, quiet, json, engine, threads, launch,
        };
        run.SetAction(parsed => RunCommand.Run(
            new RunOptions(
                parsed.GetRequiredValue(config),
                new RuntimeOverrides(
                    parsed.GetValue(output),
                    CommonOptions.Meaning(parsed.GetValue(format), RuntimeFile.Forms),
                    parsed.GetValue(gzip) ? true : null,
                    CommonOptions.Meaning(parsed.GetValue(accounting), RuntimeFile.Accountings),
                    parsed.GetValue(efficiency),
                    new EfficiencyModels(),
                    parsed.GetValue(beyondContext))
                {
                    Timing = CommonOptions.Clocks(parsed.GetValue(timing)),
                    Objective = CommonOptions.Meaning(parsed.GetValue(objective), RuntimeFile.Objectives),
                },
                parsed.GetValue(allowUnknown),
                parsed.GetValue(quiet),
                parsed.GetValue(json),
                EngineSettings.Default with
                {
                    Kind = CommonOptions.Meaning(parsed.GetValue(engine), Engines) ?? EngineSettings.Default.Kind,
                    Threads = parsed.GetValue(threads) ?? EngineSettings.Default.Threads,
                })
            {
                Front = parsed.GetValue(front),
                Report = parsed.GetValue(report),
                Command = TypedCommand.Of(parsed),
                LaunchFolder = parsed.GetValue(launch),
            },
            terminal));
        return run;
    }
}

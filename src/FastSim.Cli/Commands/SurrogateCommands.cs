using System.CommandLine;
using FastSim.Cli.Surrogates;
using FastSim.Search.Engines;

namespace FastSim.Cli.Commands;

/// <summary>The command-line forms of <see cref="SurrogateCommand"/>.</summary>
internal static class SurrogateCommands
{
    private const int LeastSteps = 100;

    /// <summary><c>fastsim surrogate</c>.</summary>
    public static Command Surrogate(Terminal terminal) => new("surrogate", "Learned efficiencies of operators, as ONNX models.")
    {
        Create("train", "Train a model on measured operators; a fifth of them is held out and judged.", writes: true, terminal),
        Create("evaluate", "Judge the training: on held-out shapes, and on each chip by a model of the others.", writes: false, terminal),
        Judge(terminal),
    };

    private static Command Judge(Terminal terminal)
    {
        Option<string> model = new("--model") { Description = "The ONNX model, of either contract.", Required = true, HelpName = "model.onnx" };
        Option<string> operators = new("--ops") { Description = "Measured operators of the chip.", Required = true, HelpName = "parquet or folder" };
        Option<string> system = new("--system", "-s") { Description = "System file of the chip.", Required = true, HelpName = "system.json" };
        Option<string?> carried = new("--carried-from")
        {
            Description = "System of another chip, whose calibrated timings are judged too; what the chip's own file carries without it.",
            HelpName = "system.json",
        };
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        Command command = new("judge", "Judge a model on a chip's measured operators: by family, kind and size, beside calibrated timings, tables and a constant.")
        {
            model, operators, system, carried, json, quiet,
        };
        command.SetAction(parsed => SurrogateJudgeCommand.Run(
            new SurrogateJudgeOptions(
                parsed.GetRequiredValue(model),
                parsed.GetRequiredValue(operators),
                parsed.GetRequiredValue(system),
                parsed.GetValue(carried),
                parsed.GetValue(quiet),
                parsed.GetValue(json)),
            terminal));
        return command;
    }

    private static Command Create(string name, string description, bool writes, Terminal terminal)
    {
        Option<string[]> operators = new("--ops")
        {
            Description = "Measured operators, a folder or file for each chip; of a chip with several its system is named as often.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
            HelpName = "parquet or folder",
        };
        Option<string[]> systems = new("--systems", "-s")
        {
            Description = "System file of each chip, in the same order.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
            HelpName = "system.json",
        };
        Option<string> output = new("--output", "-o") { Description = "Where the model goes.", Required = writes, HelpName = "model.onnx" };
        Option<int> steps = Count("--steps", $"Steps of training a family; {SurrogateTraining.EnoughSteps} without it.", SurrogateTraining.EnoughSteps, LeastSteps);
        Option<int> seed = Count("--seed", "Seed of the training; the same one gives the same bytes.", 1, 0);
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        Option<int?> threads = CommonOptions.Threads();
        Command command = new(name, description) { operators, systems, steps, seed, json, quiet, threads };
        if (writes)
        {
            command.Add(output);
        }

        command.SetAction(parsed =>
        {
            SurrogateOptions options = new(
                parsed.GetRequiredValue(operators),
                parsed.GetRequiredValue(systems),
                writes ? parsed.GetRequiredValue(output) : null,
                parsed.GetValue(steps),
                parsed.GetValue(seed),
                (EngineSettings.Default with { Threads = parsed.GetValue(threads) ?? EngineSettings.Default.Threads }).Workers,
                parsed.GetValue(quiet),
                parsed.GetValue(json));
            return writes ? SurrogateCommand.Train(options, terminal) : SurrogateCommand.Evaluate(options, terminal);
        });
        return command;
    }

    private static Option<int> Count(string name, string description, int usual, int least)
    {
        Option<int> option = new(name) { Description = description, HelpName = "n", DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, out int count) || count < least))
            {
                result.AddError($"{name}: found {token.Value}; expected an integer of at least {least}.");
            }
        });
        return option;
    }
}

using System.CommandLine;
using FastSim.Search.Engines;

namespace FastSim.Cli.Commands;

/// <summary>The command-line forms of <see cref="ServingCommand"/>.</summary>
internal static class ServingCommands
{
    private const int UsualWorst = 10;

    /// <summary><c>fastsim predict</c>.</summary>
    public static Command Predict(Terminal terminal) =>
        Create("predict", "Predict explicit deployments of a table, a row each.", "Where the predictions go, a CSV.", isValidation: false, terminal);

    /// <summary><c>fastsim validate</c>.</summary>
    public static Command Validate(Terminal terminal) =>
        Create("validate", "Predict measured deployments of a table, and say how far off the predictions are.", "Where the predictions go, a CSV, if anywhere.", isValidation: true, terminal);

    private static Command Create(string name, string description, string outputDescription, bool isValidation, Terminal terminal)
    {
        Option<string> table = new("--table", "-t")
        {
            Description = "Deployments, a CSV (docs/file-formats.md, \"Deployments\").",
            Required = true,
            HelpName = "deployments.csv",
        };
        Option<string?> output = new("--output", "-o") { Description = outputDescription, HelpName = "predictions.csv", Required = !isValidation };
        Option<string[]> models = Places("--models", "Models: folders of published configurations named owner--name.json or of models in the seed's form, such files, or a CSV of name,file that says which is whose.", "data/models");
        Option<string[]> systems = Places("--systems", "Systems that have timings of operators: folders, files, or a CSV of name,file.", "data/systems");
        Option<string?> efficiency = CommonOptions.EfficiencyModel();
        Option<string?> timing = CommonOptions.Timing();
        Option<bool> quiet = CommonOptions.Quiet();
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        Option<string?> plot = new("--plot") { Description = "Where a scatter plot goes, an SVG.", HelpName = "scatter.svg" };
        Option<int> worst = new("--worst")
        {
            Description = "How many of the worst rows to print, with what their time goes to.",
            HelpName = "n",
            DefaultValueFactory = _ => UsualWorst,
        };
        Option<bool> choices = new("--choices")
        {
            Description = "Also say how well deployments of one model, chip and load are chosen between (docs/validation.md, \"Choices\").",
        };
        Command command = new(name, description) { table, output, models, systems, timing, efficiency, json, quiet, threads };
        if (isValidation)
        {
            command.Add(plot);
            command.Add(worst);
            command.Add(choices);
        }

        command.SetAction(parsed =>
        {
            ServingOptions options = new(
                parsed.GetRequiredValue(table),
                parsed.GetValue(output),
                isValidation ? parsed.GetValue(plot) : null,
                parsed.GetValue(models)!,
                parsed.GetValue(systems)!,
                isValidation ? parsed.GetValue(worst) : 0,
                (EngineSettings.Default with { Threads = parsed.GetValue(threads) ?? EngineSettings.Default.Threads }).Workers,
                parsed.GetValue(quiet),
                parsed.GetValue(json),
                parsed.GetValue(efficiency),
                isValidation && parsed.GetValue(choices))
            {
                Timing = CommonOptions.Clocks(parsed.GetValue(timing)),
            };
            return isValidation ? ServingCommand.Validate(options, terminal) : ServingCommand.Predict(options, terminal);
        });
        return command;
    }

    private static Option<string[]> Places(string name, string description, string usual) => new(name)
    {
        Description = description,
        HelpName = "folder, file or table",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [usual],
    };
}

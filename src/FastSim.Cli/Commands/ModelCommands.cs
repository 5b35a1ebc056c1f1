using System.CommandLine;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;

namespace FastSim.Cli.Commands;

/// <summary><c>fastsim model</c>: what a model file says.</summary>
internal static class ModelCommands
{
    /// <summary>The command and its subcommands.</summary>
    public static Command Model(Terminal terminal) => new("model", "Look at a model file.") { Show(terminal), Convert(terminal) };

    private static Command Show(Terminal terminal)
    {
        Argument<string> file = new("model")
        {
            Description = "A model file of the seed's form, a Hugging Face config.json, or a folder that holds one.",
        };
        Option<bool> allowUnknown = new("--allow-unknown") { Description = "Warn of unknown keys instead of refusing them." };
        Command show = new("show", "Print a model's description, its parameters, and the bytes of its weights and cache.") { file, allowUnknown };
        show.SetAction(parsed =>
        {
            Findings findings = new(parsed.GetValue(allowUnknown));
            ModelDescription description = ModelFile.Describe(
                NamedFile.Find(parsed.GetRequiredValue(file), "a model file", ModelFile.InFolder), findings);
            terminal.Warn(findings.Warnings);
            terminal.Print(ModelSheet.Lines(description));
            return ExitCodes.Success;
        });
        return show;
    }

    private static Command Convert(Terminal terminal)
    {
        Argument<string> file = new("config") { Description = "A Hugging Face config.json, or a folder that holds one." };
        Option<string> output = new("--output", "-o")
        {
            Description = "The file to write.",
            Required = true,
            HelpName = "model.json",
        };
        Command convert = new("convert", "Write a published configuration in the seed's form; what that cannot hold is refused, or stated.") { file, output };
        convert.SetAction(parsed =>
        {
            Findings findings = new(allowUnknownKeys: false);
            string config = NamedFile.Find(parsed.GetRequiredValue(file), "a Hugging Face config.json", ModelFile.InFolder);
            ModelDescription described = ModelFile.Describe(config, findings);
            OutputFile.CheckOption("--output", parsed.GetRequiredValue(output));
            (string text, IReadOnlyList<string> losses) = SeedForm.Of(config, described);
            OutputFile.Write(parsed.GetRequiredValue(output), writer => writer.Write(text));
            terminal.Warn(findings.Warnings);
            terminal.Warn(losses.Select(loss => $"the seed's form cannot hold: {loss}"));
            return ExitCodes.Success;
        });
        return convert;
    }
}

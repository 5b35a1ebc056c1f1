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
        Option<bool> json = CommonOptions.Json();
        Command show = new("show", "Print a model's description, its parameters, and the bytes of its weights and cache.") { file, allowUnknown, json };
        show.SetAction(parsed =>
        {
            Findings findings = new(parsed.GetValue(allowUnknown));
            ModelDescription description = ModelFile.Describe(
                NamedFile.Model(parsed.GetRequiredValue(file), "a model file"), findings);
            terminal.Warn(findings.Warnings);
            if (parsed.GetValue(json))
            {
                terminal.Output.WriteLine(ModelJson.Of(description, findings.Warnings));
            }
            else
            {
                terminal.Print(ModelSheet.Lines(description));
            }

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
        Option<bool> json = CommonOptions.Json();
        Command convert = new("convert", "Write a published configuration in the seed's form; what that cannot hold is refused, or stated.") { file, output, json };
        convert.SetAction(parsed =>
        {
            Findings findings = new(allowUnknownKeys: false);
            string config = NamedFile.Model(parsed.GetRequiredValue(file), "a Hugging Face config.json");
            ModelDescription described = ModelFile.Describe(config, findings);
            string model = parsed.GetRequiredValue(output);
            OutputFile.CheckOption("--output", model);
            (string text, IReadOnlyList<string> losses) = SeedForm.Of(config, described);
            OutputFile.Write(model, writer => writer.Write(text));
            terminal.Warn(findings.Warnings);
            terminal.Warn(losses.Select(loss => $"the seed's form cannot hold: {loss}"));
            if (parsed.GetValue(json))
            {
                terminal.Output.WriteLine(IndentedJson.Object(document =>
                {
                    document.WriteString("model", model);
                    document.WriteTexts("lost", losses);
                    document.WriteTexts("warnings", findings.Warnings);
                }));
            }

            return ExitCodes.Success;
        });
        return convert;
    }
}

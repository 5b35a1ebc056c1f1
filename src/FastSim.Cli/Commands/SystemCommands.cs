using System.CommandLine;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Commands;

/// <summary><c>fastsim system</c>: what a system file says.</summary>
internal static class SystemCommands
{
    /// <summary>The command and its subcommands.</summary>
    public static Command System(Terminal terminal) => new("system", "Look at a system file.") { Show(terminal) };

    private static Command Show(Terminal terminal)
    {
        Argument<string> file = new("system") { Description = "A system file, such as one of data/systems." };
        Option<string> accounting = new("--accounting")
        {
            Description = "Accounting that reads the file's units; seed without it.",
            HelpName = string.Join('|', RuntimeFile.Accountings.Keys),
            DefaultValueFactory = _ => RuntimeFile.Accountings.Single(pair => pair.Value == Accounting.Seed).Key,
        };
        accounting.AcceptOnlyFromAmong([.. RuntimeFile.Accountings.Keys]);
        Option<bool> allowUnknown = new("--allow-unknown") { Description = "Warn of unknown keys instead of refusing them." };
        Option<bool> json = CommonOptions.Json();
        Command show = new("show", "Print the rates that operators run at on a chip.") { file, accounting, allowUnknown, json };
        show.SetAction(parsed =>
        {
            Findings findings = new(parsed.GetValue(allowUnknown));
            Chip chip = SystemFile.Load(NamedFile.System(parsed.GetRequiredValue(file)), findings);
            terminal.Warn(findings.Warnings);
            Accounting units = RuntimeFile.Accountings[parsed.GetRequiredValue(accounting)];
            if (parsed.GetValue(json))
            {
                terminal.Output.WriteLine(SystemJson.Of(chip, units, findings.Warnings));
            }
            else
            {
                terminal.Print(SystemSheet.Lines(chip, units));
            }

            return ExitCodes.Success;
        });
        return show;
    }
}

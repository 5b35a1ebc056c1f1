using System.CommandLine;
using FastSim.Cli.Manual;

namespace FastSim.Cli.Commands;

/// <summary><c>fastsim completions</c> and <c>fastsim man</c>: the commands and options as shells and man read them.</summary>
internal static class ManualCommands
{
    private static readonly Dictionary<string, Func<CommandSheet, IEnumerable<string>>> Shells = new()
    {
        ["bash"] = BashCompletion.Lines,
        ["zsh"] = ZshCompletion.Lines,
        ["fish"] = FishCompletion.Lines,
        ["pwsh"] = PowerShellCompletion.Lines,
    };

    /// <summary><c>fastsim completions</c>.</summary>
    public static Command Completions(Terminal terminal)
    {
        Argument<string> shell = new("shell") { Description = "Shell that will read them.", HelpName = string.Join('|', Shells.Keys) };
        shell.AcceptOnlyFromAmong([.. Shells.Keys]);
        Command completions = new("completions", "Print what completes commands, options and their words in a shell.") { shell };
        completions.SetAction(parsed => Print(terminal, Shells[parsed.GetRequiredValue(shell)]));
        return completions;
    }

    /// <summary><c>fastsim man</c>.</summary>
    public static Command Man(Terminal terminal)
    {
        Command man = new("man", "Print the manual page.");
        man.SetAction(_ => Print(terminal, ManualPage.Lines));
        return man;
    }

    private static int Print(Terminal terminal, Func<CommandSheet, IEnumerable<string>> page)
    {
        foreach (string line in page(CommandSheet.Of(CommandTable.Root(terminal))))
        {
            terminal.Output.Write($"{line}\n");
        }

        return ExitCodes.Success;
    }
}

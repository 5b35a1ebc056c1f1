using System.CommandLine;
using System.CommandLine.Help;
using FastSim.Cli.Output;

namespace FastSim.Cli.Commands;

/// <summary>The commands of the program, in the order of its help.</summary>
internal static class CommandTable
{
    private const string Description = "FastSim finds the best deployment plan of a model on a chip, and how fast it will be. "
        + "Exit codes: 0 done, 1 compared tables differ, 2 input that cannot be used, 3 no plan, 70 a fault of FastSim's own, 130 interrupted.";

    private static readonly (string Name, Func<Terminal, Command> Make)[] Commands =
    [
        ("plan", PlanCommands.Plan),
        ("init", InitCommand.Init),
        ("run", CommandLine.Run),
        ("sweep", SweepCommands.Sweep),
        ("merge", SweepCommands.Merge),
        ("predict", ServingCommands.Predict),
        ("validate", ServingCommands.Validate),
        ("calibrate", CalibrateCommands.Calibrate),
        ("surrogate", SurrogateCommands.Surrogate),
        ("model", ModelCommands.Model),
        ("system", SystemCommands.System),
        ("compare", CompareCommands.Compare),
        ("completions", ManualCommands.Completions),
        ("man", ManualCommands.Man),
    ];

    /// <summary>The program.</summary>
    /// <param name="terminal">Where it speaks.</param>
    /// <param name="only">The one command to make; null, or a word that is none, makes all.</param>
    public static RootCommand Root(Terminal terminal, string? only = null)
    {
        RootCommand root = new(Description);
        bool isOne = Array.Exists(Commands, command => command.Name == only);
        foreach ((string name, Func<Terminal, Command> make) in Commands)
        {
            if (!isOne || name == only)
            {
                root.Add(make(terminal));
            }
        }

        foreach (HelpOption option in root.Options.OfType<HelpOption>())
        {
            if (option.Action is HelpAction help)
            {
                help.MaxWidth = TextLines.Width;
                option.Action = new ExampleHelp(help);
            }
        }

        return root;
    }
}

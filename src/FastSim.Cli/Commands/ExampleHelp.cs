using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using FastSim.Cli.Manual;

namespace FastSim.Cli.Commands;

/// <summary>A command's help, with an example at its end.</summary>
/// <param name="help">The help.</param>
internal sealed class ExampleHelp(HelpAction help) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int exitCode = help.Invoke(parseResult);
        string[] example = [.. CommandExamples.Lines(PathOf(parseResult.CommandResult))];
        if (example.Length > 0)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Example:");
            Array.ForEach(example, line => output.WriteLine($"  {line}"));
            output.WriteLine();
        }

        return exitCode;
    }

    /// <summary>The command's words after the program's name.</summary>
    private static string PathOf(CommandResult command) => command.Parent is CommandResult parent
        ? $"{PathOf(parent)} {command.Command.Name}".TrimStart()
        : "";
}

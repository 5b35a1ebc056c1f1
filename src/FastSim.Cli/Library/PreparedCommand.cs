using System.CommandLine;
using System.Globalization;
using System.Text;
using FastSim.Cli.Commands;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Library;

/// <summary>
/// A command line with the streams that it speaks to, parsed once and run for one question after another: what its words mean depends on
/// nothing but the words, and to parse them takes as long as a small search. Serves one question at a time.
/// </summary>
internal sealed class PreparedCommand
{
    private const int MostLetters = 1 << 20;

    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();
    private readonly Terminal terminal;
    private readonly string[] arguments;
    private ParseResult? parsed;

    /// <summary>Prepares a command line; nothing is parsed before it runs.</summary>
    /// <param name="arguments">Its words.</param>
    public PreparedCommand(string[] arguments)
    {
        this.arguments = arguments;
        terminal = new Terminal(
            new StringWriter(output, CultureInfo.InvariantCulture), new StringWriter(error, CultureInfo.InvariantCulture) { NewLine = "\n" }, isInteractive: false)
        {
            AnswersCaller = true,
        };
    }

    /// <summary>Whether it holds little enough to wait for another question: the table of a large sweep is not kept for one.</summary>
    public bool MayWait => output.Capacity <= MostLetters;

    /// <summary>Runs it.</summary>
    /// <param name="given">What is given in place of files.</param>
    /// <returns>Its exit code, and what it said to either stream.</returns>
    public (int ExitCode, string Output, string Error) Run(GivenInputs given)
    {
        output.Clear();
        error.Clear();
        int exitCode = CommandLine.Invoke(() => parsed ??= CommandLine.Read(arguments, terminal), terminal, given);
        return (exitCode, output.ToString(), error.ToString());
    }
}

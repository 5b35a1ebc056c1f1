using System.Text;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using Spectre.Console;

namespace FastSim.Cli.Commands;

/// <summary>Where a command speaks: results to one stream, warnings and errors to the other; colour and progress on a terminal alone.</summary>
public sealed class Terminal
{
    /// <summary>Wide enough for any summary line: a file or pipe has no width to wrap at, and a narrow terminal wraps whole lines better than cells.</summary>
    private const int SummaryWidth = 400;

    private readonly Lazy<IAnsiConsole> console;
    private readonly bool isInteractive;
    private readonly StreamColours colours;

    /// <summary>Speaks to streams.</summary>
    /// <param name="output">Results.</param>
    /// <param name="error">Warnings and errors.</param>
    /// <param name="isInteractive">Whether <paramref name="output"/> is a terminal.</param>
    /// <param name="colours">Which of the streams take colour; null for neither.</param>
    public Terminal(TextWriter output, TextWriter error, bool isInteractive, StreamColours? colours = null)
    {
        Output = output;
        Error = error;
        this.isInteractive = isInteractive;
        this.colours = colours ?? StreamColours.None;
        console = new Lazy<IAnsiConsole>(Console);
    }

    /// <summary>Results.</summary>
    public TextWriter Output { get; }

    /// <summary>Warnings and errors.</summary>
    public TextWriter Error { get; }

    /// <summary>Answers of the user, where a command asks.</summary>
    public TextReader Input { get; init; } = TextReader.Null;

    /// <summary>The program's own streams.</summary>
    public static Terminal OfProcess()
    {
        bool isOpen = StandardStreams.IsOpen(StandardStreams.Output);
        System.Console.OutputEncoding = new UTF8Encoding(false);
        return new Terminal(
            isOpen ? System.Console.Out : new ClosedWriter(),
            StandardStreams.IsOpen(StandardStreams.Error) ? System.Console.Error : TextWriter.Null,
            isOpen && !System.Console.IsOutputRedirected,
            StreamColours.OfProcess())
        {
            Input = System.Console.In,
        };
    }

    /// <summary>
    /// Whether a program asks, in process: it takes answers, and no file is written but where it names the place. What the process does with
    /// signals is its own.
    /// </summary>
    public bool AnswersCaller { get; init; }

    /// <summary>Looks at the surroundings, which takes a while: done where tables or progress are shown.</summary>
    private IAnsiConsole Console()
    {
        IAnsiConsole made = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colours.Output ? AnsiSupport.Yes : isInteractive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = colours.Output ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = isInteractive ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(Output),
        });
        if (!isInteractive)
        {
            made.Profile.Width = SummaryWidth;
        }

        return made;
    }

    /// <summary>Prints warnings, one a line.</summary>
    public void Warn(IEnumerable<string> warnings)
    {
        ArgumentNullException.ThrowIfNull(warnings);
        foreach (string warning in warnings)
        {
            Tell(colours.Warning("warning:"), warning);
        }
    }

    /// <summary>Prints lines of a result.</summary>
    public void Print(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        foreach (string line in lines)
        {
            Output.WriteLine(OneLine.Of(line));
        }
    }

    /// <summary>Prints a table of a result.</summary>
    internal void Print(TextTable table)
    {
        console.Value.Profile.Width = SummaryWidth;
        console.Value.Write(table);
    }

    /// <summary>Prints an error.</summary>
    public void Fail(string message) => Tell(colours.Failure("error:"), message);

    private void Tell(string mark, string message)
    {
        try
        {
            Error.WriteLine($"{mark} {OneLine.Of(message)}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The error stream itself is gone: the exit code is all that is left to say.
        }
    }

    /// <summary>Prints the summary of a mode.</summary>
    public void Summarise(ModeReport report)
    {
        console.Value.Profile.Width = SummaryWidth;
        ConsoleSummary.Write(console.Value, report);
    }

    /// <summary>A meter of a sweep, which writes over itself on a terminal and now and then a line elsewhere.</summary>
    internal Sweeps.SweepMeter Meter(long first, long end, int variantsPerBlock, bool isSilent) =>
        new(first, end, variantsPerBlock, isSilent ? null : Error, isInteractive);

    /// <summary>Runs work of several steps, with a progress bar on a terminal.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="steps">Steps it has.</param>
    /// <param name="work">The work; calls its argument after each step, from any thread.</param>
    /// <param name="isSilent">Whether to show nothing.</param>
    public T Track<T>(string title, int steps, Func<Action, T> work, bool isSilent)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (isSilent || !isInteractive)
        {
            return work(() => { });
        }

        return console.Value.Progress().AutoClear(true).Start(context =>
        {
            ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: steps);
            return work(() => task.Increment(1));
        });
    }
}

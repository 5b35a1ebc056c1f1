using Spectre.Console;

namespace FastSim.Cli.Output;

/// <summary>Prints tables for people: in colour where a console has any.</summary>
internal static class ConsoleTable
{
    /// <summary>How a job without a plan reads.</summary>
    public const string NoPlan = "no plan";

    /// <summary>Prints a table.</summary>
    /// <param name="console">Where.</param>
    /// <param name="table">The table.</param>
    /// <param name="isRuled">Whether a rule stands below the header.</param>
    public static void Write(this IAnsiConsole console, TextTable table, bool isRuled = false)
    {
        (IReadOnlyList<string> head, IReadOnlyList<string> body) = table.Lines();
        foreach (string line in head)
        {
            WriteLine(console, Markup.Escape(line), "bold");
        }

        if (isRuled)
        {
            WriteLine(console, new string('─', head.Concat(body).Max(line => line.Length)), "dim");
        }

        foreach (string line in body)
        {
            string markup = Markup.Escape(line);
            WriteLine(console, HasColour(console) ? markup.Replace(NoPlan, $"[red]{NoPlan}[/]", StringComparison.Ordinal) : markup, "default");
        }
    }

    private static void WriteLine(IAnsiConsole console, string markup, string style) =>
        console.MarkupLine(HasColour(console) ? $"[{style}]{markup}[/]" : markup);

    private static bool HasColour(IAnsiConsole console) =>
        console.Profile.Capabilities is { Ansi: true, ColorSystem: not ColorSystem.NoColors };
}

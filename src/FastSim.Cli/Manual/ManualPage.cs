namespace FastSim.Cli.Manual;

/// <summary>The manual page, as man reads it.</summary>
internal static class ManualPage
{
    /// <summary>The page.</summary>
    public static IEnumerable<string> Lines(CommandSheet program)
    {
        yield return ".TH FASTSIM 1";
        yield return ".SH NAME";
        yield return "fastsim \\- the best deployment of a language model on a chip, and how fast it will be";
        yield return ".SH SYNOPSIS";
        yield return ".B fastsim";
        yield return ".I command";
        yield return "[options]";
        yield return ".SH DESCRIPTION";
        yield return Text(program.Description);
        yield return ".SH COMMANDS";
        foreach (CommandSheet command in program.All.Where(command => command.Path.Length > 0 && command.Subcommands.Count == 0))
        {
            yield return $".SS \"fastsim {command.Path}{string.Concat(command.Arguments.Select(name => $" <{name}>"))}\"";
            yield return Text(command.Description);
            foreach (OptionSheet option in command.Options)
            {
                yield return ".TP";
                yield return $"{string.Join(", ", option.Names.Select(name => $"\\fB{Escaped(name)}\\fR"))}{(option.Value.Length > 0 ? $" \\fI{Escaped(option.Value)}\\fR" : "")}";
                yield return Text(option.Description + (option.IsRequired ? " Required." : ""));
            }

            string[] example = [.. CommandExamples.Lines(command.Path)];
            if (example.Length > 0)
            {
                yield return ".PP";
                yield return "Example:";
                yield return ".PP";
                yield return ".RS";
                yield return ".nf";
                foreach (string line in example)
                {
                    yield return Text(line);
                }

                yield return ".fi";
                yield return ".RE";
            }
        }
    }

    /// <summary>Text that roff reads as it stands, whatever the coding of the page.</summary>
    private static string Escaped(string text) => string.Concat(text.Select(letter => letter switch
    {
        '\\' => "\\e",
        '-' => "\\-",
        '…' => "...",
        > '\u007e' => $"\\[u{(int)letter:X4}]",
        _ => letter.ToString(),
    }));

    /// <summary>A line of text: one that begins with a dot or quote would be a request.</summary>
    private static string Text(string text) => text.Length > 0 && text[0] is '.' or '\'' ? $"\\&{Escaped(text)}" : Escaped(text);
}

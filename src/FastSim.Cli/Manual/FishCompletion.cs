namespace FastSim.Cli.Manual;

/// <summary>Completions for fish.</summary>
internal static class FishCompletion
{
    /// <summary>The script.</summary>
    public static IEnumerable<string> Lines(CommandSheet program)
    {
        yield return "# Completions of fastsim: fastsim completions fish | source";
        foreach (CommandSheet command in program.All)
        {
            string condition = Condition(command);
            foreach (CommandSheet sub in command.Subcommands)
            {
                yield return $"complete -c fastsim -f -n {condition} -a {sub.Name} -d {Quoted(sub.Description)}";
            }

            if (command.Words.Count > 0)
            {
                yield return $"complete -c fastsim -f -n {condition} -a {Quoted(string.Join(' ', command.Words))}";
            }

            foreach (OptionSheet option in command.Options)
            {
                string names = string.Join(' ', option.Names.Select(name =>
                    name.StartsWith("--", StringComparison.Ordinal) ? $"-l {name[2..]}" : name.Length == 2 ? $"-s {name[1..]}" : $"-o {name[1..]}"));
                string value = option.Kind switch
                {
                    ValueKind.Word or ValueKind.WordList => $" -x -a {Quoted(string.Join(' ', option.Words))}",
                    ValueKind.WordOrFile => $" -r -F -a {Quoted(string.Join(' ', option.Words))}",
                    ValueKind.Folder => " -x -a '(__fish_complete_directories)'",
                    ValueKind.File => " -r -F",
                    ValueKind.Free => " -x",
                    _ => "",
                };
                yield return $"complete -c fastsim -n {condition} {names}{value} -d {Quoted(option.Description)}";
            }
        }
    }

    /// <summary>Whether a command's own words are asked for: the last of its path was typed, and none of what may follow it.</summary>
    private static string Condition(CommandSheet command)
    {
        if (command.Path.Length == 0)
        {
            return "__fish_use_subcommand";
        }

        string seen = string.Join("; and ", command.Path.Split(' ').Select(word => $"__fish_seen_subcommand_from {word}"));
        string deeper = command.Subcommands.Count == 0
            ? ""
            : $"; and not __fish_seen_subcommand_from {string.Join(' ', command.Subcommands.Select(sub => sub.Name))}";
        return Quoted(seen + deeper);
    }

    private static string Quoted(string text) => $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}

namespace FastSim.Cli.Manual;

/// <summary>Completions for zsh.</summary>
internal static class ZshCompletion
{
    /// <summary>The script.</summary>
    public static IEnumerable<string> Lines(CommandSheet program)
    {
        yield return "#compdef fastsim";
        yield return "# Completions of fastsim: source <(fastsim completions zsh) after compinit, or a file _fastsim in $fpath.";
        foreach (CommandSheet command in program.All)
        {
            yield return $"{Function(command)}() {{";
            if (command.Subcommands.Count > 0)
            {
                yield return "    if (( CURRENT == 2 )); then";
                yield return "        local -a commands=(";
                foreach (CommandSheet sub in command.Subcommands)
                {
                    yield return $"            {Quoted($"{sub.Name}:{Plain(sub.Description)}")}";
                }

                yield return "        )";
                yield return "        _describe -t commands command commands";
                yield return "    fi";
                yield return "    case $words[2] in";
                foreach (CommandSheet sub in command.Subcommands)
                {
                    yield return $"        {sub.Name}) (( CURRENT > 2 )) && {{ shift words; (( CURRENT-- )); {Function(sub)}; return }} ;;";
                }

                yield return "    esac";
            }

            yield return "    _arguments -s \\";
            foreach (OptionSheet option in command.Options)
            {
                string action = option.Kind switch
                {
                    ValueKind.Word or ValueKind.WordList => $":{Plain(option.Value)}:({string.Join(' ', option.Words)})",
                    ValueKind.WordOrFile => $":{Plain(option.Value)}:{{_alternative \"words\\:{Plain(option.Value)}\\:({string.Join(' ', option.Words)})\" \"files\\:file\\:_files\"}}",
                    ValueKind.Folder => $":{Plain(option.Value)}:_files -/",
                    ValueKind.File => $":{Plain(option.Value)}:_files",
                    ValueKind.Free => $":{Plain(option.Value)}: ",
                    _ => "",
                };
                foreach (string name in option.Names)
                {
                    yield return $"        {Quoted($"({string.Join(' ', option.Names)}){name}[{Plain(option.Description)}]{action}")} \\";
                }
            }

            yield return command.Words.Count > 0 ? $"        '*:word:({string.Join(' ', command.Words)})'" : command.Arguments.Count > 0 ? "        '*:file:_files'" : "        && return 0";
            yield return "}";
        }

        yield return "if [[ $funcstack[1] == _fastsim ]]; then _fastsim \"$@\"; else compdef _fastsim fastsim; fi";
    }

    private static string Function(CommandSheet command) => command.Path.Length == 0 ? "_fastsim" : $"_fastsim_{command.Path.Replace(' ', '_')}";

    /// <summary>Text without what zsh reads in a specification.</summary>
    private static string Plain(string text) => text.Replace('[', '(').Replace(']', ')').Replace(':', ',').Replace("\\", "", StringComparison.Ordinal);

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

namespace FastSim.Cli.Manual;

/// <summary>Completions for bash.</summary>
internal static class BashCompletion
{
    /// <summary>The script.</summary>
    public static IEnumerable<string> Lines(CommandSheet program)
    {
        CommandSheet[] all = [.. program.All];
        yield return "# Completions of fastsim: eval \"$(fastsim completions bash)\"";
        yield return "_fastsim() {";
        yield return "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= words= taken= i";
        yield return "    local IFS=$'\\n'";
        yield return "    if [[ $current == = ]]; then current=; elif [[ $before == = ]] && ((COMP_CWORD > 2)); then before=${COMP_WORDS[COMP_CWORD-2]}; fi";
        yield return "    COMPREPLY=()";
        yield return "    for ((i = 1; i < COMP_CWORD; i++)); do";
        yield return "        case \"$command ${COMP_WORDS[i]}\" in";
        yield return $"            {Patterns(all.Skip(1).Select(command => command.Path.Contains(' ', StringComparison.Ordinal) ? command.Path : $" {command.Path}"))}) command=\"${{command:+$command }}${{COMP_WORDS[i]}}\" ;;";
        yield return "        esac";
        yield return "    done";
        yield return "    case \"$command $before\" in";
        foreach (CommandSheet command in all)
        {
            foreach (OptionSheet option in command.Options.Where(option => option.Kind != ValueKind.None))
            {
                string complete = option.Kind switch
                {
                    ValueKind.Word => $"COMPREPLY=($(compgen -W {Words(option.Words)} -- \"$current\")); ",
                    ValueKind.WordList => $"taken=${{current%\"${{current##*,}}\"}}; COMPREPLY=($(compgen -P \"$taken\" -W {Words(option.Words)} -- \"${{current##*,}}\")); "
                        + "for i in \"${!COMPREPLY[@]}\"; do if [[ ,$taken == *,\"${COMPREPLY[i]##*,}\",* ]]; then unset \"COMPREPLY[i]\"; fi; done; ",
                    ValueKind.WordOrFile => $"COMPREPLY=($(compgen -W {Words(option.Words)} -- \"$current\"; compgen -f -- \"$current\" || :)); ",
                    ValueKind.Folder => "COMPREPLY=($(compgen -d -- \"$current\")); ",
                    ValueKind.File => "COMPREPLY=($(compgen -f -- \"$current\")); ",
                    _ => "",
                };
                yield return $"        {Patterns(option.Names.Select(name => $"{command.Path} {name}"))}) {complete}return ;;";
            }
        }

        yield return "    esac";
        yield return "    case $command in";
        foreach (CommandSheet command in all)
        {
            yield return $"        \"{command.Path}\") words={Words([.. command.Subcommands.Select(sub => sub.Name), .. command.Words, .. command.Options.SelectMany(option => option.Names)])} ;;";
        }

        yield return "    esac";
        yield return "    case $current in";
        yield return "        -*) COMPREPLY=($(compgen -W \"$words\" -- \"$current\")) ;;";
        yield return $"        *) case $command in {Patterns(all.Where(command => command.Subcommands.Count > 0 || command.Words.Count > 0).Select(command => command.Path))}) COMPREPLY=($(compgen -W \"$words\" -- \"$current\")) ;; *) COMPREPLY=($(compgen -f -- \"$current\")) ;; esac ;;";
        yield return "    esac";
        yield return "}";
        yield return "complete -o filenames -F _fastsim fastsim";
    }

    private static string Patterns(IEnumerable<string> words) => string.Join('|', words.Select(word => $"\"{word}\""));

    private static string Words(IReadOnlyList<string> words) => $"$'{string.Join("\\n", words)}'";
}

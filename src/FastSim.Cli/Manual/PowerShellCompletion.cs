namespace FastSim.Cli.Manual;

/// <summary>Completions for PowerShell.</summary>
internal static class PowerShellCompletion
{
    /// <summary>The script.</summary>
    public static IEnumerable<string> Lines(CommandSheet program)
    {
        CommandSheet[] all = [.. program.All];
        yield return "# Completions of fastsim: fastsim completions pwsh | Out-String | Invoke-Expression";
        yield return "Register-ArgumentCompleter -Native -CommandName fastsim -ScriptBlock {";
        yield return "    param($current, $line, $cursor)";
        yield return "    $commands = @{";
        foreach (CommandSheet command in all)
        {
            yield return $"        {Quoted(command.Path)} = @({List([.. command.Subcommands.Select(sub => sub.Name), .. command.Words, .. command.Options.SelectMany(option => option.Names)])})";
        }

        yield return "    }";
        yield return "    $values = @{";
        foreach (CommandSheet command in all)
        {
            foreach (OptionSheet option in command.Options.Where(option => option.Kind is ValueKind.Word or ValueKind.WordList or ValueKind.WordOrFile))
            {
                foreach (string name in option.Names)
                {
                    yield return $"        {Quoted($"{command.Path} {name}")} = @({List(option.Words)})";
                }
            }
        }

        yield return "    }";
        yield return "    $command = ''";
        yield return "    $before = ''";
        yield return "    foreach ($element in @($line.CommandElements | Select-Object -Skip 1)) {";
        yield return "        if ($element.Extent.EndOffset -ge $cursor) { break }";
        yield return "        $before = $element.ToString()";
        yield return "        $path = \"$command $before\".Trim()";
        yield return "        if ($commands.ContainsKey($path)) { $command = $path }";
        yield return "    }";
        yield return "    $key = \"$command $before\"";
        yield return "    $words = if ($values.ContainsKey($key)) { $values[$key] } else { $commands[$command] }";
        yield return "    $words | Where-Object { $_.StartsWith($current) } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }";
        yield return "}";
    }

    private static string List(IEnumerable<string> words) => string.Join(", ", words.Select(Quoted));

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Commands;

/// <summary>
/// Words of a command line that were meant as options but are read as something else: the parser gives an option that lacks its value the
/// next word, whatever that is.
/// </summary>
internal static class StrayOptions
{
    private const char Dash = '-';

    /// <summary>What the first such word did wrong; null where there is none.</summary>
    public static string? Complaint(ParseResult parsed)
    {
        CommandOptions options = new(
            parsed.CommandResult.Command.Name,
            [.. parsed.CommandResult.Command.Options.Concat(parsed.RootCommandResult.Command.Options).SelectMany(Names)],
            [.. NamesOf(parsed.RootCommandResult.Command)]);
        foreach (SymbolResult result in Within(parsed.RootCommandResult))
        {
            string? complaint = result switch
            {
                OptionResult option => Of(option, options),
                ArgumentResult { Parent: CommandResult } argument => Of(argument, options),
                _ => null,
            };
            if (complaint is not null)
            {
                return complaint;
            }
        }

        return null;
    }

    /// <summary>A question after the nearest option or command of a word that is neither; nothing where none is near.</summary>
    public static string Suggestion(ParseResult parsed, string word)
    {
        Command command = parsed.CommandResult.Command;
        IEnumerable<string> names = word.StartsWith(Dash) ? command.Options.SelectMany(Names) : command.Subcommands.Select(sub => sub.Name);
        return NearestName.Of(word, names.Where(name => name.Length > 2)) is { } near ? $" Did you mean '{near}'?" : "";
    }

    private static string? Of(OptionResult result, CommandOptions options)
    {
        string name = result.Option.Name;
        string expected = result.Option.HelpName is { } help ? $"<{help}>" : "a value";
        bool isNumber = result.Option.ValueType == typeof(int) || result.Option.ValueType == typeof(int?);
        bool isPath = !isNumber && expected.AsSpan().IndexOfAny('|', '/') < 0;
        foreach (Token token in result.Tokens)
        {
            if (token.Value.Length == 0)
            {
                return $"{name}: found an empty value; expected {expected}.";
            }

            if (IsMeantAsOption(token.Value, isNumber))
            {
                return $"{name}: found {Words(token.Value, options)}; expected {expected}{(isPath ? $", written ./{token.Value} where that is its name" : "")}.";
            }
        }

        return null;
    }

    private static string? Of(ArgumentResult result, CommandOptions options)
    {
        Token? token = result.Tokens.FirstOrDefault(token => token.Value.Length == 0 || IsMeantAsOption(token.Value, isNumber: false));
        return token switch
        {
            null => null,
            { Value.Length: 0 } => $"<{result.Argument.Name}>: found an empty value; expected a file.",
            _ => $"<{result.Argument.Name}>: found {Words(token.Value, options)}; expected a file, written ./{token.Value} where that is its name.",
        };
    }

    private static bool IsMeantAsOption(string value, bool isNumber) =>
        value[0] == Dash && !(isNumber && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _));

    private static string Words(string value, CommandOptions options)
    {
        string name = value.Split('=', ':')[0];
        if (options.Own.Contains(name))
        {
            return $"the option {value}";
        }

        if (options.OfAny.Contains(name))
        {
            return $"the option {value}, which {options.Command} does not have";
        }

        string near = name.Length > 2 && NearestName.Of(name, options.Own.Where(own => own.Length > 2)) is { } nearest ? $" (did you mean {nearest}?)" : "";
        return $"{value}, which begins as an option does{near}";
    }

    private static IEnumerable<SymbolResult> Within(CommandResult command)
    {
        foreach (SymbolResult child in command.Children)
        {
            yield return child;
            if (child is CommandResult sub)
            {
                foreach (SymbolResult inner in Within(sub))
                {
                    yield return inner;
                }
            }
        }
    }

    private static IEnumerable<string> NamesOf(Command command) =>
        command.Options.SelectMany(Names).Concat(command.Subcommands.SelectMany(NamesOf));

    private static IEnumerable<string> Names(Option option) => option.Aliases.Prepend(option.Name);

    /// <summary>Names of options, short forms too.</summary>
    /// <param name="Command">The command.</param>
    /// <param name="Own">Its options.</param>
    /// <param name="OfAny">Those of all commands.</param>
    private sealed record CommandOptions(string Command, string[] Own, HashSet<string> OfAny);
}

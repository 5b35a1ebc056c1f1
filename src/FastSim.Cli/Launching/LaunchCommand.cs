using System.Globalization;

namespace FastSim.Cli.Launching;

/// <summary>A word of a command line.</summary>
/// <param name="Text">The word; with shell variables where it expands.</param>
/// <param name="Expands">Whether a shell is to expand variables in it.</param>
internal readonly record struct LaunchWord(string Text, bool Expands = false)
{
    /// <summary>The word as a shell reads it.</summary>
    public string Shell
    {
        get
        {
            if (Expands)
            {
                return $"\"{Text}\"";
            }

            bool isPlain = Text.Length > 0 && Text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/' or ':' or ',' or '=' or '+');
            return isPlain ? Text : Quoted(Text);
        }
    }

    /// <summary>A text as one word that no shell expands.</summary>
    public static string Quoted(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}

/// <summary>A command line that is put together flag by flag, each with what of the plan it says.</summary>
/// <param name="program">The words that start the program.</param>
internal sealed class LaunchCommand(params string[] program)
{
    private readonly List<LaunchWord[]> groups = [];
    private readonly List<(string Plan, string Flag)> meanings = [];
    private readonly List<(string Name, LaunchWord Value)> environment = [];

    /// <summary>The words that start the program.</summary>
    public IReadOnlyList<string> Program => program;

    /// <summary>Its arguments.</summary>
    public IEnumerable<LaunchWord> Arguments => groups.SelectMany(group => group);

    /// <summary>What of the plan each flag says.</summary>
    public IReadOnlyList<(string Plan, string Flag)> Meanings => meanings;

    /// <summary>Variables that the program reads.</summary>
    public IReadOnlyList<(string Name, LaunchWord Value)> Environment => environment;

    /// <summary>Whether the program is told at which address others reach it.</summary>
    public bool NamesOwnAddress => environment.Exists(variable => variable.Value.Text.Contains(InstanceNode.OwnAddress, StringComparison.Ordinal));

    /// <summary>Adds words that stand together.</summary>
    public LaunchCommand Add(params LaunchWord[] words)
    {
        groups.Add(words);
        return this;
    }

    /// <summary>Adds a flag, with its values.</summary>
    public LaunchCommand Flag(string name, params string[] values) => Add([new LaunchWord(name), .. values.Select(value => new LaunchWord(value))]);

    /// <summary>Adds a flag with a number.</summary>
    public LaunchCommand Flag(string name, double number) => Flag(name, number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Adds a flag that says something of the plan.</summary>
    public LaunchCommand Says(string plan, string name, params string[] values)
    {
        meanings.Add((plan, string.Join(' ', [name, .. values])));
        return Flag(name, values);
    }

    /// <summary>Adds a flag with a number that says something of the plan.</summary>
    public LaunchCommand Says(string plan, string name, double number) => Says(plan, name, number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Adds what a condition asks for.</summary>
    public LaunchCommand When(bool condition, Func<LaunchCommand, LaunchCommand> add) => condition ? add(this) : this;

    /// <summary>Sets a variable of the program's environment.</summary>
    public LaunchCommand With(string name, LaunchWord value)
    {
        environment.Add((name, value));
        return this;
    }

    /// <summary>The command as a shell reads it: a group of words a line, as its pages print it.</summary>
    /// <param name="more">Words behind all others, as they are to be read.</param>
    public string Shell(string more)
    {
        IEnumerable<string> lines =
        [
            string.Join(' ', [.. environment.Select(variable => $"{variable.Name}={variable.Value.Shell}"), .. program]),
            .. groups.Select(group => string.Join(' ', group.Select(word => word.Shell))),
            .. more.Length > 0 ? new[] { more } : [],
        ];
        return string.Join(" \\\n    ", lines);
    }

    /// <summary>The same on one line.</summary>
    public string ShellLine() => Shell("").Replace(" \\\n    ", " ", StringComparison.Ordinal);
}

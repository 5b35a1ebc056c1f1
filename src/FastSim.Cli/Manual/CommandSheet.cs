using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;

namespace FastSim.Cli.Manual;

/// <summary>What may follow an option.</summary>
internal enum ValueKind
{
    /// <summary>Nothing: the option stands alone.</summary>
    None,

    /// <summary>One of some words.</summary>
    Word,

    /// <summary>Some words, with commas between them.</summary>
    WordList,

    /// <summary>A number, or text that nothing can complete.</summary>
    Free,

    /// <summary>One of some words, or a file.</summary>
    WordOrFile,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A file.</summary>
    File,
}

/// <summary>An option as completions and the manual page show it.</summary>
/// <param name="Names">Its names, the long one first.</param>
/// <param name="Description">What it does, in a sentence.</param>
/// <param name="Value">Its value's name; empty where it stands alone.</param>
/// <param name="Kind">What the value is.</param>
/// <param name="Words">The words that the value may be; none where it is no word.</param>
/// <param name="IsRequired">Whether the command needs it.</param>
internal sealed record OptionSheet(IReadOnlyList<string> Names, string Description, string Value, ValueKind Kind, IReadOnlyList<string> Words, bool IsRequired);

/// <summary>A command as completions and the manual page show it, read from what parses the command line.</summary>
/// <param name="Path">Its words after the program's name, such as <c>surrogate train</c>; empty for the program itself.</param>
/// <param name="Description">What it does.</param>
/// <param name="Arguments">Names of its arguments.</param>
/// <param name="Words">The words that its arguments may be; none where they are files.</param>
/// <param name="Options">Its options.</param>
/// <param name="Subcommands">Its subcommands.</param>
internal sealed record CommandSheet(
    string Path, string Description, IReadOnlyList<string> Arguments, IReadOnlyList<string> Words, IReadOnlyList<OptionSheet> Options, IReadOnlyList<CommandSheet> Subcommands)
{
    /// <summary>The program's name.</summary>
    public const string Program = "fastsim";

    private const string FolderName = "folder";

    /// <summary>What the name of a value that is a file has: an ending, or a word.</summary>
    private static readonly string[] FileNames = [".", "file", FolderName, "table"];

    /// <summary>Its last word.</summary>
    public string Name => Path[(Path.LastIndexOf(' ') + 1)..];

    /// <summary>This and the commands below it, in order.</summary>
    public IEnumerable<CommandSheet> All => Subcommands.SelectMany(command => command.All).Prepend(this);

    /// <summary>Reads the program's commands.</summary>
    public static CommandSheet Of(RootCommand root) => Of(root, "");

    private static CommandSheet Of(Command command, string path) => new(
        path,
        command.Description ?? "",
        [.. command.Arguments.Select(argument => argument.Name)],
        [.. command.Arguments.SelectMany(argument => argument.HelpName is { } words && words.Contains('|', StringComparison.Ordinal) ? words.Split('|') : [])],
        [.. command.Options.Where(option => !option.Hidden && option is not HelpOption).Select(Of), Help],
        [.. command.Subcommands.Where(sub => !sub.Hidden).Select(sub => Of(sub, path.Length == 0 ? sub.Name : $"{path} {sub.Name}"))]);

    private static OptionSheet Help { get; } = new(["--help", "-h"], "Show help and usage information.", "", ValueKind.None, [], false);

    private static OptionSheet Of(Option option)
    {
        string value = option.HelpName ?? "";
        Type type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        bool isText = type == typeof(string) || type == typeof(string[]);
        bool isWord = value.Contains('|', StringComparison.Ordinal);
        string[] words = isWord ? value.Split('|') : isText ? [.. option.GetCompletions(CompletionContext.Empty).Select(offered => offered.Label)] : [];
        ValueKind kind = type == typeof(bool) || value.Length == 0 ? ValueKind.None
            : isWord ? ValueKind.Word
            : words.Length > 0 && value == Offered.List ? ValueKind.WordList
            : words.Length > 0 ? ValueKind.WordOrFile
            : value == FolderName ? ValueKind.Folder
            : Array.Exists(FileNames, name => value.Contains(name, StringComparison.Ordinal)) ? ValueKind.File
            : ValueKind.Free;
        return new OptionSheet([option.Name, .. option.Aliases], option.Description ?? "", value, kind, words, option.Required);
    }
}

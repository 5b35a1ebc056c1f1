using System.Diagnostics;
using System.Text;
using YamlDotNet.RepresentationModel;

namespace FastSim.Cli.Tests;

/// <summary>Launch files of an engine, read back: command lines as a shell splits them, YAML as paths and values.</summary>
/// <param name="folder">Folder of the engine.</param>
internal sealed class WrittenLaunch(string folder)
{
    private static readonly string[] Programs = ["vllm", "python3", "trtllm-serve", "srun"];

    public string[] Names => [.. Directory.GetFiles(folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public string Text(string name) => File.ReadAllText(Path.Combine(folder, name));

    /// <summary>Command lines of a script that start a program.</summary>
    public IReadOnlyList<string[]> Commands(string script) => CommandsOf(Text(script).Replace("\\\n", " ", StringComparison.Ordinal));

    /// <summary>Command lines of text that start a program, without variables that are set before them and flags of the caller's.</summary>
    public static IReadOnlyList<string[]> CommandsOf(string text) =>
    [
        .. text.Split('\n', ';')
            .Where(line => !line.StartsWith('#'))
            .Select(line => Split(line).SkipWhile(word => word.Contains('=', StringComparison.Ordinal) && !word.StartsWith('-')).Where(word => word is not ("&" or "$@")).ToArray())
            .Where(words => words.Length > 0 && Programs.Contains(words[0])),
    ];

    /// <summary>What bash says of a script's syntax; empty where it finds no fault.</summary>
    public string Syntax(string script)
    {
        using Process bash = Process.Start(new ProcessStartInfo("bash", ["-n", Path.Combine(folder, script)]) { RedirectStandardError = true })!;
        string error = bash.StandardError.ReadToEnd();
        bash.WaitForExit();
        return error;
    }

    /// <summary>Values of YAML by their paths, and whether they are quoted; lists add <c>[]</c>.</summary>
    public IReadOnlyList<(string Path, string Value, bool IsQuoted)> Yaml(string name)
    {
        using StringReader reader = new(Text(name));
        YamlStream stream = [];
        stream.Load(reader);
        return [.. stream.Documents.SelectMany(document => Values("", document.RootNode))];
    }

    private static IEnumerable<(string Path, string Value, bool IsQuoted)> Values(string path, YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.SelectMany(child => Values(path.Length == 0 ? child.Key.ToString() : $"{path}.{child.Key}", child.Value)),
        YamlSequenceNode list => list.Children.SelectMany(child => Values($"{path}[]", child)),
        YamlScalarNode scalar => [(path, scalar.Value ?? "", scalar.Style == YamlDotNet.Core.ScalarStyle.DoubleQuoted)],
        _ => throw new InvalidOperationException($"{path} is a {node.NodeType}"),
    };

    /// <summary>Splits as a shell does, without expanding anything.</summary>
    private static List<string> Split(string line)
    {
        List<string> words = [];
        StringBuilder word = new();
        bool isWord = false;
        char quote = '\0';
        foreach (char letter in line)
        {
            if (quote != '\0' ? letter == quote : letter is '\'' or '"')
            {
                quote = quote == '\0' ? letter : '\0';
                isWord = true;
            }
            else if (quote == '\0' && char.IsWhiteSpace(letter))
            {
                if (isWord)
                {
                    words.Add(word.ToString());
                    word.Clear();
                    isWord = false;
                }
            }
            else
            {
                word.Append(letter);
                isWord = true;
            }
        }

        if (isWord)
        {
            words.Add(word.ToString());
        }

        return words;
    }
}

using System.Text.RegularExpressions;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Names of modules that quantization spares: parts of names, names with <c>*</c>, or regular expressions after <c>re:</c>.
/// </summary>
internal sealed class ModulePatterns
{
    private readonly Regex[] patterns;

    /// <summary>Reads a list of names; none where it is missing.</summary>
    public ModulePatterns(JsonValue list)
    {
        patterns = list.IsNull ? [] : Array.ConvertAll(list.List("a list of module names"), Pattern);
    }

    /// <summary>Whether a module is among them.</summary>
    public bool Match(string module) => Array.Exists(patterns, pattern => pattern.IsMatch(module));

    private static Regex Pattern(JsonValue item)
    {
        const string Expected = "a module name, or re: and a regular expression";
        const string Expression = "re:";
        string text = item.Text(Expected);
        try
        {
            // Without backtracking no expression of a stranger's takes long.
            return text.StartsWith(Expression, StringComparison.Ordinal)
                ? new Regex($"^(?:{text[Expression.Length..]})", RegexOptions.NonBacktracking)
                : new Regex($@"(^|\.){Regex.Escape(text.TrimEnd('.')).Replace(@"\*", ".*", StringComparison.Ordinal)}($|\.)", RegexOptions.NonBacktracking);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw item.Complaint(Expected);
        }
    }
}

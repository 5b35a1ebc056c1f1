namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>What a name without wildcards stands for.</summary>
internal enum NameMeaning
{
    /// <summary>A module by its full name, and all within it.</summary>
    Whole,

    /// <summary>Any module with these parts of a name, points apart, somewhere in its own: <c>self_attn</c>, <c>mlp.gate</c>.</summary>
    Parts,

    /// <summary>A regular expression that some part of the name matches.</summary>
    Search,

    /// <summary>A regular expression that the beginning of the name matches.</summary>
    Expression,
}

/// <summary>
/// Modules that a quantizer names: by name, by shell pattern, or by regular expression after <c>re:</c>. Names are looked up by hash and
/// patterns are read once, so that hundreds of either cost little for each of the tens of thousands of modules that experts make.
/// </summary>
internal sealed class ModuleMatcher
{
    /// <summary>What an entry of a list may be.</summary>
    public const string Expected = "a module name, or re: and a regular expression";

    private const string ExpressionMark = "re:";
    private const string Parameter = ".weight";

    private readonly NameMeaning meaning;
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly List<NamePattern> patterns = [];

    private ModuleMatcher(NameMeaning meaning)
    {
        this.meaning = meaning;
        lookup = names.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Whether some entry may tell a block's experts apart.</summary>
    public bool MayNameExpert { get; private set; }

    /// <summary>Reads a list of names; an empty one where it is missing.</summary>
    public static ModuleMatcher Of(NameMeaning meaning, JsonValue list)
    {
        ModuleMatcher matcher = new(meaning);
        if (!list.IsNull)
        {
            foreach (JsonValue item in list.List("a list of module names"))
            {
                matcher.Add(item.Text(Expected), item);
            }
        }

        return matcher;
    }

    /// <summary>Reads names that stand at <paramref name="source"/>.</summary>
    public static ModuleMatcher Of(NameMeaning meaning, JsonValue source, params ReadOnlySpan<string> texts)
    {
        ModuleMatcher matcher = new(meaning);
        foreach (string text in texts)
        {
            matcher.Add(text, source);
        }

        return matcher;
    }

    /// <summary>Whether a module is among them.</summary>
    public bool Match(string module) =>
        (names.Count > 0 && (meaning == NameMeaning.Parts ? HasPart(module) : HasWhole(module)))
        || patterns.Exists(pattern => pattern.Match(module));

    /// <summary>The module, or one that it is in.</summary>
    private bool HasWhole(ReadOnlySpan<char> module)
    {
        while (module.Length > 0)
        {
            if (lookup.Contains(module))
            {
                return true;
            }

            module = module[..Math.Max(module.LastIndexOf('.'), 0)];
        }

        return false;
    }

    private bool HasPart(ReadOnlySpan<char> module)
    {
        while (!HasWhole(module))
        {
            int next = module.IndexOf('.') + 1;
            if (next == 0)
            {
                return false;
            }

            module = module[next..];
        }

        return true;
    }

    private void Add(string text, JsonValue source)
    {
        MayNameExpert |= NamePattern.MayNameExpert(text);
        bool isMarked = text.StartsWith(ExpressionMark, StringComparison.Ordinal);
        if (isMarked || meaning is NameMeaning.Search or NameMeaning.Expression)
        {
            patterns.Add(NamePattern.Expression(isMarked ? text[ExpressionMark.Length..] : text, meaning != NameMeaning.Search, source));
        }
        else if (Glob.IsOne(text))
        {
            patterns.Add(NamePattern.Shell(text));
        }
        else
        {
            // Lists of parameters name the weight; some names end in a point.
            string name = text.TrimEnd('.');
            names.Add(name.EndsWith(Parameter, StringComparison.Ordinal) ? name[..^Parameter.Length] : name);
        }
    }
}

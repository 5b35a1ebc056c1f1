namespace FastSim.Cli.Output;

/// <summary>Lines of a name and what there is to say of it, in two columns.</summary>
internal sealed class SheetLines
{
    private const int NameWidth = 20;

    private readonly List<string> lines = [];

    /// <summary>The lines.</summary>
    public IReadOnlyList<string> Lines => lines;

    /// <summary>Adds a line.</summary>
    public void Add(string name, string text) => lines.Add($"{name.PadRight(NameWidth)}{text}");

    /// <summary>Adds a line where there is something to say.</summary>
    public void AddIf(bool isThere, string name, string text)
    {
        if (isThere)
        {
            Add(name, text);
        }
    }

    /// <summary>Adds a list on one line, where it has entries.</summary>
    public void AddAll(string name, IEnumerable<string> entries)
    {
        string text = string.Join("; ", entries);
        AddIf(text.Length > 0, name, text);
    }

    /// <summary>Adds an empty line.</summary>
    public void Break() => lines.Add("");
}

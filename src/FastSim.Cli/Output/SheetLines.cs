namespace FastSim.Cli.Output;

/// <summary>Lines of a name and what there is to say of it, in two columns; what does not fit a line goes on below, in its column.</summary>
internal sealed class SheetLines
{
    private const int NameWidth = 20;

    private readonly List<string> lines = [];

    /// <summary>The lines.</summary>
    public IReadOnlyList<string> Lines => lines;

    /// <summary>Adds a name and its text.</summary>
    public void Add(string name, string text)
    {
        IReadOnlyList<string> parts = TextLines.Of(text, TextLines.Width - NameWidth);
        if (name.Length >= NameWidth)
        {
            lines.Add(name);
            lines.AddRange(parts.Select(part => $"{new string(' ', NameWidth)}{part}"));
            return;
        }

        lines.AddRange(parts.Select((part, index) => $"{(index == 0 ? name : "").PadRight(NameWidth)}{part}".TrimEnd()));
    }

    /// <summary>Adds a name and its text where there is something to say.</summary>
    public void AddIf(bool isThere, string name, string text)
    {
        if (isThere)
        {
            Add(name, text);
        }
    }

    /// <summary>Adds a list, where it has entries.</summary>
    public void AddAll(string name, IEnumerable<string> entries)
    {
        string text = string.Join("; ", entries);
        AddIf(text.Length > 0, name, text);
    }

    /// <summary>Adds an empty line.</summary>
    public void Break() => lines.Add("");
}

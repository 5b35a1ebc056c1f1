namespace FastSim.Cli.Reports;

/// <summary>What marks of a page's pictures say when they are pointed at, by number.</summary>
internal sealed class PageTips
{
    private readonly List<string> texts = [];

    /// <summary>The texts.</summary>
    public string[] Texts => [.. texts];

    /// <summary>Takes a text.</summary>
    /// <param name="lines">Its lines.</param>
    /// <returns>Its number.</returns>
    public int Add(params IEnumerable<string> lines)
    {
        texts.Add(string.Join('\n', lines));
        return texts.Count - 1;
    }
}

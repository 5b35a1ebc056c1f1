namespace FastSim.Cli.Output;

/// <summary>Text broken into lines for people: at blanks, or within a word that is longer than a line.</summary>
internal static class TextLines
{
    /// <summary>Columns that every table fits, whatever it is printed on.</summary>
    public const int Width = 80;

    /// <summary>Breaks a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">Characters a line, 1 at least.</param>
    public static IReadOnlyList<string> Of(string text, int width)
    {
        List<string> lines = [];
        string rest = text.TrimEnd();
        while (rest.Length > width)
        {
            // A blank at the very end of the line counts: what stands before it fits.
            int blank = rest.LastIndexOf(' ', width);
            int end = blank > 0 && rest.AsSpan(0, blank).Trim().Length > 0 ? blank : width;
            lines.Add(rest[..end].TrimEnd());
            rest = rest[end..].TrimStart();
        }

        lines.Add(rest);
        return lines;
    }
}

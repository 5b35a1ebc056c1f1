namespace FastSim.Cli.Reports;

/// <summary>
/// How wide texts are, about: pictures are drawn without knowing the reader's letters. Widths are those of DejaVu Sans, which is wider than what pages are shown in, and which PNG are written with.
/// </summary>
internal static class TextRoom
{
    private const double Letter = 0.62;
    private const double BoldLetter = 0.64;
    private const string Cut = "\u2026";

    /// <summary>About how wide a text is, pixels.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">Its size, pixels.</param>
    /// <param name="isBold">Whether it is bold.</param>
    public static double Of(string text, double size, bool isBold = false) => text.Length * size * (isBold ? BoldLetter : Letter);

    /// <summary>A text that fits: cut at its end where it does not, for tips and tables have it whole.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">Its size, pixels.</param>
    /// <param name="room">Room, pixels.</param>
    /// <param name="isBold">Whether it is bold.</param>
    public static string Fit(string text, double size, double room, bool isBold = false)
    {
        int most = Math.Max(1, (int)(room / Of("n", size, isBold)));
        return text.Length <= most ? text : text[..(most - 1)].TrimEnd() + Cut;
    }

    /// <summary>A text on two lines, broken between words as far down as there is room; the second is cut where it does not fit.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">Its size, pixels.</param>
    /// <param name="room">Room, pixels.</param>
    /// <param name="isBold">Whether it is bold.</param>
    public static (string First, string Second) Break(string text, double size, double room, bool isBold = false)
    {
        int most = Math.Max(1, (int)(room / Of("n", size, isBold)));
        if (text.Length <= most)
        {
            return (text, "");
        }

        int blank = text.LastIndexOf(' ', most);
        return blank > 0
            ? (text[..blank], Fit(text[(blank + 1)..], size, room, isBold))
            : (text[..most], Fit(text[most..], size, room, isBold));
    }
}

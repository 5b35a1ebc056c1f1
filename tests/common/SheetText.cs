namespace FastSim.Tests;

/// <summary>What <c>model show</c> and <c>system show</c> print, each fact on one line again.</summary>
public static class SheetText
{
    private const int NameWidth = 20;

    public static string Unfold(string text) => text.Replace($"\n{new string(' ', NameWidth)}", " ", StringComparison.Ordinal);
}

using System.Globalization;

namespace FastSim.Cli.Reports;

/// <summary>Colours of charts: a scale that rises evenly in lightness, and kinds that readers of any colour vision tell apart.</summary>
internal static class Palette
{
    /// <summary>Where there is no plan.</summary>
    public const string Missing = "#e4e4e4";

    /// <summary>Colour of what is best.</summary>
    public const string Best = "#c2185b";

    /// <summary>Colour of what waits for compute units.</summary>
    public const string Compute = "#e69f00";

    /// <summary>Colour of what waits for memory.</summary>
    public const string Memory = "#0072b2";

    /// <summary>Colour of what waits for the network.</summary>
    public const string Communication = "#cc79a7";

    /// <summary>Colour of what a power cap slows down.</summary>
    public const string PowerCap = "#d55e00";

    /// <summary>Colour of what waits for a second memory.</summary>
    public const string SecondMemory = "#009e73";

    /// <summary>Colour of time that neither peak explains.</summary>
    public const string Beyond = "#9a9a9a";

    private static readonly (int Red, int Green, int Blue)[] Scale =
        [(40, 24, 82), (46, 79, 122), (38, 130, 142), (53, 176, 119), (142, 214, 68), (249, 231, 60)];

    private static readonly string[] Kinds = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#8c6d31", "#5a5a5a"];

    /// <summary>Colour of a share from 0 to 1.</summary>
    public static string Of(double share)
    {
        double place = Math.Clamp(share, 0, 1) * (Scale.Length - 1);
        int below = Math.Min((int)place, Scale.Length - 2);
        double rest = place - below;
        int Mix(int from, int to) => (int)Math.Round(from + ((to - from) * rest));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"#{Mix(Scale[below].Red, Scale[below + 1].Red):x2}{Mix(Scale[below].Green, Scale[below + 1].Green):x2}{Mix(Scale[below].Blue, Scale[below + 1].Blue):x2}");
    }

    /// <summary>Colour of text that is read on a colour: black or white.</summary>
    /// <param name="colour">The colour, as <c>#rrggbb</c>.</param>
    public static string On(string colour)
    {
        int Part(int from) => int.Parse(colour.AsSpan(from, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        const double Bright = 128;
        return (0.299 * Part(1)) + (0.587 * Part(3)) + (0.114 * Part(5)) > Bright ? "#000000" : "#ffffff";
    }

    /// <summary>Colour of a kind.</summary>
    public static string Kind(int index) => Kinds[index % Kinds.Length];
}

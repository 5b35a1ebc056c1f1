using System.Globalization;
using System.Net;
using System.Text;

namespace FastSim.Cli.Reports;

/// <summary>How a text sits at its point.</summary>
internal enum TextAnchor
{
    /// <summary>It starts there.</summary>
    Start,

    /// <summary>It is centred there.</summary>
    Middle,

    /// <summary>It ends there.</summary>
    End,
}

/// <summary>Draws a chart as SVG. Lengths are pixels; what a pointer may ask about carries the number of its tip.</summary>
/// <param name="width">Width.</param>
/// <param name="height">Height.</param>
/// <param name="title">What the chart shows, for readers that cannot see it.</param>
internal sealed class SvgCanvas(double width, double height, string title)
{
    /// <summary>Colour of text and axes.</summary>
    public const string Ink = "#333333";

    /// <summary>Size of ordinary text.</summary>
    public const double TextSize = 12;

    private readonly StringBuilder body = new();

    /// <summary>Width of the chart.</summary>
    public double Width => width;

    /// <summary>A filled rectangle.</summary>
    public void Rectangle(double x, double y, double rectangleWidth, double rectangleHeight, string fill, int? tip = null) =>
        Add($"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{rectangleWidth:0.##}\" height=\"{rectangleHeight:0.##}\" fill=\"{fill}\"{Tip(tip)}/>");

    /// <summary>A filled circle.</summary>
    public void Circle(double x, double y, double radius, string fill, int? tip = null) =>
        Add($"<circle cx=\"{x:0.##}\" cy=\"{y:0.##}\" r=\"{radius:0.##}\" fill=\"{fill}\"{Tip(tip)}/>");

    /// <summary>A straight line.</summary>
    public void Line(double fromX, double fromY, double toX, double toY, string stroke, double strokeWidth = 1) =>
        Add($"<line x1=\"{fromX:0.##}\" y1=\"{fromY:0.##}\" x2=\"{toX:0.##}\" y2=\"{toY:0.##}\" stroke=\"{stroke}\" stroke-width=\"{strokeWidth:0.##}\"/>");

    /// <summary>A line through points.</summary>
    public void Path(IEnumerable<(double X, double Y)> points, string stroke)
    {
        string coordinates = string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.##},{point.Y:0.##}")));
        Add($"<polyline points=\"{coordinates}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"2\"/>");
    }

    /// <summary>A text.</summary>
    public void Text(double x, double y, string text, TextAnchor anchor = TextAnchor.Start, double size = TextSize, bool isBold = false, bool isUpright = true)
    {
        string word = anchor switch
        {
            TextAnchor.Middle => "middle",
            TextAnchor.End => "end",
            _ => "start",
        };
        string weight = isBold ? " font-weight=\"600\"" : "";
        string turn = isUpright ? "" : string.Create(CultureInfo.InvariantCulture, $" transform=\"rotate(-90 {x:0.##} {y:0.##})\"");
        Add($"<text x=\"{x:0.##}\" y=\"{y:0.##}\" text-anchor=\"{word}\" font-size=\"{size:0.##}\" fill=\"{Ink}\"{weight}{turn}>{WebUtility.HtmlEncode(text)}</text>");
    }

    /// <summary>The picture.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:0}\" height=\"{height:0}\" viewBox=\"0 0 {width:0} {height:0}\" font-family=\"system-ui, sans-serif\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(title)}\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{body}</svg>\n");

    private static string Tip(int? tip) => tip is { } number ? string.Create(CultureInfo.InvariantCulture, $" data-tip=\"{number}\"") : "";

    private void Add(FormattableString element) => body.Append(element.ToString(CultureInfo.InvariantCulture)).Append('\n');
}

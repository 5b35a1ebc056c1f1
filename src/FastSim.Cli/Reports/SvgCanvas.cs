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

/// <summary>
/// Draws a chart as SVG. Lengths are pixels; what a pointer may ask about carries the number of its tip. Colours are attributes, so that a picture alone
/// has them, and classes say what is what, so that a page may give a kind another colour (<see cref="PageStyle"/>).
/// </summary>
/// <param name="width">Width.</param>
/// <param name="height">Height.</param>
/// <param name="title">What the chart shows, for readers that cannot see it.</param>
internal sealed class SvgCanvas(double width, double height, string title)
{
    /// <summary>Colour of text and axes.</summary>
    public const string Ink = "#333333";

    /// <summary>Size of ordinary text.</summary>
    public const double TextSize = 12;

    /// <summary>Size of the texts at an axis.</summary>
    public const double TickSize = 11;

    /// <summary>Colour of lines behind what is drawn.</summary>
    public const string GridColour = "#e8e8e8";

    private const double TitleSize = 15;
    private const double LabelTextSize = 10;

    private readonly StringBuilder body = new();

    /// <summary>Width of the chart.</summary>
    public double Width => width;

    /// <summary>A filled rectangle.</summary>
    public void Rectangle(double x, double y, double rectangleWidth, double rectangleHeight, string fill, int? tip = null, string? kind = null) =>
        Add($"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{rectangleWidth:0.##}\" height=\"{rectangleHeight:0.##}\" fill=\"{fill}\"{Class(kind)}{Tip(tip)}/>");

    /// <summary>A rectangle that only has an edge.</summary>
    public void Outline(double x, double y, double rectangleWidth, double rectangleHeight, string stroke, double strokeWidth, string kind) =>
        Add($"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{rectangleWidth:0.##}\" height=\"{rectangleHeight:0.##}\" fill=\"none\" pointer-events=\"none\" stroke=\"{stroke}\" stroke-width=\"{strokeWidth:0.##}\"{Class(kind)}/>");

    /// <summary>A filled circle.</summary>
    public void Circle(double x, double y, double radius, string fill, int? tip = null, string? kind = null) =>
        Add($"<circle cx=\"{x:0.##}\" cy=\"{y:0.##}\" r=\"{radius:0.##}\" fill=\"{fill}\"{Class(kind)}{Tip(tip)}/>");

    /// <summary>A star of five points.</summary>
    public void Star(double x, double y, double radius, string fill, int? tip = null, string? kind = null)
    {
        const int Corners = 10;
        const double Inner = 0.45;
        IEnumerable<(double, double)> corners = Enumerable.Range(0, Corners).Select(corner =>
        {
            double angle = (corner * Math.PI / (Corners / 2)) - (Math.PI / 2);
            double reach = corner % 2 == 0 ? radius : radius * Inner;
            return (x + (reach * Math.Cos(angle)), y + (reach * Math.Sin(angle)));
        });
        Add($"<polygon points=\"{Coordinates(corners)}\" fill=\"{fill}\"{Class(kind)}{Tip(tip)}/>");
    }

    /// <summary>A straight line.</summary>
    public void Line(double fromX, double fromY, double toX, double toY, string stroke, double strokeWidth = 1, string? kind = null) =>
        Add($"<line x1=\"{fromX:0.##}\" y1=\"{fromY:0.##}\" x2=\"{toX:0.##}\" y2=\"{toY:0.##}\" stroke=\"{stroke}\" stroke-width=\"{strokeWidth:0.##}\"{Class(kind)}/>");

    /// <summary>A line behind what is drawn.</summary>
    public void GridLine(double fromX, double fromY, double toX, double toY) => Line(fromX, fromY, toX, toY, GridColour, kind: "grid");

    /// <summary>A line through points.</summary>
    public void Path(IEnumerable<(double X, double Y)> points, string stroke, bool isDashed = false, string? kind = null)
    {
        string dashes = isDashed ? " stroke-dasharray=\"5 4\"" : "";
        Add($"<polyline points=\"{Coordinates(points)}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"2\"{dashes}{Class(kind)}/>");
    }

    /// <summary>A thin line over what a pointer may ask about, which it does not hide from it.</summary>
    public void Contour(IEnumerable<(double X, double Y)> points, string stroke, double strokeWidth, double opacity, string kind) =>
        Add($"<polyline points=\"{Coordinates(points)}\" fill=\"none\" pointer-events=\"none\" stroke=\"{stroke}\" stroke-width=\"{strokeWidth:0.##}\" opacity=\"{opacity:0.##}\"{Class(kind)}/>");

    /// <summary>A short text centred on a point of a line, on a ground of its own.</summary>
    public void Label(double x, double y, string text, string kind)
    {
        (double wide, double tall) = LabelSize(text);
        Add($"<rect x=\"{x - (wide / 2):0.##}\" y=\"{y - (tall / 2):0.##}\" width=\"{wide:0.##}\" height=\"{tall:0.##}\" fill=\"#ffffff\" opacity=\"0.85\" pointer-events=\"none\" class=\"{kind}\"/>");
        Add($"<text x=\"{x:0.##}\" y=\"{y + (LabelTextSize * 0.36):0.##}\" text-anchor=\"middle\" font-size=\"{LabelTextSize:0.##}\" fill=\"{Ink}\" pointer-events=\"none\" class=\"{kind}\">{WebUtility.HtmlEncode(text)}</text>");
    }

    /// <summary>Width and height of such a text's ground.</summary>
    public static (double Wide, double Tall) LabelSize(string text)
    {
        const double Letter = 6;
        const double Tall = 13;
        return ((text.Length * Letter) + Letter, Tall);
    }

    /// <summary>A text.</summary>
    public void Text(
        double x, double y, string text, TextAnchor anchor = TextAnchor.Start, double size = TextSize, bool isBold = false, string? kind = null, string fill = Ink)
    {
        string word = anchor switch
        {
            TextAnchor.Middle => "middle",
            TextAnchor.End => "end",
            _ => "start",
        };
        string weight = isBold ? " font-weight=\"600\"" : "";
        Add($"<text x=\"{x:0.##}\" y=\"{y:0.##}\" text-anchor=\"{word}\" font-size=\"{size:0.##}\" fill=\"{fill}\"{weight}{Class(kind)}>{WebUtility.HtmlEncode(text)}</text>");
    }

    /// <summary>The chart's name, above it; a page says it in words of its own, and leaves it out.</summary>
    /// <param name="x">Its left edge.</param>
    /// <param name="y">Its base line; on two smaller lines around it where there is not enough room.</param>
    public void Title(double x, double y)
    {
        const double Smaller = 13;
        const double Up = 6;
        const double LineHeight = 16;
        double room = width - (2 * x);
        if (TextRoom.Of(title, TitleSize, isBold: true) <= room)
        {
            Text(x, y, title, size: TitleSize, isBold: true, kind: "title");
            return;
        }

        (string first, string second) = TextRoom.Break(title, Smaller, room, isBold: true);
        Text(x, second.Length > 0 ? y - Up : y, first, size: Smaller, isBold: true, kind: "title");
        if (second.Length > 0)
        {
            Text(x, y - Up + LineHeight, second, size: Smaller, isBold: true, kind: "title");
        }
    }

    /// <summary>The name of an axis, in bold, cut where it is wider than the picture.</summary>
    public void AxisName(double x, double y, string text, TextAnchor anchor = TextAnchor.Start)
    {
        const double Margin = 14;
        double room = anchor == TextAnchor.Middle ? 2 * Math.Min(x, width - x) : width - x;
        Text(x, y, TextRoom.Fit(text, TextSize, room - Margin, isBold: true), anchor, isBold: true);
    }

    /// <summary>The text at a step of an axis; every other one may be left out where there is little room.</summary>
    public void Tick(double x, double y, string text, TextAnchor anchor, int number) =>
        Text(x, y, text, anchor, TickSize, kind: number % 2 == 0 ? "tick" : "tick spare");

    /// <summary>The picture.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:0}\" height=\"{height:0}\" viewBox=\"0 0 {width:0} {height:0}\" font-family=\"system-ui, sans-serif\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(title)}\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\" class=\"ground\"/>\n{body}</svg>\n");

    private static string Coordinates(IEnumerable<(double X, double Y)> points) =>
        string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.##},{point.Y:0.##}")));

    private static string Class(string? kind) => kind is null ? "" : $" class=\"{kind}\"";

    private static string Tip(int? tip) => tip is { } number ? string.Create(CultureInfo.InvariantCulture, $" data-tip=\"{number}\"") : "";

    private void Add(FormattableString element) => body.Append(element.ToString(CultureInfo.InvariantCulture)).Append('\n');
}

using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using SkiaSharp;

namespace FastSim.Cli.Pictures;

/// <summary>
/// A chart as PNG: the picture that <see cref="Reports.SvgCanvas"/> drew, its elements read again one a line and painted by Skia, so that one drawing is both.
/// Skia is a native library, loaded when a PNG is asked for.
/// </summary>
internal static partial class PngPicture
{
    /// <summary>Pixels of a picture's pixel: sharp on paper and on dense screens.</summary>
    private const float Density = 2;

    private const int Quality = 100;
    private const string Library = "libSkiaSharp";

    /// <summary>Why no PNG can be made; null where they can.</summary>
    public static string? Absence => NativeLibrary.TryLoad(Library, typeof(SKCanvas).Assembly, null, out _)
        ? null
        : $"--plots: {Library} is not beside the program, as it is on Linux; plots are SVG alone";

    /// <summary>Paints a chart.</summary>
    /// <param name="svg">The chart.</param>
    /// <returns>The file's bytes.</returns>
    public static byte[] Of(string svg)
    {
        string[] elements = svg.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Dictionary<string, string> size = Attributes(elements[0]);
        using SKBitmap bitmap = new((int)Math.Ceiling(Number(size, "width") * Density), (int)Math.Ceiling(Number(size, "height") * Density));
        using SKCanvas canvas = new(bitmap);
        using GlyphOutlines glyphs = new();
        canvas.Clear(SKColors.White);
        canvas.Scale(Density);
        foreach (string element in elements.Skip(2))
        {
            Paint(canvas, glyphs, element);
        }

        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, Quality);
        return data.ToArray();
    }

    private static void Paint(SKCanvas canvas, GlyphOutlines glyphs, string element)
    {
        Match match = Element().Match(element);
        Dictionary<string, string> attributes = Attributes(match.Groups["attributes"].Value);
        float Own(string name) => Number(attributes, name);
        switch (match.Groups["name"].Value)
        {
            case "rect":
                Shape(canvas, attributes, paint => canvas.DrawRect(Own("x"), Own("y"), Own("width"), Own("height"), paint));
                break;
            case "circle":
                Shape(canvas, attributes, paint => canvas.DrawCircle(Own("cx"), Own("cy"), Own("r"), paint));
                break;
            case "line":
                Shape(canvas, attributes, paint => canvas.DrawLine(Own("x1"), Own("y1"), Own("x2"), Own("y2"), paint));
                break;
            case "polyline" or "polygon":
                using (SKPath path = Path(attributes["points"], match.Groups["name"].Value == "polygon"))
                {
                    Shape(canvas, attributes, paint => canvas.DrawPath(path, paint));
                }

                break;
            case "text":
                Text(canvas, glyphs, attributes, WebUtility.HtmlDecode(match.Groups["text"].Value));
                break;
        }
    }

    /// <summary>Fills a shape, and draws its edge, as far as it says so.</summary>
    private static void Shape(SKCanvas canvas, Dictionary<string, string> attributes, Action<SKPaint> draw)
    {
        using SKPaint paint = new() { IsAntialias = true };
        byte opacity = (byte)Math.Round(byte.MaxValue * Number(attributes, "opacity", 1));
        if (attributes.GetValueOrDefault("fill") is { } fill and not "none")
        {
            paint.Color = SKColor.Parse(fill).WithAlpha(opacity);
            draw(paint);
        }

        if (attributes.GetValueOrDefault("stroke") is { } stroke and not "none")
        {
            paint.Color = SKColor.Parse(stroke).WithAlpha(opacity);
            paint.Style = SKPaintStyle.Stroke;
            paint.StrokeWidth = Number(attributes, "stroke-width", 1);
            paint.StrokeJoin = SKStrokeJoin.Round;
            if (attributes.GetValueOrDefault("stroke-dasharray") is { } dashes)
            {
                paint.PathEffect = SKPathEffect.CreateDash([.. dashes.Split(' ').Select(dash => float.Parse(dash, CultureInfo.InvariantCulture))], 0);
            }

            draw(paint);
        }
    }

    private static void Text(SKCanvas canvas, GlyphOutlines glyphs, Dictionary<string, string> attributes, string text)
    {
        using SKPaint paint = new() { IsAntialias = true, Color = SKColor.Parse(attributes["fill"]) };
        bool isBold = attributes.ContainsKey("font-weight");
        float size = Number(attributes, "font-size");
        float width = glyphs.WidthOf(text, size, isBold);
        float before = attributes["text-anchor"] switch
        {
            "middle" => width / 2,
            "end" => width,
            _ => 0,
        };
        glyphs.Draw(canvas, Number(attributes, "x") - before, Number(attributes, "y"), text, size, isBold, paint);
    }

    private static SKPath Path(string points, bool isClosed)
    {
        float[] numbers = [.. points.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Select(number => float.Parse(number, CultureInfo.InvariantCulture))];
        using SKPathBuilder path = new();
        for (int point = 0; point + 1 < numbers.Length; point += 2)
        {
            if (point == 0)
            {
                path.MoveTo(numbers[0], numbers[1]);
            }
            else
            {
                path.LineTo(numbers[point], numbers[point + 1]);
            }
        }

        if (isClosed)
        {
            path.Close();
        }

        return path.Detach();
    }

    private static Dictionary<string, string> Attributes(string element) =>
        Attribute().Matches(element).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["value"].Value);

    private static float Number(Dictionary<string, string> attributes, string name, float missing = 0) =>
        attributes.TryGetValue(name, out string? text) ? float.Parse(text, CultureInfo.InvariantCulture) : missing;

    [GeneratedRegex("^<(?<name>[a-z]+)(?<attributes>( [a-z0-9-]+=\"[^\"]*\")*)/?>((?<text>.*)</text>)?$")]
    private static partial Regex Element();

    [GeneratedRegex(" (?<name>[a-z0-9-]+)=\"(?<value>[^\"]*)\"")]
    private static partial Regex Attribute();
}

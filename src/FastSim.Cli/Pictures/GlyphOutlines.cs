using System.Globalization;
using SkiaSharp;

namespace FastSim.Cli.Pictures;

/// <summary>
/// The glyphs that pictures are written with: outlines in the program itself, so that a picture has the same words on a machine without fonts. What they lack is
/// drawn as a box.
/// </summary>
internal sealed class GlyphOutlines : IDisposable
{
    private const string Resource = "Glyphs.txt";
    private const int Missing = 0xfffd;
    private const float UnitsPerEm = 1000;

    private readonly Dictionary<(bool IsBold, int Point), (float Advance, SKPath Path)> glyphs = [];

    /// <summary>Reads the outlines.</summary>
    public GlyphOutlines()
    {
        using Stream stream = typeof(GlyphOutlines).Assembly.GetManifestResourceStream(Resource)!;
        using StreamReader reader = new(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#') || line.Split(' ', 4) is not [var weight, var point, var advance, var path])
            {
                continue;
            }

            glyphs.Add(
                (weight == "bold", int.Parse(point, NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
                (float.Parse(advance, CultureInfo.InvariantCulture), SKPath.ParseSvgPathData(path) ?? new SKPath()));
        }
    }

    /// <summary>Width of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">Its size.</param>
    /// <param name="isBold">Whether it is bold.</param>
    public float WidthOf(string text, float size, bool isBold) => text.EnumerateRunes().Sum(rune => Of(isBold, rune.Value).Advance) * size / UnitsPerEm;

    /// <summary>Draws a text from a point on its base line.</summary>
    /// <param name="canvas">Where to.</param>
    /// <param name="x">Its start.</param>
    /// <param name="y">Its base line.</param>
    /// <param name="text">The text.</param>
    /// <param name="size">Its size.</param>
    /// <param name="isBold">Whether it is bold.</param>
    /// <param name="paint">Its colour.</param>
    public void Draw(SKCanvas canvas, float x, float y, string text, float size, bool isBold, SKPaint paint)
    {
        canvas.Save();
        canvas.Translate(x, y);
        canvas.Scale(size / UnitsPerEm);
        foreach (System.Text.Rune rune in text.EnumerateRunes())
        {
            (float advance, SKPath path) = Of(isBold, rune.Value);
            canvas.DrawPath(path, paint);
            canvas.Translate(advance, 0);
        }

        canvas.Restore();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, SKPath path) in glyphs.Values)
        {
            path.Dispose();
        }
    }

    private (float Advance, SKPath Path) Of(bool isBold, int point) => glyphs.TryGetValue((isBold, point), out (float, SKPath) known) ? known : glyphs[(isBold, Missing)];
}

using System.Globalization;
using FastSim.Cli.Reports;

namespace FastSim.Cli.DeploymentReports;

/// <summary>Where the time of a pass goes: by what takes it, and operator by operator, block after block.</summary>
internal static class PassPlot
{
    private const double Millisecond = 1e3;
    private const double Microsecond = 1e6;

    /// <summary>What a pass consists of, in the order of its bar; null for what is beyond the peaks, whatever binds the launch.</summary>
    private static readonly (PieceBound? Bound, string Name, string Colour)[] Parts =
    [
        (PieceBound.Compute, "compute, at the peak", Palette.Compute),
        (PieceBound.Memory, "memory, at the peak", Palette.Memory),
        (PieceBound.Communication, "communication", Palette.Communication),
        (null, "beyond the peaks", Palette.Beyond),
        (PieceBound.PowerCap, "power cap", Palette.PowerCap),
        (PieceBound.SecondMemory, "second memory", Palette.SecondMemory),
    ];

    /// <summary>Draws a pass.</summary>
    /// <param name="name">Name of the picture.</param>
    /// <param name="what">Whose pass it is, in words.</param>
    /// <param name="pieces">Its pieces.</param>
    /// <param name="rest">What else there is to say of it.</param>
    /// <param name="tips">Takes what marks say.</param>
    public static Plot Draw(string name, string what, IReadOnlyList<PassPiece> pieces, string rest, PageTips tips)
    {
        double all = pieces.Sum(piece => piece.Seconds);
        bool isShort = all * Millisecond < 1;
        double unit = isShort ? Microsecond : Millisecond;
        string unitName = isShort ? "µs" : "ms";
        string title = Text($"Time of {what}: {Labels.Of(all * unit)} {unitName}");
        List<StackedBar> bars = [Whole(pieces, all, unit, unitName, tips)];
        double start = 0;
        foreach (string block in pieces.Select(piece => piece.Block).Distinct())
        {
            PassPiece[] own = [.. pieces.Where(piece => piece.Block == block)];
            double seconds = own.Sum(piece => piece.Seconds);
            bars.Add(new StackedBar(
                Text($"{block}: {Labels.Of(seconds * unit)} {unitName}, {Share(seconds, all)}"), start * unit, [.. own.SelectMany(piece => Marks(piece, all, unit, tips))]));
            start += seconds;
        }

        LegendEntry[] legend =
        [
            .. Parts.Where(part => part.Bound is null || pieces.Any(piece => piece.Bound == part.Bound)).Select(part => LegendEntry.Square(part.Name, part.Colour)),
        ];
        return new Plot(
            name,
            title,
            "A stage's launches over all its layers, summed by block. Beyond the peaks: launching, tiles and waves, and what a kernel does not reach of the peak that binds it." + rest,
            StackedBars.Draw(title, unitName, bars, legend),
            TableOf(what, pieces, all));
    }

    /// <summary>What binds a launch, in words.</summary>
    public static string WordOf(PieceBound bound) => bound switch
    {
        PieceBound.Compute => "compute",
        PieceBound.Communication => "communication",
        PieceBound.PowerCap => "power cap",
        PieceBound.SecondMemory => "second memory",
        _ => "memory",
    };

    /// <summary>What is known of a launch.</summary>
    public static IEnumerable<string> Tip(PassPiece piece, double all)
    {
        yield return piece.Name;
        yield return Text($"{Labels.Of(piece.Seconds * Microsecond)} µs, {Share(piece.Seconds, all)} of the pass, {piece.Repeats:0} times {Labels.Of(piece.Seconds / piece.Repeats * Microsecond)} µs");
        if (piece.Bound == PieceBound.Communication)
        {
            yield return "communication";
        }
        else if (piece.Bound == PieceBound.SecondMemory)
        {
            yield return "what streams from a second memory, or from where prefixes are kept, takes longer than the launches do";
        }
        else if (piece.Bound == PieceBound.PowerCap)
        {
            yield return "what the launches' energy takes longer at the watts that the cap leaves for work than they do themselves";
        }
        else
        {
            yield return Text($"bound by {WordOf(piece.Bound)}, which at the peak takes {Share(piece.PeakSeconds, piece.Seconds)} of that");
            yield return Text($"{Labels.Of(piece.Flops)} FLOP, {Labels.Of(piece.Bytes)} bytes, {Labels.Of(piece.Intensity)} FLOP/byte");
            yield return Text($"{Labels.Of(piece.FlopsPerSecond / 1e12)} TFLOP/s, {Labels.Of(piece.Bytes / piece.Seconds / 1e9)} GB/s");
        }

        if (piece.Clock is { } clock)
        {
            yield return $"timing: {clock}";
        }
    }

    /// <summary>A share in per cent.</summary>
    public static string Share(double part, double all) => Text($"{part / all * 100:0.#} %");

    private static StackedBar Whole(IReadOnlyList<PassPiece> pieces, double all, double unit, string unitName, PageTips tips)
    {
        List<BarPiece> parts = [];
        foreach ((PieceBound? bound, string name, string colour) in Parts)
        {
            double seconds = pieces.Sum(piece => bound is null ? piece.BeyondSeconds : piece.Bound == bound ? piece.PeakSeconds : 0);
            if (seconds > 0)
            {
                parts.Add(new BarPiece(
                    seconds * unit, colour, tips.Add($"{name}: {Labels.Of(seconds * unit)} {unitName}, {Share(seconds, all)} of the pass"), Share(seconds, all)));
            }
        }

        return new StackedBar("the whole pass", 0, parts);
    }

    private static IEnumerable<BarPiece> Marks(PassPiece piece, double all, double unit, PageTips tips)
    {
        int tip = tips.Add(Tip(piece, all));
        string colour = Array.Find(Parts, part => part.Bound == piece.Bound).Colour;
        yield return new BarPiece(piece.PeakSeconds * unit, colour, tip, piece.Name);
        if (piece.BeyondSeconds > 0)
        {
            yield return new BarPiece(piece.BeyondSeconds * unit, Palette.Beyond, tip, piece.PeakSeconds < piece.BeyondSeconds ? piece.Name : "");
        }
    }

    private static PageTable TableOf(string what, IReadOnlyList<PassPiece> pieces, double all) => new(
        $"Launches of {what}, all layers",
        ["launch", "block", "bound by", "times", "µs", "% of the pass", "% at the peak", "FLOP", "bytes", "FLOP/byte", "TFLOP/s", "timing"],
        [
            .. pieces.Select(piece => (IReadOnlyList<PageCell>)
            [
                piece.Name, piece.Block, WordOf(piece.Bound), PageCell.Of(piece.Repeats), PageCell.Of(piece.Seconds * Microsecond), PageCell.Of(piece.Seconds / all * 100, "0.0"),
                PageCell.Of(piece.PeakSeconds / piece.Seconds * 100, "0"), PageCell.Of(piece.Flops), PageCell.Of(piece.Bytes), PageCell.Of(piece.Intensity),
                PageCell.Of(piece.FlopsPerSecond / 1e12), piece.Bound is PieceBound.PowerCap or PieceBound.SecondMemory ? "–" : piece.Clock ?? "chip's rates",
            ]),
        ]);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

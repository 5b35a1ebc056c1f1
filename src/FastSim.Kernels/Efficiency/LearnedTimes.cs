using System.Collections.Concurrent;
using System.Globalization;

namespace FastSim.Kernels.Efficiency;

/// <summary>
/// Times of operators on one chip as a learned efficiency has them, at the batches of a fixed grid. Each distinct operator is asked for
/// once. Serves any number of threads.
/// </summary>
public sealed class LearnedTimes
{
    private const double Tolerance = 1e-5;

    /// <summary>Operators remembered at once: of many chips, as in a sweep, some tens of megabytes.</summary>
    private const int MostCurves = 1 << 15;

    private readonly IEfficiencyModel model;
    private readonly ConcurrentDictionary<(OperatorShape Shape, RooflineChip Chip), Curve> curves = new();
    private long asked;
    private int remembered;

    /// <summary>Times by a model.</summary>
    /// <param name="model">The model.</param>
    public LearnedTimes(IEfficiencyModel model) => this.model = model;

    /// <summary>Operator shapes that the model was asked for.</summary>
    public long Asked => Interlocked.Read(ref asked);

    /// <summary>Whether the model knows a family.</summary>
    public bool Knows(OperatorFamily family) => model.RangeOf(family) is not null;

    /// <summary>Microseconds of an operator at the first points of the grid.</summary>
    /// <param name="perSequence">The operator at one sequence; its rows grow with them.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="points">Points wanted.</param>
    /// <exception cref="EfficiencyModelException">The model's answer is none that it may give.</exception>
    internal ReadOnlySpan<double> Microseconds(in OperatorShape perSequence, in RooflineChip chip, int points)
    {
        Curve curve = CurveOf(perSequence, chip);
        lock (curve)
        {
            if (curve.Times.Length < points)
            {
                Extend(curve, perSequence, chip, points);
            }

            return curve.Times.AsSpan(0, points);
        }
    }

    /// <summary>Microseconds of an operator at a batch between the grid's points, where efficiency and floor change in proportion.</summary>
    /// <param name="shape">The operator.</param>
    /// <param name="asked">Number format whose efficiency counts, where the kernel that runs was measured in that one; null for its own.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="isCovered">Whether the model was trained among operators like this one.</param>
    /// <exception cref="EfficiencyModelException">The model's answer is none that it may give.</exception>
    public double Microseconds(in OperatorShape shape, NumberKind? asked, in RooflineChip chip, out bool isCovered)
    {
        double rows = Math.Max(1, shape.Rows);
        OperatorShape one = shape with { Rows = 1, Kind = asked ?? shape.Kind };
        Curve curve = CurveOf(one, chip);
        lock (curve)
        {
            if (curve.Times.Length < BatchGrid.Count)
            {
                Extend(curve, one, chip, BatchGrid.Count);
            }
        }

        int below = BatchGrid.IndexOf(rows);
        int above = Math.Min(below + 1, BatchGrid.Count - 1);
        double share = above == below ? 0 : Math.Clamp((rows - BatchGrid.At(below)) / (BatchGrid.At(above) - BatchGrid.At(below)), 0, 1);
        double efficiency = (curve.Efficiencies[below] * (1 - share)) + (curve.Efficiencies[above] * share);
        double floor = (curve.Floors[below] * (1 - share)) + (curve.Floors[above] * share);
        Span<float> row = stackalloc float[OperatorFeatures.Count];
        double roofline = OperatorFeatures.Write(shape, chip, row);
        isCovered = asked is { } other && other != shape.Kind ? Covers(shape with { Kind = other }, chip) : model.Covers(shape.Family, row);
        return (roofline / efficiency) + floor;
    }

    /// <summary>Whether the model was trained among operators like this one.</summary>
    internal bool Covers(in OperatorShape shape, in RooflineChip chip)
    {
        Span<float> row = stackalloc float[OperatorFeatures.Count];
        OperatorFeatures.Write(shape, chip, row);
        return model.Covers(shape.Family, row);
    }

    private Curve CurveOf(in OperatorShape shape, in RooflineChip chip)
    {
        if (curves.TryGetValue((shape, chip), out Curve? known))
        {
            return known;
        }

        if (Interlocked.Increment(ref remembered) > MostCurves)
        {
            Interlocked.Exchange(ref remembered, 0);
            curves.Clear();
        }

        return curves.GetOrAdd((shape, chip), _ => new Curve());
    }

    private void Extend(Curve curve, in OperatorShape perSequence, in RooflineChip chip, int points)
    {
        int known = curve.Times.Length;
        int count = points - known;
        float[] features = new float[count * OperatorFeatures.Count];
        float[] answers = new float[count * 2];
        double[] rooflines = new double[count];
        Span<double> tiles = stackalloc double[Timing.GemmTiming.Tiles];
        OperatorFeatures.Prepare(perSequence, chip, tiles);
        for (int point = 0; point < count; point++)
        {
            rooflines[point] = OperatorFeatures.Write(
                perSequence with { Rows = perSequence.Rows * BatchGrid.At(known + point) },
                chip,
                tiles,
                features.AsSpan(point * OperatorFeatures.Count, OperatorFeatures.Count));
        }

        model.Evaluate(perSequence.Family, features, answers);
        Interlocked.Add(ref asked, count);
        EfficiencyRange range = model.RangeOf(perSequence.Family)!.Value;
        double[] times = new double[points];
        double[] efficiencies = new double[points];
        double[] floors = new double[points];
        curve.Times.CopyTo(times, 0);
        curve.Efficiencies.CopyTo(efficiencies, 0);
        curve.Floors.CopyTo(floors, 0);
        for (int point = 0; point < count; point++)
        {
            (double efficiency, double floor) = (answers[2 * point], answers[(2 * point) + 1]);
            if (!(efficiency >= range.LeastEfficiency * (1 - Tolerance) && efficiency <= range.MostEfficiency * (1 + Tolerance)
                && floor >= range.LeastFloorMicroseconds * (1 - Tolerance) && floor <= range.MostFloorMicroseconds * (1 + Tolerance)))
            {
                throw Refused(
                    perSequence with { Rows = perSequence.Rows * BatchGrid.At(known + point) },
                    features.AsSpan(point * OperatorFeatures.Count, OperatorFeatures.Count),
                    efficiency,
                    floor,
                    range);
            }

            (efficiencies[known + point], floors[known + point]) = (efficiency, floor);
            times[known + point] = (rooflines[point] / efficiency) + floor;
        }

        (curve.Times, curve.Efficiencies, curve.Floors) = (times, efficiencies, floors);
    }

    private static EfficiencyModelException Refused(
        in OperatorShape shape, ReadOnlySpan<float> features, double efficiency, double floor, EfficiencyRange range)
    {
        string[] names = OperatorFeatures.Names(shape.Family);
        List<string> shown = [];
        for (int feature = 0; feature < names.Length; feature++)
        {
            if (names[feature].Length > 0 && features[feature] != 0)
            {
                shown.Add(string.Create(CultureInfo.InvariantCulture, $"{names[feature]} {features[feature]}"));
            }
        }

        return new EfficiencyModelException(string.Create(
            CultureInfo.InvariantCulture,
            $"{shape.Family}: found an efficiency of {efficiency} and a floor of {floor} us; expected {range.LeastEfficiency} to {range.MostEfficiency} and {range.LeastFloorMicroseconds} to {range.MostFloorMicroseconds} us; features: {string.Join(", ", shown)}"));
    }

    private sealed class Curve
    {
        public double[] Times { get; set; } = [];

        public double[] Efficiencies { get; set; } = [];

        public double[] Floors { get; set; } = [];
    }
}

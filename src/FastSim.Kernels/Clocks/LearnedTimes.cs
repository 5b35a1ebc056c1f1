using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Clocks;

/// <summary>
/// Times of operators on one chip as a learned efficiency has them, at the batches of a fixed grid. Each distinct operator is asked for
/// once. Serves any number of threads.
/// </summary>
public sealed class LearnedTimes : ILaunchTimes
{
    /// <summary>Operators remembered at once: of many chips, as in a sweep, some tens of megabytes.</summary>
    private const int MostCurves = 1 << 15;
    private const byte Inside = 1;
    private const byte Outside = 2;

    private static readonly OperatorFamily[] AllFamilies = Enum.GetValues<OperatorFamily>();

    private static readonly ConditionalWeakTable<IEfficiencyModel, LearnedTimes> OfModels = [];

    private readonly IEfficiencyModel model;
    private readonly FormParameters forms;
    private readonly ConcurrentDictionary<(OperatorShape Shape, RooflineChip Chip), Curve> curves = new();
    private int remembered;
    private long numbered;

    /// <summary>Times by a model.</summary>
    /// <param name="model">The model.</param>
    public LearnedTimes(IEfficiencyModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.model = model;
        forms = FormParameters.Of(model);
    }

    /// <summary>Times by a model, the same for all that ask for it: phases, threads and jobs share what it was asked for, as long as it lives.</summary>
    /// <param name="model">The model.</param>
    public static LearnedTimes Of(IEfficiencyModel model) => OfModels.GetValue(model, static asked => new LearnedTimes(asked));

    /// <inheritdoc/>
    public bool Knows(OperatorFamily family) => model.RangeOf(family) is not null;

    /// <summary>Parameters of fitted forms that the model states, by family and kind.</summary>
    public IReadOnlyDictionary<(string Family, string Kind), double[]> Timings => model.Timings;

    /// <inheritdoc/>
    /// <remarks>What is not known yet of a family is asked for together.</remarks>
    public void Microseconds(IReadOnlyList<(OperatorShape PerSequence, RooflineChip Chip)> launches, int points, IList<double[]> microseconds)
    {
        ArgumentNullException.ThrowIfNull(launches);
        ArgumentNullException.ThrowIfNull(microseconds);
        microseconds.Clear();
        List<Request>? lacking = null;
        for (int launch = 0; launch < launches.Count; launch++)
        {
            (OperatorShape perSequence, RooflineChip chip) = launches[launch];
            Curve curve = CurveOf(perSequence, chip);
            double[] known = curve.Times;
            microseconds.Add(known);
            if (known.Length < points)
            {
                (lacking ??= []).Add(new Request(curve, perSequence, chip, launch));
            }
        }

        if (lacking is not null)
        {
            Ask(lacking, points);
            foreach (Request request in lacking)
            {
                microseconds[request.Place] = request.Curve.Times;
            }
        }
    }

    private void Ask(List<Request> requests, int points)
    {
        // Locks are taken in one order everywhere, so no two threads wait for each other.
        requests.Sort(static (one, other) => one.Curve.Number.CompareTo(other.Curve.Number));
        int held = 0;
        try
        {
            foreach (Request request in requests)
            {
                Monitor.Enter(request.Curve);
                held++;
            }

            ExtendByFamily(CollectionsMarshal.AsSpan(requests), points);
        }
        finally
        {
            while (held > 0)
            {
                Monitor.Exit(requests[--held].Curve);
            }
        }
    }

    /// <summary>Extends what is too short, each curve once, one family after another. Requests are in the order of their curves' numbers, whose locks are held.</summary>
    private void ExtendByFamily(ReadOnlySpan<Request> requests, int points)
    {
        Request[] room = ArrayPool<Request>.Shared.Rent(requests.Length);
        foreach (OperatorFamily family in AllFamilies)
        {
            int count = 0;
            long last = 0;
            foreach (ref readonly Request request in requests)
            {
                if (request.PerSequence.Family == family && request.Curve.Number != last && request.Curve.Times.Length < points)
                {
                    room[count++] = request;
                    last = request.Curve.Number;
                }
            }

            if (count > 0)
            {
                Extend(room.AsSpan(0, count), points);
            }
        }

        ArrayPool<Request>.Shared.Return(room, clearArray: true);
    }

    /// <summary>Microseconds of an operator at a batch between the grid's points, where efficiency and floor change in proportion.</summary>
    /// <param name="shape">The operator. Where a kernel of another number format runs, a model of version 1 says that one's efficiency.</param>
    /// <param name="chip">The chip.</param>
    /// <exception cref="EfficiencyModelException">The model's answer is none that it may give.</exception>
    public double Microseconds(in OperatorShape shape, in RooflineChip chip)
    {
        double rows = Math.Max(1, shape.Rows);
        OperatorShape one = SaysTime ? shape with { Rows = 1 } : shape with { Rows = 1, Kind = shape.KernelKind, Kernel = null };
        Curve curve = CurveOf(one, chip);
        lock (curve)
        {
            if (curve.Times.Length < BatchGrid.Count)
            {
                Extend([new Request(curve, one, chip, 0)], BatchGrid.Count);
            }
        }

        int below = BatchGrid.IndexOf(rows);
        int above = Math.Min(below + 1, BatchGrid.Count - 1);
        double share = above == below ? 0 : Math.Clamp((rows - BatchGrid.At(below)) / (BatchGrid.At(above) - BatchGrid.At(below)), 0, 1);
        if (SaysTime)
        {
            // Linear between points of which none is below the one before, so that more rows never take less.
            double beyond = Math.Max(1, rows / BatchGrid.At(BatchGrid.Count - 1));
            (double least, double most) = (curve.Times[below], curve.Times[above]);
            return beyond * Math.Clamp(((1 - share) * least) + (share * most), least, most);
        }

        double efficiency = (curve.Efficiencies[below] * (1 - share)) + (curve.Efficiencies[above] * share);
        double floor = (curve.Floors[below] * (1 - share)) + (curve.Floors[above] * share);
        Span<float> row = stackalloc float[OperatorFeatures.Count];
        return (OperatorFeatures.Write(shape, chip, row) / efficiency) + floor;
    }

    /// <summary>What each expert of a card takes whatever it works on, as the timing form has it that the model states; 0 where it states none.</summary>
    /// <param name="shape">The layer.</param>
    /// <param name="chip">The chip.</param>
    internal double ExpertMicroseconds(in OperatorShape shape, in RooflineChip chip) =>
        forms.Stated.Count == 0 ? 0 : forms.OfOwnKernel(shape)[ExpertTiming.PerExpert] / (forms.AtHeldRates ? HeldRates.Haste(chip) : 1);

    /// <summary>What a split of the depth takes in the kernels of 4 and 16 bits, whichever less, as the timing forms have it that the model states.</summary>
    /// <param name="chip">The chip.</param>
    internal double SplitMicroseconds(in RooflineChip chip) => forms.SplitMicroseconds / (forms.AtHeldRates ? HeldRates.Haste(chip) : 1);

    /// <inheritdoc/>
    /// <remarks>Asked once a point.</remarks>
    public bool Covers(in OperatorShape perSequence, in RooflineChip chip, int point)
    {
        byte[] covered = CurveOf(perSequence, chip).Covered;
        byte known = Volatile.Read(ref covered[point]);
        if (known == 0)
        {
            known = Covers(perSequence with { Rows = perSequence.Rows * BatchGrid.At(point) }, chip) ? Inside : Outside;
            Volatile.Write(ref covered[point], known);
        }

        return known == Inside;
    }

    /// <summary>Whether a launch is like those that the times were learned from.</summary>
    /// <param name="shape">The launch.</param>
    /// <param name="chip">Its chip.</param>
    public bool Covers(in OperatorShape shape, in RooflineChip chip)
    {
        Span<float> row = stackalloc float[OperatorFeatures.Count];
        Span<double> tiles = stackalloc double[GemmTiming.Tiles];
        Prepare(shape, chip, tiles);
        Write(shape, chip, tiles, row);
        return model.Covers(shape.Family, row);
    }

    /// <summary>Whether the model says times themselves, not efficiencies and floors.</summary>
    private bool SaysTime => model.Version == OperatorComponents.Version;

    private void Prepare(in OperatorShape shape, in RooflineChip chip, Span<double> tiles)
    {
        if (SaysTime)
        {
            OperatorComponents.Prepare(shape, chip, forms, tiles);
        }
        else
        {
            OperatorFeatures.Prepare(shape, chip, forms, tiles);
        }
    }

    /// <summary>Writes what the model sees of an operator.</summary>
    /// <returns>By version 1 its microseconds at the chip's peaks.</returns>
    private double Write(in OperatorShape shape, in RooflineChip chip, ReadOnlySpan<double> tiles, Span<float> row) =>
        SaysTime ? OperatorComponents.Write(shape, chip, forms, tiles, row) : OperatorFeatures.Write(shape, chip, forms, tiles, row);

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

        return curves.GetOrAdd((shape, chip), _ => new Curve(Interlocked.Increment(ref numbered)));
    }

    /// <summary>Asks for what curves of one family lack, in one call, so that the model's blocks are full. Their locks are held.</summary>
    private void Extend(ReadOnlySpan<Request> requests, int points)
    {
        int rows = 0;
        foreach (Request request in requests)
        {
            rows += points - request.Curve.Times.Length;
        }

        float[] room = ArrayPool<float>.Shared.Rent(rows * (OperatorFeatures.Count + 2));
        Span<float> features = room.AsSpan(0, rows * OperatorFeatures.Count);
        Span<float> answers = room.AsSpan(rows * OperatorFeatures.Count, rows * 2);
        features.Clear();
        double[] rooflines = SaysTime ? [] : new double[rows];
        Span<double> tiles = stackalloc double[GemmTiming.Tiles];
        int row = 0;
        foreach (Request request in requests)
        {
            Prepare(request.PerSequence, request.Chip, tiles);
            for (int point = request.Curve.Times.Length; point < points; point++, row++)
            {
                double roofline = Write(request.At(point), request.Chip, tiles, Row(features, row));
                if (!SaysTime)
                {
                    rooflines[row] = roofline;
                }
            }
        }

        OperatorFamily family = requests[0].PerSequence.Family;
        model.Evaluate(family, features, answers);
        AnswerRange range = model.RangeOf(family)!.Value;
        row = 0;
        foreach (Request request in requests)
        {
            Curve curve = request.Curve;
            int known = curve.Times.Length;
            double[] times = new double[points];
            double[] efficiencies = SaysTime ? [] : new double[points];
            double[] floors = SaysTime ? [] : new double[points];
            curve.Times.CopyTo(times, 0);
            curve.Efficiencies.CopyTo(efficiencies, 0);
            curve.Floors.CopyTo(floors, 0);
            for (int point = known; point < points; point++, row++)
            {
                (double first, double second) = (answers[2 * row], answers[(2 * row) + 1]);
                if (!range.Holds(first, second))
                {
                    throw Refused(request.At(point), Row(features, row), first, second, range);
                }

                if (SaysTime)
                {
                    times[point] = Math.Max(point > 0 ? times[point - 1] : 0, Math.Exp(first));
                }
                else
                {
                    (efficiencies[point], floors[point]) = (first, second);
                    times[point] = (rooflines[row] / first) + second;
                }
            }

            (curve.Times, curve.Efficiencies, curve.Floors) = (times, efficiencies, floors);
        }

        ArrayPool<float>.Shared.Return(room);
    }

    private static Span<float> Row(Span<float> features, int row) => features.Slice(row * OperatorFeatures.Count, OperatorFeatures.Count);

    private EfficiencyModelException Refused(
        in OperatorShape shape, ReadOnlySpan<float> features, double first, double second, AnswerRange range)
    {
        string[] names = SaysTime ? OperatorComponents.Names(shape.Family) : OperatorFeatures.Names(shape.Family);
        List<string> shown = [];
        for (int feature = 0; feature < names.Length; feature++)
        {
            if (names[feature].Length > 0 && features[feature] != 0)
            {
                shown.Add(string.Create(CultureInfo.InvariantCulture, $"{names[feature]} {features[feature]}"));
            }
        }

        FormattableString found = SaysTime
            ? $"found a logarithm of {first} and a half width of {second}; expected {range.LeastFirst} to {range.MostFirst} and {range.LeastSecond} to {range.MostSecond}"
            : (FormattableString)$"found an efficiency of {first} and a floor of {second} us; expected {range.LeastFirst} to {range.MostFirst} and {range.LeastSecond} to {range.MostSecond} us";
        return new EfficiencyModelException(
            $"{model.Name}: {shape.Family}: {FormattableString.Invariant(found)}; features: {string.Join(", ", shown)}");
    }

    /// <summary>A curve that is wanted, the operator and chip that it is of, and its place among those that are wanted with it.</summary>
    private readonly record struct Request(Curve Curve, OperatorShape PerSequence, RooflineChip Chip, int Place)
    {
        public OperatorShape At(int point) => PerSequence with { Rows = PerSequence.Rows * BatchGrid.At(point) };
    }

    private sealed class Curve(long number)
    {
        /// <summary>Where it stands in the order of locks.</summary>
        public long Number { get; } = number;

        public double[] Times { get; set; } = [];

        public double[] Efficiencies { get; set; } = [];

        public double[] Floors { get; set; } = [];

        /// <summary>Whether each point is like what the model was trained among: 0 where it was not asked yet.</summary>
        public byte[] Covered => field ?? Interlocked.CompareExchange(ref field, new byte[BatchGrid.Count], null) ?? field;
    }
}

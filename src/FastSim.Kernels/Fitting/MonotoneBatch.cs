using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastSim.Kernels.Fitting;

/// <summary>
/// The slopes of a <see cref="MonotoneNetwork"/>'s error over a batch of rows, each layer for all rows together: those of <see cref="MonotoneRows"/>, to the bit. Of marks only those are gone
/// through that a row has.
/// </summary>
public sealed class MonotoneBatch
{
    private const int Lanes = 8;
    private const int First = MonotoneNetwork.First;
    private const int Second = MonotoneNetwork.Second;
    private const int FirstHalf = MonotoneNetwork.FirstHalf;
    private const int SecondHalf = MonotoneNetwork.SecondHalf;
    private const int Components = MonotoneNetwork.Components;
    private const int Inputs = MonotoneNetwork.Inputs;
    private const int Marks = MonotoneNetwork.Marks;

    private readonly MonotoneNetwork network;
    private readonly TimedOperators rows;
    private readonly float[] logarithms;
    private readonly int[] marks;
    private readonly int count;

    // Inputs that count: of the first layer components, of the second what pairs of the first left; then marks that a row has, a one for the bias, and zeros up to a multiple of four.
    private readonly int firstInputs;
    private readonly int firstStride;
    private readonly int secondInputs;
    private readonly int secondStride;
    private readonly float[] given;
    private readonly float[] passed;
    private readonly float[] first;
    private readonly float[] second;
    private readonly float[] last;
    private readonly float[] slopesOfRows;
    private readonly float[] towardsFirst;
    private readonly float[] towardsSecond;
    private readonly float[] firstWeights;
    private readonly float[] secondWeights;
    private readonly float[] secondAcross = new float[Second * FirstHalf];
    private readonly float[] firstSlopes;
    private readonly float[] secondSlopes;

    /// <summary>Slopes of a network over rows.</summary>
    /// <param name="network">The network.</param>
    /// <param name="rows">Rows that are learned from.</param>
    /// <param name="count">Rows of a batch; a multiple of four.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is no multiple of four.</exception>
    public MonotoneBatch(MonotoneNetwork network, TimedOperators rows, int count)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfNotEqual(count % RowProducts.Group, 0);
        this.network = network;
        this.rows = rows;
        this.count = count;
        logarithms = Array.ConvertAll(rows.Measured, MathF.Log);
        marks = [.. Enumerable.Range(0, Marks).Where(mark => Enumerable.Range(0, rows.Count).Any(row => rows.Features[(row * Inputs) + Components + mark] != 0))];
        firstInputs = network.Used + marks.Length;
        secondInputs = FirstHalf + marks.Length;
        firstStride = WithBias(firstInputs);
        secondStride = WithBias(secondInputs);
        given = new float[count * firstStride];
        passed = new float[count * secondStride];
        for (int row = 0; row < count; row++)
        {
            given[(row * firstStride) + firstInputs] = 1;
            passed[(row * secondStride) + secondInputs] = 1;
        }

        first = new float[count * First];
        second = new float[count * Second];
        last = new float[count * SecondHalf];
        slopesOfRows = new float[count];
        towardsFirst = new float[count * First];
        towardsSecond = new float[count * Second];
        firstWeights = new float[firstInputs * First];
        secondWeights = new float[secondInputs * Second];
        firstSlopes = new float[firstStride * First];
        secondSlopes = new float[secondStride * Second];
    }

    /// <summary>Gathers the slopes of some rows.</summary>
    /// <param name="numbers">The rows, in this order; as many as a batch has.</param>
    /// <param name="slopes">Receives a slope a parameter, <see cref="MonotoneNetwork.ParameterCount"/>; of means' weights as if these were free.</param>
    /// <exception cref="ArgumentOutOfRangeException">Rows are not as many.</exception>
    public void Gather(ReadOnlySpan<int> numbers, Span<float> slopes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(numbers.Length, count);
        slopes.Clear();
        Take(numbers);
        RowProducts.Over(given, firstStride, firstInputs, firstWeights, network.FirstBiases, first);
        for (int row = 0; row < count; row++)
        {
            Pair(first.AsSpan(row * First, First), passed.AsSpan(row * secondStride, FirstHalf));
        }

        RowProducts.Over(passed, secondStride, secondInputs, secondWeights, network.SecondBiases, second);
        for (int row = 0; row < count; row++)
        {
            Pair(second.AsSpan(row * Second, Second), last.AsSpan(row * SecondHalf, SecondHalf));
        }

        Answer(numbers, slopes);
        for (int row = 0; row < count; row++)
        {
            Return(row);
        }

        RowProducts.Between(passed, secondStride, towardsSecond, Second, secondSlopes);
        RowProducts.Between(given, firstStride, towardsFirst, First, firstSlopes);
        secondSlopes.AsSpan(0, FirstHalf * Second).CopyTo(slopes[MonotoneNetwork.SecondLogits..]);
        firstSlopes.AsSpan(0, network.Used * First).CopyTo(slopes);
        for (int index = 0; index < marks.Length; index++)
        {
            secondSlopes.AsSpan((FirstHalf + index) * Second, Second).CopyTo(slopes[(MonotoneNetwork.SecondMarks + (marks[index] * Second))..]);
            firstSlopes.AsSpan((network.Used + index) * First, First).CopyTo(slopes[(MonotoneNetwork.FirstMarks + (marks[index] * First))..]);
        }

        secondSlopes.AsSpan(secondInputs * Second, Second).CopyTo(slopes[MonotoneNetwork.SecondBias..]);
        firstSlopes.AsSpan(firstInputs * First, First).CopyTo(slopes[MonotoneNetwork.FirstBias..]);
    }

    private static int WithBias(int inputs) => (inputs + RowProducts.Group) / RowProducts.Group * RowProducts.Group;

    /// <summary>Puts rows, and weights as they are now, beside each other.</summary>
    private void Take(ReadOnlySpan<int> numbers)
    {
        int used = network.Used;
        for (int row = 0; row < numbers.Length; row++)
        {
            ReadOnlySpan<float> features = rows.Features.AsSpan(numbers[row] * Inputs, Inputs);
            Span<float> own = given.AsSpan(row * firstStride, firstStride);
            features[..used].CopyTo(own);
            Span<float> next = passed.AsSpan((row * secondStride) + FirstHalf, marks.Length);
            for (int index = 0; index < marks.Length; index++)
            {
                own[used + index] = next[index] = features[Components + marks[index]];
            }
        }

        network.FirstMeans[..(used * First)].CopyTo(firstWeights);
        network.SecondMeans.CopyTo(secondWeights);
        for (int index = 0; index < marks.Length; index++)
        {
            network.FirstShifts.Slice(marks[index] * First, First).CopyTo(firstWeights.AsSpan((used + index) * First));
            network.SecondShifts.Slice(marks[index] * Second, Second).CopyTo(secondWeights.AsSpan((FirstHalf + index) * Second));
        }

        for (int pair = 0; pair < FirstHalf; pair++)
        {
            for (int unit = 0; unit < Second; unit++)
            {
                secondAcross[(unit * FirstHalf) + pair] = network.SecondMeans[(pair * Second) + unit];
            }
        }
    }

    /// <summary>Of a unit and the one half a layer on the larger stays in the first half of the pairs, the smaller in the second. Pairs are taken by eight, the last eight may overlap.</summary>
    private static void Pair(ReadOnlySpan<float> units, Span<float> left)
    {
        for (int done = 0; done < left.Length; done += Lanes)
        {
            int pair = Math.Min(done, left.Length - Lanes);
            Vector256<float> one = Vector256.Create(units[pair..]);
            Vector256<float> other = Vector256.Create(units[(pair + left.Length)..]);
            Vector256.ConditionalSelect(IsFirst(one, other, pair, left.Length), one, other).CopyTo(left[pair..]);
        }
    }

    /// <summary>Whether pairs left the first of their units.</summary>
    private static Vector256<float> IsFirst(Vector256<float> one, Vector256<float> other, int pair, int half) =>
        Vector256.GreaterThanOrEqual(one, other)
        ^ Vector256.GreaterThanOrEqual(Vector256.Create(pair) + Vector256<int>.Indices, Vector256.Create(half / 2)).AsSingle();

    /// <summary>Answers, how much each is off, and the slopes of the last mean.</summary>
    private void Answer(ReadOnlySpan<int> numbers, Span<float> slopes)
    {
        Span<float> means = slopes.Slice(MonotoneNetwork.LastLogits, SecondHalf);
        Span<float> shifts = slopes.Slice(MonotoneNetwork.LastMarks, Marks);
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<float> own = last.AsSpan(row * SecondHalf, SecondHalf);
            ReadOnlySpan<float> ownMarks = given.AsSpan((row * firstStride) + network.Used, marks.Length);
            float sum = network.LastShift;
            for (int pair = 0; pair < SecondHalf; pair++)
            {
                sum += network.LastMeans[pair] * own[pair];
            }

            for (int index = 0; index < marks.Length; index++)
            {
                sum += network.LastShifts[marks[index]] * ownMarks[index];
            }

            float slope = MonotoneTraining.Slope(sum - logarithms[numbers[row]], rows.Weights[numbers[row]], count);
            slopesOfRows[row] = slope;
            slopes[MonotoneNetwork.LastBias] += slope;
            ShortVectors.Add(own, slope, means);
            for (int index = 0; index < marks.Length; index++)
            {
                shifts[marks[index]] = MathF.FusedMultiplyAdd(ownMarks[index], slope, shifts[marks[index]]);
            }
        }
    }

    /// <summary>A row's slope by units of the second layer, and by those of the first.</summary>
    private void Return(int row)
    {
        ReadOnlySpan<float> units = second.AsSpan(row * Second, Second);
        Span<float> towards = towardsSecond.AsSpan(row * Second, Second);
        Vector256<float> slope = Vector256.Create(slopesOfRows[row]);
        Scatter(units, towards, slope * Vector256.Create(network.LastMeans), 0);
        Scatter(units, towards, slope * Vector256.Create(network.LastMeans[(SecondHalf - Lanes)..]), SecondHalf - Lanes);
        Vector256<float> one = default, two = default, three = default;
        ref float weights = ref MemoryMarshal.GetArrayDataReference(secondAcross);
        for (int pair = 0; pair < SecondHalf; pair++)
        {
            bool isFirst = (units[pair] >= units[pair + SecondHalf]) ^ (pair >= SecondHalf / 2);
            int unit = isFirst ? pair : pair + SecondHalf;
            Vector256<float> same = Vector256.Create(towards[unit]);
            nuint place = (nuint)(unit * FirstHalf);
            one += Vector256.LoadUnsafe(ref weights, place) * same;
            two += Vector256.LoadUnsafe(ref weights, place + Lanes) * same;
            three += Vector256.LoadUnsafe(ref weights, place + (2 * Lanes)) * same;
        }

        units = first.AsSpan(row * First, First);
        towards = towardsFirst.AsSpan(row * First, First);
        Scatter(units, towards, one, 0);
        Scatter(units, towards, two, Lanes);
        Scatter(units, towards, three, 2 * Lanes);
    }

    /// <summary>Gives the slopes of what eight pairs left to the units that they left.</summary>
    private static void Scatter(ReadOnlySpan<float> units, Span<float> towards, Vector256<float> slopes, int pair)
    {
        int half = units.Length / 2;
        Vector256<float> isFirst = IsFirst(Vector256.Create(units[pair..]), Vector256.Create(units[(pair + half)..]), pair, half);
        Vector256.ConditionalSelect(isFirst, slopes, default).CopyTo(towards[pair..]);
        Vector256.ConditionalSelect(isFirst, default, slopes).CopyTo(towards[(pair + half)..]);
    }
}

using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// A lowered stage in structure-of-arrays form: entry <c>i</c> of every column belongs to operator <c>i</c>, in execution order.
/// At <c>s</c> sequences of a rank's micro-batch an operator takes <c>FlopsConstant + FlopsPerSequence·s</c> FLOP and moves
/// <c>BytesConstant + BytesPerSequence·s + ActivatedBytes·(1 - exp(ActivationLog·s))</c> bytes. Figures are of one block;
/// <see cref="Repeats"/> says how often the stage runs the operator.
/// </summary>
public sealed class OperatorTable
{
    private const int UsualCapacity = 32;

    private readonly OperatorCurves spareCurves = new();
    private OperatorIdentity[] identities = new OperatorIdentity[UsualCapacity];
    private Exchange[] exchanges = new Exchange[UsualCapacity];
    private double[] repeats = new double[UsualCapacity];
    private double[] flopsConstant = new double[UsualCapacity];
    private double[] flopsPerSequence = new double[UsualCapacity];
    private double[] bytesConstant = new double[UsualCapacity];
    private double[] bytesPerSequence = new double[UsualCapacity];
    private double[] activatedBytes = new double[UsualCapacity];
    private double[] weightElements = new double[UsualCapacity];
    private double[] weightBytes = new double[UsualCapacity];
    private double[] rowsPerSequence = new double[UsualCapacity];
    private double[] columns = new double[UsualCapacity];
    private double[] depths = new double[UsualCapacity];
    private TransformerModel[] models = new TransformerModel[UsualCapacity];
    private DeploymentShape[] shapes = new DeploymentShape[UsualCapacity];
    private int wholeCount;

    /// <summary>An empty table of a shape, ready for its operators.</summary>
    internal OperatorTable(DeploymentShape shape) => Shape = shape;

    /// <summary>What was lowered.</summary>
    public DeploymentShape Shape { get; private set; }

    /// <summary>Operators in the table.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Logarithm, per sequence of the micro-batch, of the chance that no token of the expert group picks a given expert;
    /// 0 when every expert is read (seed accounting). Cost model B1.2.
    /// </summary>
    public double ActivationLog { get; internal set; }

    /// <summary>Name, part, engine, class and rate.</summary>
    public ReadOnlySpan<OperatorIdentity> Identities => identities.AsSpan(0, Count);

    /// <summary>What each operator puts on the network; <see cref="ExchangeGroup.None"/> for compute.</summary>
    public ReadOnlySpan<Exchange> Exchanges => exchanges.AsSpan(0, Count);

    /// <summary>Times the stage runs the operator.</summary>
    public ReadOnlySpan<double> Repeats => repeats.AsSpan(0, Count);

    /// <summary>FLOP that do not depend on the batch.</summary>
    public ReadOnlySpan<double> FlopsConstant => flopsConstant.AsSpan(0, Count);

    /// <summary>FLOP per sequence.</summary>
    public ReadOnlySpan<double> FlopsPerSequence => flopsPerSequence.AsSpan(0, Count);

    /// <summary>Bytes that do not depend on the batch: weights, mostly.</summary>
    public ReadOnlySpan<double> BytesConstant => bytesConstant.AsSpan(0, Count);

    /// <summary>Bytes per sequence.</summary>
    public ReadOnlySpan<double> BytesPerSequence => bytesPerSequence.AsSpan(0, Count);

    /// <summary>Bytes of all local routed experts, of which the reached share is read.</summary>
    public ReadOnlySpan<double> ActivatedBytes => activatedBytes.AsSpan(0, Count);

    /// <summary>Weights the operator keeps in memory, elements.</summary>
    public ReadOnlySpan<double> WeightElements => weightElements.AsSpan(0, Count);

    /// <summary>Bytes that one of those elements takes.</summary>
    public ReadOnlySpan<double> WeightBytes => weightBytes.AsSpan(0, Count);

    /// <summary>Rows of the matrix product per sequence, for tables by shape; NaN where the operator is none.</summary>
    public ReadOnlySpan<double> RowsPerSequence => rowsPerSequence.AsSpan(0, Count);

    /// <summary>Columns of the matrix product.</summary>
    public ReadOnlySpan<double> Columns => columns.AsSpan(0, Count);

    /// <summary>Depth of the matrix product.</summary>
    public ReadOnlySpan<double> Depths => depths.AsSpan(0, Count);

    /// <summary>The model as the block of operator <paramref name="index"/> has it: blocks may differ in their attention.</summary>
    public TransformerModel ModelOf(int index) => models[index];

    /// <summary>What operator <paramref name="index"/> was lowered of: the stage, or a draft model's.</summary>
    public DeploymentShape ShapeOf(int index) => shapes[index];

    /// <summary>FLOP of operator <paramref name="index"/> at <paramref name="sequences"/> sequences of the micro-batch.</summary>
    public double Flops(int index, double sequences) =>
        Math.FusedMultiplyAdd(flopsPerSequence[index], sequences, flopsConstant[index]);

    /// <summary>Bytes that operator <paramref name="index"/> moves at <paramref name="sequences"/> sequences of the micro-batch.</summary>
    public double Bytes(int index, double sequences)
    {
        double bytes = Math.FusedMultiplyAdd(bytesPerSequence[index], sequences, bytesConstant[index]);
        return activatedBytes[index] == 0
            ? bytes
            : Math.FusedMultiplyAdd(activatedBytes[index], ReadShare.Of(new Lanes1(ActivationLog * sequences)).Value, bytes);
    }

    /// <summary>
    /// Bytes of operator <paramref name="index"/> that are intermediate results of the pass: a cache before the memory may hold them from one launch to the
    /// next. Weights, keys, values and states are none.
    /// </summary>
    public double PassingBytes(int index, double sequences) => identities[index].Streams ? 0 : bytesPerSequence[index] * sequences;

    /// <summary>The others, which come from the memory or go there whatever a cache before it holds.</summary>
    public double StoredBytes(int index, double sequences)
    {
        if (identities[index].Streams)
        {
            return Bytes(index, sequences);
        }

        return activatedBytes[index] == 0
            ? bytesConstant[index]
            : Math.FusedMultiplyAdd(activatedBytes[index], ReadShare.Of(new Lanes1(ActivationLog * sequences)).Value, bytesConstant[index]);
    }

    /// <summary><see cref="BytesConstant"/> and <see cref="BytesPerSequence"/>, or the same of <see cref="StoredBytes"/>.</summary>
    internal AffineInBatch MovedPart(int index, bool storedAlone) =>
        new(bytesConstant[index], storedAlone && !identities[index].Streams ? 0 : bytesPerSequence[index]);

    /// <summary>Whether an operator is as large as another table's in its place, and works on the same of a model.</summary>
    /// <param name="index">Its place.</param>
    /// <param name="other">The other table, of which <see cref="Shape"/> may have other lengths.</param>
    internal bool IsSameAt(int index, OperatorTable other) =>
        repeats[index] == other.repeats[index]
        && flopsConstant[index] == other.flopsConstant[index]
        && flopsPerSequence[index] == other.flopsPerSequence[index]
        && bytesConstant[index] == other.bytesConstant[index]
        && bytesPerSequence[index] == other.bytesPerSequence[index]
        && activatedBytes[index] == other.activatedBytes[index]
        && weightElements[index] == other.weightElements[index]
        && weightBytes[index] == other.weightBytes[index]
        && rowsPerSequence[index].Equals(other.rowsPerSequence[index])
        && columns[index].Equals(other.columns[index])
        && depths[index].Equals(other.depths[index])
        && exchanges[index] == other.exchanges[index]
        && models[index] == other.models[index];

    /// <summary>Tokens of a sequence up to which products are exact that <see cref="IsTimesAt"/> found to be so.</summary>
    internal const long MostExactTimes = 1 << 21;

    /// <summary>
    /// Whether an operator is another table's but for the tokens of a sequence, of which this one has as many times more. No product of a number of tokens with what one asks is
    /// rounded, so that both say the same of as many tokens, to the bit.
    /// </summary>
    /// <param name="index">Its place.</param>
    /// <param name="other">The other table.</param>
    /// <param name="place">The operator's place there.</param>
    /// <param name="times">How many times more.</param>
    internal bool IsTimesAt(int index, OperatorTable other, int place, double times)
    {
        ref readonly Exchange exchange = ref exchanges[index];
        ref readonly Exchange others = ref other.exchanges[place];
        return identities[index] == other.identities[place]
            && repeats[index] == other.repeats[place]
            && flopsConstant[index] == other.flopsConstant[place]
            && IsTimes(flopsPerSequence[index], other.flopsPerSequence[place], times)
            && bytesConstant[index] == other.bytesConstant[place]
            && IsTimes(bytesPerSequence[index], other.bytesPerSequence[place], times)
            && activatedBytes[index] == other.activatedBytes[place]
            && weightBytes[index] == other.weightBytes[place]
            && (double.IsNaN(rowsPerSequence[index])
                ? double.IsNaN(other.rowsPerSequence[place])
                : IsTimes(rowsPerSequence[index], other.rowsPerSequence[place], times))
            && columns[index].Equals(other.columns[place])
            && depths[index].Equals(other.depths[place])
            && exchange with { MessageBytes = others.MessageBytes } == others
            && exchange.MessageBytes.Constant == others.MessageBytes.Constant
            && IsTimes(exchange.MessageBytes.PerSequence, others.MessageBytes.PerSequence, times)
            && models[index] == other.models[place];
    }

    /// <summary>Whether one number is a whole number of at most <see cref="MostExactTimes"/> times another, whose products with all of them are exact.</summary>
    private static bool IsTimes(double more, double one, double times) =>
        more == one * times && (BitConverter.DoubleToInt64Bits(one) & (MostExactTimes - 1)) == 0;

    /// <summary>Slowdowns of its operators over their rooflines; null where efficiencies are the chip's tables'.</summary>
    public OperatorCurves? Curves { get; internal set; }

    /// <summary>
    /// Seconds of each operator of one block at one batch, as an engine's launches were priced; null where the chip's rates say them. For explaining
    /// a plan.
    /// </summary>
    public double[]? PricedSeconds { get; internal set; }

    /// <summary>What a pass moves beside the first memory; null until it is asked for.</summary>
    internal TierTraffic? Traffic { get; set; }

    /// <summary>Gives the operators curves, which are yet to be filled.</summary>
    internal OperatorCurves TakeCurves() => Curves = spareCurves;

    /// <summary>Operators up to the last of attention of the stage; 0 while that is not known.</summary>
    internal int AttentionCount { get; set; }

    /// <summary>Empties the table for another shape.</summary>
    internal void Restart(DeploymentShape shape)
    {
        Stand(shape);
        Count = 0;
        AttentionCount = 0;
        ActivationLog = 0;
    }

    /// <summary>Makes room for the attention of another shape, whose operators else are those that there are.</summary>
    internal void Revise(DeploymentShape shape)
    {
        Stand(shape);
        wholeCount = Count;
        Count = 0;
    }

    /// <summary>Takes in what stands behind attention that was lowered again, unless that has more operators or fewer than it had.</summary>
    /// <returns>Whether it has as many.</returns>
    internal bool KeepsRest()
    {
        if (Count != AttentionCount)
        {
            return false;
        }

        Array.Fill(shapes, Shape, Count, wholeCount - Count);
        Count = wholeCount;
        return true;
    }

    /// <summary>
    /// Takes what stands behind the attention of another stage that prefills, of prompts of another length: all of it a stage's that decodes but for the tokens of a sequence, as
    /// <see cref="IsTimesAt"/> found.
    /// </summary>
    /// <param name="like">The other stage.</param>
    /// <param name="decode">The stage that decodes.</param>
    /// <param name="times">Tokens of a prompt.</param>
    internal void TakeRest(OperatorTable like, OperatorTable decode, double times)
    {
        int first = AttentionCount = Count;
        int rest = like.Count - like.AttentionCount;
        while (first + rest > identities.Length)
        {
            Grow();
        }

        Take(like.identities, identities);
        Take(like.exchanges, exchanges);
        Take(like.repeats, repeats);
        Take(like.flopsConstant, flopsConstant);
        Take(like.bytesConstant, bytesConstant);
        Take(like.activatedBytes, activatedBytes);
        Take(like.weightElements, weightElements);
        Take(like.weightBytes, weightBytes);
        Take(like.columns, columns);
        Take(like.depths, depths);
        Take(like.models, models);
        Array.Fill(shapes, Shape, first, rest);
        for (int op = 0; op < rest; op++)
        {
            int place = decode.AttentionCount + op;
            double more = identities[first + op].Part == StagePart.Logits ? 1 : times;
            flopsPerSequence[first + op] = decode.flopsPerSequence[place] * more;
            bytesPerSequence[first + op] = decode.bytesPerSequence[place] * more;
            rowsPerSequence[first + op] = decode.rowsPerSequence[place] * more;
            AffineInBatch message = decode.exchanges[place].MessageBytes;
            exchanges[first + op] = exchanges[first + op] with { MessageBytes = message with { PerSequence = message.PerSequence * more } };
        }

        Count = first + rest;

        void Take<T>(T[] from, T[] to) => Array.Copy(from, like.AttentionCount, to, first, rest);
    }

    /// <summary>Makes of a table of a shape that of another, whose operators it has; nothing is known of it but them.</summary>
    internal void Stand(DeploymentShape shape)
    {
        Shape = shape;
        Curves = null;
        PricedSeconds = null;
        Traffic = null;
        spareCurves.Restart();
    }

    /// <summary>Mixes in what another kind of prompt asks of the same operators: what is the same of both stays as it is, to the bit.</summary>
    /// <param name="other">The same operators for the other kind.</param>
    /// <param name="share">Its share of a pass.</param>
    /// <exception cref="ArgumentException">They are not the same.</exception>
    internal void Mix(OperatorTable other, double share)
    {
        if (!Identities.SequenceEqual(other.Identities) || !Repeats.SequenceEqual(other.Repeats))
        {
            throw new ArgumentException("other operators", nameof(other));
        }

        ActivationLog = Between(ActivationLog, other.ActivationLog, share);
        for (int index = 0; index < Count; index++)
        {
            flopsConstant[index] = Between(flopsConstant[index], other.flopsConstant[index], share);
            flopsPerSequence[index] = Between(flopsPerSequence[index], other.flopsPerSequence[index], share);
            bytesConstant[index] = Between(bytesConstant[index], other.bytesConstant[index], share);
            bytesPerSequence[index] = Between(bytesPerSequence[index], other.bytesPerSequence[index], share);
            activatedBytes[index] = Between(activatedBytes[index], other.activatedBytes[index], share);
            rowsPerSequence[index] = Between(rowsPerSequence[index], other.rowsPerSequence[index], share);
            columns[index] = Between(columns[index], other.columns[index], share);
            depths[index] = Between(depths[index], other.depths[index], share);
            AffineInBatch message = exchanges[index].MessageBytes;
            AffineInBatch others = other.exchanges[index].MessageBytes;
            exchanges[index] = exchanges[index] with
            {
                MessageBytes = new AffineInBatch(Between(message.Constant, others.Constant, share), Between(message.PerSequence, others.PerSequence, share)),
            };
        }
    }

    private static double Between(double one, double other, double share) => one + (share * (other - one));

    internal void Add(
        in OperatorIdentity identity,
        int blocks,
        AffineInBatch flops,
        AffineInBatch bytes,
        double weights,
        double bytesPerWeight,
        double productRowsPerSequence,
        double productColumns,
        double productDepth,
        double bytesIfReached,
        in Exchange exchange,
        TransformerModel model,
        DeploymentShape loweredOf)
    {
        int index = Count;
        if (index == identities.Length)
        {
            Grow();
        }

        identities[index] = identity;
        exchanges[index] = exchange;
        repeats[index] = blocks;
        flopsConstant[index] = flops.Constant;
        flopsPerSequence[index] = flops.PerSequence;
        bytesConstant[index] = bytes.Constant;
        bytesPerSequence[index] = bytes.PerSequence;
        activatedBytes[index] = bytesIfReached;
        weightElements[index] = weights;
        weightBytes[index] = bytesPerWeight;
        rowsPerSequence[index] = productRowsPerSequence;
        columns[index] = productColumns;
        depths[index] = productDepth;
        models[index] = model;
        shapes[index] = loweredOf;
        Count = index + 1;
    }

    private void Grow()
    {
        int capacity = 2 * identities.Length;
        Array.Resize(ref identities, capacity);
        Array.Resize(ref exchanges, capacity);
        Array.Resize(ref repeats, capacity);
        Array.Resize(ref flopsConstant, capacity);
        Array.Resize(ref flopsPerSequence, capacity);
        Array.Resize(ref bytesConstant, capacity);
        Array.Resize(ref bytesPerSequence, capacity);
        Array.Resize(ref activatedBytes, capacity);
        Array.Resize(ref weightElements, capacity);
        Array.Resize(ref weightBytes, capacity);
        Array.Resize(ref rowsPerSequence, capacity);
        Array.Resize(ref columns, capacity);
        Array.Resize(ref depths, capacity);
        Array.Resize(ref models, capacity);
        Array.Resize(ref shapes, capacity);
    }
}

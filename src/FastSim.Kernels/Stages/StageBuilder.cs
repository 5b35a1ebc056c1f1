using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>Collects a stage's operators in execution order; knows the three forms that most of them take (cost model A2).</summary>
internal sealed class StageBuilder(DeploymentShape shape, OperatorTable table)
{
    private string block = "";
    private AttentionForm? formOfBlock;
    private StagePart part;
    private int repeats;
    private double weightBytes = shape.Precision.WeightBytes;

    public DeploymentShape Shape { get; } = shape;

    /// <summary>What the names of blocks begin with: something of a draft model's alone.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Whether what is lowered is a vision encoder.</summary>
    public bool IsOfEncoder { get; init; }

    /// <summary>Times that a step runs the blocks.</summary>
    public int Passes { get; init; } = 1;

    /// <summary>Whether what is lowered keeps the weights that it reads; other passes over the same, or another's weights, do not.</summary>
    public bool KeepsWeights { get; set; } = true;

    /// <summary>The model as the blocks being lowered have it.</summary>
    public TransformerModel Model { get; private set; } = shape.Model;

    /// <summary>Token rows of the attention micro-batch, <c>r</c> of the cost model.</summary>
    public AffineInBatch Rows { get; } = new(0, shape.AttentionBatches * shape.RowsPerSequence);

    /// <summary>Sequences of the attention micro-batch: each reads its cache once, however many rows it brings.</summary>
    public AffineInBatch Sequences { get; } = new(0, shape.AttentionBatches);

    /// <summary>Bytes per element of the weights being lowered, <c>w</c> of the cost model.</summary>
    public double WeightBytes => weightBytes;

    public double ActivationBytes => Shape.Precision.ActivationBytes;

    /// <summary>Whether an engine's kernels are lowered: what it fuses is one launch, and passes over activations are in 16 bits.</summary>
    public bool IsFused => Shape.Engine is not null;

    /// <summary>Bytes of an activation between an engine's kernels.</summary>
    public const double FusedBytes = 2;

    /// <summary>Bytes of an element that cards of a rank exchange.</summary>
    public double CommunicationBytes => Shape.CommunicationBytes;

    /// <summary>Bytes of an element that a pass over activations reads or writes.</summary>
    public double PassBytes => IsFused ? FusedBytes : ActivationBytes;

    public double CacheBytes => Shape.Precision.CacheBytes;

    /// <summary>How the products that follow are shared out over <see cref="DeploymentShape.ProductRanks"/>, of whose weights a card may keep more than it reads.</summary>
    public WeightSlices Slices { get; set; }

    /// <summary>Cards whose weights of the products that follow are gathered: a card keeps its part of what it reads.</summary>
    public int Gathered { get; set; } = 1;

    /// <summary>Small weights of a block; none in the seed's form.</summary>
    public BlockExtras Extras => Model.Structure?.Extras ?? BlockExtras.None;

    /// <summary>How far the attention being lowered reaches back.</summary>
    public AttentionReach Reach { get; private set; }

    /// <summary>Context that a row attends to on average (cost model A2, B2).</summary>
    public double Context => ContextWithin(Reach);

    /// <summary>Tokens of a sequence whose keys and values a pass reads: the mid-generation context, or the whole prompt; of both what is within reach.</summary>
    /// <remarks>
    /// Of <c>CP</c> cards each reads its share in decode. Of a prompt each has the rows of two pieces, one from either half (so that all have as much to do),
    /// before which lies what is within reach.
    /// </remarks>
    public double CachedTokens
    {
        get
        {
            if (Shape.Phase == Phase.Decode)
            {
                return Reach.DecodeContext(Shape.Lengths) / Shape.ContextRanks;
            }

            return Shape.Layout.ContextParallel == 1
                ? ContextTokens
                : Math.Min(ContextTokens, (2 * Reach.Held(Shape.Lengths.Input)) + Shape.RowsPerSequence);
        }
    }

    /// <summary>Tokens of a prompt whose keys and values are there before its attention: what is kept of it and the new rows.</summary>
    public double ContextTokens => Math.Min(Shape.Lengths.Input, Reach.Held(Shape.Lengths.Input) + Shape.TokensPerSequence);

    /// <summary>Context that a row attends to on average when it reaches as far as <paramref name="reach"/>.</summary>
    public double ContextWithin(AttentionReach reach)
    {
        if (Shape.Phase == Phase.Decode)
        {
            return reach.DecodeContext(Shape.Lengths) / Shape.ContextRanks;
        }

        return reach.Kind == ReachKind.Whole || Shape.Lengths.Input <= reach.Tokens
            ? Shape.Model.CachedTokens + ((Shape.TokensPerSequence + 1) / 2d)
            : reach.MeanContext(Shape.Model.CachedTokens, Shape.Lengths.Input);
    }

    /// <summary>Width of the dense feed-forward being lowered.</summary>
    public double FeedForward { get; private set; } = shape.Model.FeedForward;

    /// <summary>Begins dense feed-forwards of one width.</summary>
    public void BeginDense(string name, int blocks, double width)
    {
        Begin(name, StagePart.FeedForward, blocks, WeightRoles.DenseFeedForward);
        FeedForward = width;
    }

    /// <summary>Whether what is being lowered stands beside another mixing of the same tokens, which has the norm and the residual sum of both.</summary>
    public bool IsSecondMixing { get; private set; }

    /// <summary>Goes on with what mixes the same tokens beside what was lowered.</summary>
    public void TurnTo(AttentionForm beside)
    {
        Model = Shape.Model.Seen(beside);
        IsSecondMixing = true;
    }

    public void Begin(string name, StagePart stagePart, int blocks, WeightRoles role = WeightRoles.None, TokenMixing mixing = default)
    {
        block = Prefix.Length == 0 ? name : Prefix + name;
        part = stagePart;
        repeats = blocks * Passes;
        Reach = mixing.Reach;
        formOfBlock = mixing.Form;
        Model = Shape.Model.Seen(mixing.Form);
        IsSecondMixing = false;
        Weigh(role);
    }

    /// <summary>Says what the weights that follow are for.</summary>
    public void Weigh(WeightRoles role) => Weigh(Shape.Model.WeightBytes(role, Shape.Precision.WeightBytes));

    /// <summary>Says which projection the weights that follow are of.</summary>
    public void Weigh(Projection projection) => Weigh(BytesOf(projection));

    /// <summary>Bytes per element of a projection, at the mean over the stage's blocks that are lowered together.</summary>
    public double BytesOf(Projection projection)
    {
        WeightRoles role = ProjectionShape.RoleOf(projection);
        if (Shape.Kinds is { } kinds && (kinds.Stored & role) == 0)
        {
            return kinds.WeightBytes(role);
        }

        if (Shape.Model.Structure?.Storage is { Projections: not null } storage)
        {
            return storage.BytesOf(
                projection, Shape.FirstStageBlock, Shape.StageBlocks, part == StagePart.Attention ? new TokenMixing(Reach, formOfBlock) : null, Shape.Precision.WeightBytes);
        }

        return IsFused && role is (WeightRoles.Router or WeightRoles.Embedding) && Shape.Model.Structure is not { Storage.IsQuantized: true }
            ? FusedBytes
            : Shape.Model.WeightBytes(role, Shape.Precision.WeightBytes);
    }

    /// <summary>Says how many bytes an element of the weights that follow takes.</summary>
    public void Weigh(double bytesPerElement) => weightBytes = bytesPerElement;

    /// <summary>Whether attention and feed-forward stand beside each other.</summary>
    public bool IsParallel => Model.Structure is { IsParallel: true };

    /// <summary>Whether what is being lowered is a feed-forward that stands beside attention.</summary>
    public bool IsBesideAttention => IsParallel && part == StagePart.FeedForward;

    /// <summary>Whether what is being lowered is attention whose output joins that of a feed-forward beside it.</summary>
    public bool JoinsFeedForward => IsParallel && part == StagePart.Attention;

    /// <summary>Whether blocks have a small weight.</summary>
    public bool Has(BlockExtras extra) => (Extras & extra) != 0;

    /// <summary>Weights times activations: <c>2·rows·in·out</c> FLOP, <c>in·out·w + rows·(in+out)·a</c> bytes.</summary>
    public void Linear(string name, AffineInBatch rows, double inputWidth, double outputWidth) =>
        Linear(name, rows, inputWidth, outputWidth, inputWidth + outputWidth);

    /// <summary>The same with a bias where the blocks have <paramref name="bias"/>: <c>out·w</c> bytes more, its FLOP not counted.</summary>
    public void Linear(string name, AffineInBatch rows, double inputWidth, double outputWidth, BlockExtras bias) =>
        Linear(name, rows, inputWidth, outputWidth, inputWidth + outputWidth, bias);

    /// <summary>A product that engines leave in 16 bits.</summary>
    public void PlainLinear(string name, AffineInBatch rows, double inputWidth, double outputWidth, BlockExtras bias = BlockExtras.None) =>
        Linear(name, rows, inputWidth, outputWidth, inputWidth + outputWidth, bias, kind: LaunchKind.PlainProduct);

    /// <summary>A product of another kind.</summary>
    public void Linear(string name, AffineInBatch rows, double inputWidth, double outputWidth, LaunchKind kind) =>
        Linear(name, rows, inputWidth, outputWidth, inputWidth + outputWidth, kind: kind);

    /// <summary>The same where a row moves <paramref name="activationsPerRow"/> elements.</summary>
    /// <param name="name">The operator.</param>
    /// <param name="rows">Token rows.</param>
    /// <param name="inputWidth">Elements of an input row.</param>
    /// <param name="outputWidth">Elements of an output row.</param>
    /// <param name="activationsPerRow">Elements a row reads and writes.</param>
    /// <param name="bias">The bias it has where the blocks have that.</param>
    /// <param name="readsCache">Whether its rows come from the cache.</param>
    /// <param name="kind">What kind of product it is.</param>
    public void Linear(
        string name,
        AffineInBatch rows,
        double inputWidth,
        double outputWidth,
        double activationsPerRow,
        BlockExtras bias = BlockExtras.None,
        bool readsCache = false,
        LaunchKind kind = LaunchKind.Product)
    {
        double biases = Has(bias) ? outputWidth : 0;
        double weights = (inputWidth * outputWidth) + biases;
        Add(
            new(name, kind, block, part, OperatorEngine.Matrix, OperatorClass.FeedForward, OperatorRate.Matrix, readsCache) { IsSlice = Slices != WeightSlices.None },
            flops: 2 * inputWidth * outputWidth * rows,
            bytes: (weights * WeightBytes) + (rows * activationsPerRow * ActivationBytes),
            weightElements: Kept(inputWidth * outputWidth) + (Slices == WeightSlices.Inputs ? biases : Kept(biases)),
            rowsPerSequence: rows.PerSequence,
            columns: outputWidth,
            depth: inputWidth);
    }

    /// <summary>A weight product per head: each of <paramref name="heads"/> heads maps <paramref name="inputWidth"/> to <paramref name="outputWidth"/>.</summary>
    public void HeadLinear(string name, AffineInBatch rows, double heads, double inputWidth, double outputWidth) =>
        Add(
            new(name, LaunchKind.HeadProduct, block, part, OperatorEngine.Matrix, OperatorClass.FeedForward, OperatorRate.Matrix, false) { IsSlice = Slices != WeightSlices.None },
            flops: 2 * heads * inputWidth * outputWidth * rows,
            bytes: (heads * inputWidth * outputWidth * WeightBytes) + (rows * heads * (inputWidth + outputWidth) * ActivationBytes),
            weightElements: Kept(heads * inputWidth * outputWidth),
            rowsPerSequence: rows.PerSequence,
            columns: outputWidth,
            depth: inputWidth);

    /// <summary>A product of a vision encoder, in 16 bits like its activations, at the rate of attention's products: those of the language model may be narrower.</summary>
    public void EncoderProduct(string name, AffineInBatch rows, double inputWidth, double outputWidth, double biases) =>
        Add(
            new(name, LaunchKind.PlainProduct, block, part, OperatorEngine.Matrix, OperatorClass.FeedForward, OperatorRate.Attention, false),
            flops: 2 * inputWidth * outputWidth * rows,
            bytes: (((inputWidth * outputWidth) + biases) * FusedBytes) + (rows * (inputWidth + outputWidth) * FusedBytes),
            weightElements: (inputWidth * outputWidth) + biases,
            rowsPerSequence: rows.PerSequence,
            columns: outputWidth,
            depth: inputWidth,
            bytesPerWeight: FusedBytes);

    /// <summary>Attention of a vision encoder, each row to as many as it sees: <c>4·r·H'·d·seen</c> FLOP; queries, keys and values in, values out.</summary>
    public void EncoderAttention(AffineInBatch rows, double heads, double headSize, double seen) =>
        Add(
            new("encoder_attention", LaunchKind.EncoderAttention, block, part, OperatorEngine.Matrix, OperatorClass.BatchedProduct, OperatorRate.Attention, false),
            flops: 4 * rows * (heads * headSize * seen),
            bytes: 4 * rows * (heads * headSize * FusedBytes),
            rowsPerSequence: rows.PerSequence,
            columns: seen,
            depth: headSize);

    /// <summary>A grouped product over local experts; <paramref name="activatedBytes"/> of its weights are read only as tokens reach them.</summary>
    public void Experts(string name, LaunchKind kind, AffineInBatch flops, AffineInBatch bytes, double activatedBytes, double weightElements, double rowsPerSequence, double columns, double depth) =>
        Add(
            new(name, kind, block, part, OperatorEngine.Matrix, OperatorClass.FeedForward, OperatorRate.Matrix, false),
            flops,
            bytes,
            weightElements,
            rowsPerSequence,
            columns,
            depth,
            activatedBytes);

    /// <summary>A product with the context.</summary>
    public void Product(string name, LaunchKind kind, OperatorRate rate, bool readsCache, AffineInBatch flops, AffineInBatch bytes, double columns, double depth) =>
        Add(
            new(name, kind, block, part, OperatorEngine.Matrix, OperatorClass.BatchedProduct, rate, readsCache),
            flops,
            bytes,
            rowsPerSequence: Rows.PerSequence,
            columns: columns,
            depth: depth);

    /// <summary>A state carried over tokens: of a prompt products of chunks, which tensor units do; of a token a pass over the state.</summary>
    public void Recurrence(string name, bool isPrompt, AffineInBatch flops, AffineInBatch bytes, double weightElements, StateDimensions state) =>
        Add(
            new(
                name,
                LaunchKind.Recurrence,
                block,
                part,
                isPrompt ? OperatorEngine.Matrix : OperatorEngine.Vector,
                isPrompt ? OperatorClass.BatchedProduct : OperatorClass.Vector,
                isPrompt ? OperatorRate.Attention : OperatorRate.Vector,
                false),
            flops,
            bytes,
            weightElements,
            isPrompt ? Rows.PerSequence : double.NaN,
            isPrompt ? state.ValueSize : double.NaN,
            isPrompt ? state.KeySize : double.NaN,
            bytesPerWeight: Shape.Model.WeightBytes(WeightRoles.None, Shape.Precision.WeightBytes));

    /// <summary>An element-wise operator; quantization spares its weights.</summary>
    public void Vector(string name, AffineInBatch flops, AffineInBatch bytes, double weightElements = 0, bool readsCache = false, LaunchKind kind = LaunchKind.Elementwise, double? bytesPerWeight = null) =>
        Add(
            new(name, kind, block, part, OperatorEngine.Vector, OperatorClass.Vector, OperatorRate.Vector, readsCache),
            flops,
            bytes,
            weightElements,
            bytesPerWeight: bytesPerWeight ?? Shape.Model.WeightBytes(WeightRoles.None, Shape.Precision.WeightBytes));

    /// <summary>A copy into, or out of, what the memory keeps from pass to pass: keys, values, tables.</summary>
    public void Store(string name, AffineInBatch bytes, double weightElements = 0, double? bytesPerWeight = null) =>
        Add(
            new(name, LaunchKind.Elementwise, block, part, OperatorEngine.Vector, OperatorClass.Vector, OperatorRate.Vector, false) { MovesStored = true },
            flops: 0,
            bytes,
            weightElements,
            bytesPerWeight: bytesPerWeight ?? Shape.Model.WeightBytes(WeightRoles.None, Shape.Precision.WeightBytes));

    /// <summary>Of rows those that a card has between products.</summary>
    public AffineInBatch Between(AffineInBatch rows) => Shape.RowRanks == 1 ? rows : rows * (1d / Shape.RowRanks);

    /// <summary>A pass of an engine over activations: each element read and written once.</summary>
    public void Pass(string name, AffineInBatch rows, double width, double weightElements = 0, LaunchKind kind = LaunchKind.Elementwise) =>
        Vector(name, flops: 6 * rows * width, bytes: 2 * rows * width * FusedBytes, weightElements, kind: kind);

    /// <summary>A gated activation of an engine: two elements read, one written.</summary>
    public void Activation(AffineInBatch rows, double width) =>
        Vector("activation_multiply", flops: 4 * rows * width, bytes: 3 * rows * width * FusedBytes);

    /// <summary>An activation without a gate: an element read, one written.</summary>
    public void PlainActivation(string name, AffineInBatch rows, double width) =>
        Vector(name, flops: 2 * rows * width, bytes: 2 * rows * width * (IsFused ? FusedBytes : ActivationBytes));

    /// <summary>The block's normalisation: <c>7·rows·width</c> FLOP; it reads and writes the rows, and its weights where the table says so.</summary>
    public void RootMeanSquareNorm(string name, AffineInBatch rows, double width, double weightsRead, double weightElements) =>
        Vector(name, flops: 7 * rows * width, bytes: ((2 * rows * width) + weightsRead) * ActivationBytes, weightElements);

    /// <summary>An exchange between cards; FLOP and bytes are what the totals count, the message is what the network carries.</summary>
    public void Communicate(string name, AffineInBatch flops, AffineInBatch bytes, Exchange exchange, LaunchKind kind = LaunchKind.Exchange, int times = 1) =>
        Add(
            new(name, kind, block, part, OperatorEngine.Network, OperatorClass.Communication, OperatorRate.Vector, false),
            flops,
            bytes,
            exchange: exchange,
            times: times);

    /// <summary>Weights that a card keeps, of a slice that it reads.</summary>
    private double Kept(double weightElements)
    {
        double kept = Gathered == 1 ? weightElements : weightElements / Gathered;
        return Slices == WeightSlices.None || Shape.ProductRanks == Shape.WeightRanks ? kept : kept * ((double)Shape.ProductRanks / Shape.WeightRanks);
    }

    private void Add(
        OperatorIdentity identity,
        AffineInBatch flops,
        AffineInBatch bytes,
        double weightElements = 0,
        double rowsPerSequence = double.NaN,
        double columns = double.NaN,
        double depth = double.NaN,
        double activatedBytes = 0,
        Exchange exchange = default,
        double? bytesPerWeight = null,
        int times = 1) =>
        table.Add(
            IsOfEncoder ? identity with { IsOfEncoder = true } : Prefix.Length == 0 ? identity : identity with { IsOfDraft = true },
            repeats * times,
            flops,
            bytes,
            KeepsWeights ? weightElements : 0,
            bytesPerWeight ?? weightBytes, rowsPerSequence, columns, depth, activatedBytes, exchange, Model, Shape);
}

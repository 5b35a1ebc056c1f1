using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>
/// What learned efficiencies see of a lowered stage: single products, and operators that one kernel runs together, as one
/// (docs/surrogate.md, "In a search").
/// </summary>
internal static class TableShapes
{
    /// <summary>Exponent of the law by which tokens choose experts where an engine serves: nearly that of word frequencies.</summary>
    private const double ExpertSkew = 1.01;

    /// <summary>
    /// Mean over most of ranks' loads where popular experts have copies: 0.99 as published of DeepSeek-V3's decoding (docs/validation.md, "A step").
    /// </summary>
    private const double BalanceOfCopies = 0.99;

    /// <summary>The shape, at one sequence, of the kernel that an operator begins; null where efficiencies stay the tables'.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="op">The operator.</param>
    /// <param name="types">Data types.</param>
    /// <param name="members">Receives, after what it holds, the operators that the kernel runs; those it runs for nothing are below 0, as their complement. None where there is no shape.</param>
    public static OperatorShape? At(OperatorTable table, int op, FlopsTypes types, List<int> members)
    {
        ref readonly OperatorIdentity identity = ref table.Identities[op];
        if (identity.Engine != OperatorEngine.Matrix)
        {
            return null;
        }

        int held = members.Count;
        OperatorShape? shape = identity.Kind switch
        {
            LaunchKind.ExpertGateUp => Experts(table, op, types, members),
            LaunchKind.Product or LaunchKind.PlainProduct or LaunchKind.SharedProduct or LaunchKind.HeadProduct => Product(table, op, types, members),
            LaunchKind.Score or LaunchKind.ScoreAndValue => Attention(table, op, types, members),
            _ => null,
        };
        if (shape is null)
        {
            members.RemoveRange(held, members.Count - held);
        }

        return shape;
    }

    private static OperatorShape? Product(OperatorTable table, int op, FlopsTypes types, List<int> members)
    {
        // A product of groups of heads is no product of heads: it was never measured.
        bool isOfGroups = table.Identities[op].Kind == LaunchKind.HeadProduct && table.ModelOf(op).Form?.Compression is not null;
        if (isOfGroups || KindOf(table, op, types) is not { } kind || !(table.RowsPerSequence[op] > 0))
        {
            return null;
        }

        members.Add(op);
        if (table.ShapeOf(op).Engine is { } engine)
        {
            bool isApart = engine.QuantizesApart && table.ModelOf(op).Structure is { QueryKeyNorm: not QueryKeyNorm.None };
            return table.Identities[op].Kind == LaunchKind.HeadProduct
                ? new OperatorShape(
                    OperatorFamily.LatentProduct, NumberKind.SixteenBit, table.RowsPerSequence[op], table.Columns[op], table.Depths[op], Heads: ProductHeads(table, op))
                : new OperatorShape(
                    OperatorFamily.Product,
                    kind,
                    table.RowsPerSequence[op],
                    Math.Max(1, table.Columns[op]),
                    table.Depths[op],
                    Variant: isApart ? 1 : 0);
        }

        return table.Identities[op].Kind == LaunchKind.HeadProduct
            ? new OperatorShape(
                OperatorFamily.LatentProduct,
                kind,
                table.RowsPerSequence[op],
                table.Columns[op],
                table.Depths[op],
                Heads: ProductHeads(table, op))
            : new OperatorShape(OperatorFamily.Product, kind, table.RowsPerSequence[op], table.Columns[op], table.Depths[op]);
    }

    /// <summary>The number format of a product: what is stored, and what the deployment says of its role where it does.</summary>
    private static NumberKind? KindOf(OperatorTable table, int op, FlopsTypes types)
    {
        DeploymentShape shape = table.ShapeOf(op);
        if (shape.Engine is null)
        {
            return NumberKinds.Of(types.Matrix, table.WeightBytes[op]);
        }

        LaunchKind kind = table.Identities[op].Kind;
        if (kind == LaunchKind.PlainProduct)
        {
            return NumberKind.SixteenBit;
        }

        if (shape.Kinds is { } kinds)
        {
            // What a checkpoint spares of a role.
            const double LeastOfSixteenBits = 1.5;
            if (kinds.Stored != WeightRoles.None && table.WeightBytes[op] > LeastOfSixteenBits)
            {
                return NumberKind.SixteenBit;
            }

            NumberKind ofFeedForward = kind == LaunchKind.ExpertGateUp ? kinds.Experts : kinds.FeedForward;
            return table.Identities[op].Part == StagePart.Attention ? kinds.Attention : ofFeedForward;
        }

        return NumberKinds.OfStored(
            types.Matrix,
            table.WeightBytes[op],
            shape.Model.Structure is { Storage: var storage } && storage.HasBlockScalesIn(
                table.Identities[op].Part == StagePart.Attention ? WeightRoles.Attention : kind == LaunchKind.ExpertGateUp ? WeightRoles.RoutedExperts : storage.OtherFeedForward));
    }

    private static OperatorShape? Experts(OperatorTable table, int op, FlopsTypes types, List<int> members)
    {
        DeploymentShape shape = table.ShapeOf(op);
        if (shape.Model.Experts is not { } experts || KindOf(table, op, types) is not { } kind)
        {
            return null;
        }

        members.Add(op);
        for (int next = op + 1; next < table.Count && table.Identities[next].Block == table.Identities[op].Block; next++)
        {
            if (table.Identities[next].Kind == LaunchKind.ExpertDown)
            {
                members.Add(next);
            }
        }

        if (shape.Engine is not null)
        {
            int cards = shape.Layout.ExpertParallel * shape.Layout.ExpertTensorParallel;
            double? balance = shape.Engine.ExpertBalance ?? (shape.Layout.RedundantExperts > 0 ? BalanceOfCopies : null);
            return new OperatorShape(
                OperatorFamily.Experts,
                kind,
                ExpertFeedForward.CardTokens(shape).PerSequence * cards / (balance ?? 1),
                Columns: experts.Intermediate,
                Depth: table.Depths[op],
                Chosen: experts.ActiveExperts,
                Experts: experts.Experts + shape.Layout.RedundantExperts,
                TensorRanks: shape.Layout.ExpertTensorParallel,
                ExpertRanks: shape.Layout.ExpertParallel,
                Skew: balance is null ? ExpertSkew : 0,
                Gates: experts.IsPlain ? 1 : 2,
                OwnShare: cards > shape.ProductRanks ? (double)shape.ProductRanks / cards : 1);
        }

        // Shared experts of a card are computed with the routed ones: every token chooses them.
        ParallelLayout layout = shape.Layout;
        double cardTokens = ExpertFeedForward.CardTokens(shape).PerSequence;
        double into = experts.IsPlain ? 1 : 2;
        double width = table.Columns[op] / into;
        double local = table.WeightElements[op] / (into * table.Depths[op] * width);
        return new OperatorShape(
            OperatorFamily.Experts,
            kind,
            cardTokens * layout.ExpertParallel * layout.ExpertTensorParallel,
            Columns: width * layout.ExpertTensorParallel,
            Depth: table.Depths[op],
            Chosen: experts.LatentWidth > 0 ? experts.ActiveExperts * experts.CapacityFactor : experts.RowsPerToken,
            Experts: Math.Round(local) * layout.ExpertParallel,
            TensorRanks: layout.ExpertTensorParallel,
            ExpertRanks: layout.ExpertParallel,
            Gates: experts.IsPlain ? 1 : 2);
    }

    private static OperatorShape? Attention(OperatorTable table, int op, FlopsTypes types, List<int> members)
    {
        DeploymentShape shape = table.ShapeOf(op);
        TransformerModel model = table.ModelOf(op);
        if (!model.FlashAttention || model.Form?.Compression is not null || (shape.Kinds?.Prompt ?? NumberKinds.Of(types.Attention, 2)) is not { } kind)
        {
            return null;
        }

        // Of a prompt that lies on several cards each has some of the rows and all of the context: networks know no such kernel.
        bool isShared = shape is { Phase: Phase.Prefill, Layout.ContextParallel: > 1 };
        if (isShared && shape.Engine is null)
        {
            return null;
        }

        members.Add(op);
        string block = table.Identities[op].Block;
        for (int next = op + 1; next < table.Count && table.Identities[next].Block == block; next++)
        {
            LaunchKind part = table.Identities[next].Kind;
            if (part == LaunchKind.Value)
            {
                members.Add(next);
            }
            else if (part == LaunchKind.Softmax)
            {
                members.Add(~next);
            }
        }

        double prompts = shape.AttentionBatches;

        // Forms count tiles of rows over what they see: of some of the rows as many as of so many heads fewer.
        double heads = Heads(table, op) / (isShared ? shape.Layout.ContextParallel : 1);
        double cacheBytes = shape.Precision.CacheBytes;
        double columns = table.Columns[op];
        if (shape.Phase == Phase.Decode)
        {
            return model.Latent is { } decoded
                ? new OperatorShape(
                    OperatorFamily.DecodeLatentAttention,
                    cacheBytes <= 1 ? NumberKind.EightBit : NumberKind.SixteenBit,
                    prompts * shape.TokensPerSequence,
                    Columns: decoded.CachedWidth + decoded.KeyValueRank,
                    Depth: decoded.CachedWidth,
                    Heads: heads,
                    Context: columns,
                    CacheBytes: cacheBytes)
                : new OperatorShape(
                    OperatorFamily.DecodeAttention,
                    NumberKind.SixteenBit,
                    prompts,
                    Depth: (model.HeadSize + model.ValueHeadSize) / 2d,
                    Heads: heads * shape.TokensPerSequence,
                    KeyValueHeads: KeyValueHeads(table, op),
                    Context: columns,
                    CacheBytes: cacheBytes);
        }

        // A prompt that continues cached tokens has the area of a longer one that starts at the beginning.
        double input = shape.Lengths.Input;
        double cached = model.CachedTokens;
        double tokens = Math.Sqrt((input * input) - (cached * cached));
        if (model.Latent is { } latent)
        {
            return shape.AbsorbsLatent
                ? null
                : new OperatorShape(
                    OperatorFamily.PrefillLatentAttention,
                    kind is NumberKind.EightBit or NumberKind.EightBitInteger ? NumberKind.EightBit : NumberKind.SixteenBit,
                    prompts,
                    Columns: latent.PlainHeadSize + latent.RotaryHeadSize + latent.ValueHeadSize,
                    Depth: latent.PlainHeadSize + latent.RotaryHeadSize,
                    Heads: heads,
                    Context: tokens,
                    CacheBytes: cacheBytes);
        }

        // Rows that do not reach the whole prompt see about their window.
        bool isWindowed = columns < 0.45 * (input + cached);
        return new OperatorShape(
            OperatorFamily.PrefillAttention,
            kind is NumberKind.EightBit or NumberKind.EightBitInteger ? NumberKind.EightBit : NumberKind.SixteenBit,
            prompts,
            Depth: (model.HeadSize + model.ValueHeadSize) / 2d,
            Heads: heads,
            KeyValueHeads: KeyValueHeads(table, op),
            Context: tokens,
            Window: isWindowed ? columns : 0,
            CacheBytes: cacheBytes);
    }

    private static double Heads(OperatorTable table, int op) => HeadShares.Queries(table.ModelOf(op), table.ShapeOf(op).Layout.TensorParallel);

    /// <summary>Heads of a product of heads: behind attention over shares of a context, those of a card alone.</summary>
    private static double ProductHeads(OperatorTable table, int op) => table.ShapeOf(op).ContextRanks == 1
        ? Heads(table, op)
        : Math.Round(table.FlopsPerSequence[op] / (2 * table.RowsPerSequence[op] * table.Columns[op] * table.Depths[op]));

    private static double KeyValueHeads(OperatorTable table, int op) =>
        HeadShares.KeysAndValues(table.ModelOf(op), table.ShapeOf(op).Layout.TensorParallel);
}

using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Launches;

/// <summary>Components of attention.</summary>
internal static class AttentionComponents
{
    private const double ExponentialsPerCycle = 16;
    private const double ConversionsPerCycle = 128;
    private const double CyclesOfBlock = 1000;
    private const double LeastSplitTokens = 256;
    private const double Tile = 128;

    /// <summary>Attention of sequences that get their next token, over keys and values or over a latent cache.</summary>
    public static void Decode(in OperatorShape shape, in RooflineChip chip, ref ComponentRow row)
    {
        bool isLatent = shape.Family == OperatorFamily.DecodeLatentAttention;
        double keyValueHeads = isLatent ? 1 : shape.KeyValueHeads;
        double group = shape.Heads / keyValueHeads;
        double context = ReadTokens(shape);
        double elements = isLatent ? shape.Depth : 2 * shape.Depth;
        double flops = isLatent ? 2 * shape.Columns : 4 * shape.Depth;
        double rows = shape.Rows * keyValueHeads;
        double rate = chip.HalfFlopsPerSecond / Norms.Microseconds;
        double perUnitCycle = row.Units / row.Cycle;
        row.AddBytes(
            (rows * context * elements * shape.CacheBytes) + (shape.Rows * shape.Heads * (isLatent ? 2 * shape.Columns : 4 * shape.Depth)), shape.IsRepeated);
        bool isHeadByHead = !isLatent && DecodeKernels.Of(shape, chip) == DecodeKernel.HeadByHead;
        row.Add(rows * group * context * flops / rate);
        row.Add(rows * (isHeadByHead ? group : Math.Ceiling(group / 16) * 16) * context * flops / rate);
        row.Add(rows * (isHeadByHead ? group : Math.Ceiling(group / 64) * 64) * context * flops / rate);
        row.Add(rows * group * context / (perUnitCycle * ExponentialsPerCycle));
        row.Add(rows * context * elements / (perUnitCycle * ConversionsPerCycle));
        double blocks = rows * (isLatent ? Math.Ceiling(group / DecodeKernels.MostLatentHeads) : isHeadByHead ? group : 1);
        row.Add(Ceiling(blocks / row.Units) * elements * shape.CacheBytes * context * row.Units / row.CacheRate);
        double pieces = DecodeKernels.MostPieces(shape, chip, context);
        double splits = Math.Clamp(row.Units / blocks, 1, Math.Min(pieces, Math.Max(1, context / LeastSplitTokens)));
        row.Add(context / splits * Ceiling(blocks * splits / row.Units) * row.Cycle);
        row.Add(context * row.Cycle);
        row.Add(blocks / row.Units * CyclesOfBlock * row.Cycle);
        row.Mark(shape.CacheBytes < 2 ? 1 : 0);
        row.Mark(isLatent ? (group == 1 ? 1 : 0) : isHeadByHead ? 1 : 0);
        row.Mark(group > DecodeKernels.MostShared ? 1 : 0);
        row.Mark(Math.Log2(shape.Depth / 128));
        row.Mark(isLatent ? 0 : Math.Log2(Math.Min(group, DecodeKernels.MostShared)) / 3);
        if (!isLatent)
        {
            row.Mark(DecodeKernels.IsUnsplit(shape, chip) ? 1 : 0);
        }
    }

    /// <summary>Tokens of a sequence's cache that decoding reads.</summary>
    public static double ReadTokens(in OperatorShape shape) => shape.Window > 0 ? Math.Min(shape.Window, shape.Context) : shape.Context;

    /// <summary>Attention of prompts, of latent models after projecting up too.</summary>
    public static void Prefill(in OperatorShape shape, in RooflineChip chip, ref ComponentRow row)
    {
        bool isLatent = shape.Family == OperatorFamily.PrefillLatentAttention;
        double tokens = shape.Context;
        double keyValueHeads = isLatent ? shape.Heads : shape.KeyValueHeads;
        double width = isLatent ? shape.Columns : 2 * shape.Depth;
        double sequenceHeads = shape.Rows * shape.Heads;
        bool isWindowed = shape.Window > 0 && shape.Window < tokens;
        double area = isWindowed ? shape.Window * (tokens - (shape.Window / 2)) : tokens * tokens / 2;
        double rate = OperatorComponents.Rate(shape.Kind, chip);
        double perPair = 2 * sequenceHeads * width / rate;
        row.AddCompute(perPair * area);
        row.Add(perPair * Tiled(shape, tokens, isWindowed, 64));
        row.Add(perPair * Tiled(shape, tokens, isWindowed, Tile));
        double tiles = Math.Ceiling(tokens / Tile);
        double perTile = Tiled(shape, tokens, isWindowed, Tile) / tiles * 2 * width / rate;
        row.Add(Ceiling(sequenceHeads * tiles / row.Units) * row.Units * perTile);
        row.Add(sequenceHeads * area / (row.Units / row.Cycle * ExponentialsPerCycle));
        row.Add((isWindowed ? Math.Min(tokens, shape.Window + Tile) : tokens) * row.Cycle);
        row.AddBytes(
            isLatent
                ? sequenceHeads * tokens * shape.Columns * 4
                : shape.Rows * tokens * shape.Depth * ((4 * shape.Heads) + ((4 + (2 * shape.CacheBytes)) * keyValueHeads)),
            shape.IsRepeated);
        row.Add(sequenceHeads * tiles / row.Units * CyclesOfBlock * row.Cycle);
        if (!isLatent)
        {
            double pairs = Tiled(shape, tokens, isWindowed, Tile);
            row.Add((perPair * row.Haste * pairs) + (sequenceHeads * pairs / (row.Units / row.Cycle * ExponentialsPerCycle)));
        }

        row.Mark(shape.Kind == NumberKind.SixteenBit ? 0 : 1);
        row.Mark(shape.CacheBytes < 2 ? 1 : 0);
        row.Mark(Math.Log2(shape.Depth / 128));
        row.Mark(isWindowed ? 1 : 0);
        row.Mark(isLatent ? 0 : Math.Log2(shape.Heads / keyValueHeads) / 3);
    }

    /// <summary>
    /// What the exponentials of a prompt's attention take over what its products take at the peak: a tile's weights are exponentials of its scores, so that units do one after
    /// the other. 0 for other families; latent prompts too, whose heads are all of one size.
    /// </summary>
    public static double ExponentialsOverProducts(in OperatorShape shape, in RooflineChip chip)
    {
        if (shape.Family != OperatorFamily.PrefillAttention)
        {
            return 0;
        }

        double flopsPerUnitCycle = OperatorComponents.Rate(shape.Kind, chip) * Norms.Microseconds / (chip.ComputeUnits * chip.Structure.Whole(chip.ComputeUnits).ClockHertz);
        return flopsPerUnitCycle / (ExponentialsPerCycle * 4 * shape.Depth);
    }

    /// <summary>Pairs of a query and a token that a head's tiles of queries take.</summary>
    private static double Tiled(in OperatorShape shape, double tokens, bool isWindowed, double tile) =>
        Math.Ceiling(tokens / tile) * tile * (isWindowed ? Math.Min(shape.Window + tile, tokens + tile) : (tokens + tile) / 2);

    private static double Ceiling(double value) => Math.Ceiling(value - 1e-9);
}

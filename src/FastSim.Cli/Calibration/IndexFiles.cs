using FastSim.Cli.Configuration;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>
/// Measured indexer kernels of sparse attention, <c>glm5_mqa_logits_module_perf.parquet</c> (scores, 8 bits) and
/// <c>glm5_topk_module_perf.parquet</c> (selection, a kind a distribution of scores), at the widths of GLM-5's indexer.
/// </summary>
internal static class IndexFiles
{
    private const double Heads = 32;
    private const double HeadSize = 128;
    private const double SelectedTokens = 2048;

    /// <summary>Queries of a block of threads: 128 rows of 32 heads.</summary>
    private const double BlockQueries = 4;

    /// <summary>Columns of text, scores.</summary>
    public static readonly string[] ScoreTexts = ["kv_cache_dtype"];

    /// <summary>Columns of text, selection.</summary>
    public static readonly string[] SelectionTexts = ["score_mode"];

    /// <summary>Columns of numbers.</summary>
    public static readonly string[] Numbers = ["batch_size", "isl", "step", MeasuredRows.Latency];

    /// <summary>The kind of scores.</summary>
    public static IEnumerable<MeasuredKind> Score(MeasuredTable table, CalibrationChip chip, Findings findings)
    {
        string[] types = table.Texts("kv_cache_dtype");
        MeasuredRows.WarnOfUnknown(table, "kv_cache_dtype", CacheTypes.IsEightBits, findings);
        foreach ((string kind, List<(Chunk Case, double Microseconds)> cases) in ByKind(
            table, row => CacheTypes.IsEightBits(types[row]) ? IndexScoreTiming.EightBits : null, findings))
        {
            yield return new MeasuredKind<Chunk>(
                IndexScoreTiming.Form,
                kind,
                cases,
                Of,
                parameters => chunk => IndexScoreTiming.Microseconds(
                    parameters,
                    chip.Scale,
                    chip.EightBitFlopsPerSecond,
                    chunk.Sequences * chunk.Tokens,
                    chunk.SequencesPerBlock * chunk.MeanContext,
                    chunk.SequencesPerBlock * chunk.Longest,
                    Heads,
                    HeadSize,
                    chunk.KeyBytes,
                    splitsContext: false),
                chunk => chip.Roofline(
                    2 * chunk.Sequences * chunk.Tokens * chunk.MeanContext * Heads * HeadSize, chip.EightBitFlopsPerSecond, chunk.KeyBytes));
        }
    }

    /// <summary>The kinds of selection.</summary>
    public static IEnumerable<MeasuredKind> Selection(MeasuredTable table, CalibrationChip chip, Findings findings)
    {
        string[] modes = table.Texts("score_mode");
        static bool IsKnown(string mode) => mode is IndexSelectionTiming.Flat or IndexSelectionTiming.TopLast;
        MeasuredRows.WarnOfUnknown(table, "score_mode", IsKnown, findings);
        foreach ((string kind, List<(Chunk Case, double Microseconds)> cases) in ByKind(table, row => IsKnown(modes[row]) ? modes[row] : null, findings))
        {
            yield return new MeasuredKind<Chunk>(
                IndexSelectionTiming.Form,
                kind,
                cases,
                Of,
                parameters => chunk =>
                {
                    SelectingRows rows = SelectingRows.Of(chunk.Tokens, chunk.Past, SelectedTokens);
                    return IndexSelectionTiming.Microseconds(
                        parameters, chip.Scale, chunk.Sequences * rows.Choosing, rows.MeanContext, chunk.Sequences * rows.Short);
                },
                chunk => chip.Roofline(0, chip.HalfFlopsPerSecond, chunk.Sequences * chunk.Tokens * chunk.MeanContext * 4));
        }
    }

    private static IEnumerable<(string Kind, List<(Chunk Case, double Microseconds)> Cases)> ByKind(
        MeasuredTable table, Func<int, string?> kind, Findings findings)
    {
        double[] sequences = table.Numbers("batch_size");
        double[] tokens = table.Numbers("isl");
        double[] past = table.Numbers("step");
        return MeasuredRows.ByKind(
            table, kind, row => new Chunk(sequences[row], tokens[row], past[row]), MeasuredRows.LatencyOrFailure(findings));
    }

    private static double[] Of(Chunk chunk) => [chunk.Sequences, chunk.Tokens, chunk.Past];

    private readonly record struct Chunk(double Sequences, double Tokens, double Past)
    {
        public double MeanContext => Past + ((Tokens + 1) / 2);

        public double Longest => Past + Tokens;

        /// <summary>A block whose queries belong to several sequences goes over the contexts of all of them.</summary>
        public double SequencesPerBlock => Math.Max(1, Math.Min(Sequences, BlockQueries / Tokens));

        /// <summary>Keys in 8 bits with a 4-byte scale each.</summary>
        public double KeyBytes => Sequences * Longest * (HeadSize + 4);
    }
}

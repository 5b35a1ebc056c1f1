using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Clocks;

/// <summary>Fitted times of sparse attention: of its indexer, of the selection and of attention over what is selected.</summary>
internal sealed class SparseAttentionTimes
{
    private const double IndexScaleBytes = 4;

    private readonly double[]? indexScore;
    private readonly double[]? indexSelection;
    private readonly double[]?[] sparseAttention;

    /// <summary>Takes a chip's.</summary>
    /// <param name="forms">What was fitted.</param>
    public SparseAttentionTimes(FittedForms forms)
    {
        indexScore = forms.Find(IndexScoreTiming.Form.Family, IndexScoreTiming.EightBits);
        indexSelection = forms.Find(IndexSelectionTiming.Form.Family, IndexSelectionTiming.Flat);
        sparseAttention =
        [
            .. FittedForms.CacheWords.SelectMany(word => (string[])["decode", "prefill"], (word, phase) => forms.Find(SparseAttentionTiming.Form.Family, $"{word}/{phase}")),
        ];
    }

    /// <summary>Microseconds of the indexer's scores; null where none were fitted.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="queries">Tokens that ask.</param>
    /// <param name="context">Tokens each sees, on average.</param>
    /// <param name="longest">Tokens that the one that sees most sees.</param>
    /// <param name="sequences">Sequences, whose keys are each read once.</param>
    /// <param name="indexer">The indexer.</param>
    /// <param name="isDecode">Whether each sequence brings its next tokens alone.</param>
    public double? Score(FormChip chip, double queries, double context, double longest, double sequences, SparseIndexer indexer, bool isDecode) => indexScore is { } parameters
        ? IndexScoreTiming.Microseconds(
            parameters,
            chip.Scale,
            chip.Peaks.EightBitFlopsPerSecond,
            queries,
            context,
            longest,
            indexer.Heads,
            indexer.HeadSize,
            sequences * longest * (indexer.HeadSize + IndexScaleBytes),
            isDecode)
        : null;

    /// <summary>Microseconds of choosing tokens by the indexer's scores; null where it was not fitted.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="rows">Rows that choose.</param>
    /// <param name="context">Tokens that such a row chooses among, on average.</param>
    /// <param name="shortRows">Rows that take all of their tokens.</param>
    public double? Selection(FormChip chip, double rows, double context, double shortRows) =>
        indexSelection is { } parameters ? IndexSelectionTiming.Microseconds(parameters, chip.Scale, rows, context, shortRows) : null;

    /// <summary>Microseconds of latent attention over selected tokens; null where it was not fitted.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="rows">Tokens that attend.</param>
    /// <param name="context">Tokens each sees, on average.</param>
    /// <param name="selected">Tokens that are selected at most: most kernels go over as many places.</param>
    /// <param name="heads">Heads of a rank.</param>
    /// <param name="latent">Latent widths.</param>
    /// <param name="cacheBytes">Bytes of a cached element.</param>
    /// <param name="isDecode">Whether each sequence brings its next tokens alone.</param>
    public double? Attention(
        FormChip chip, double rows, double context, double selected, double heads, LatentDimensions latent, double cacheBytes, bool isDecode)
    {
        int cache = cacheBytes <= 1 ? 1 : 0;
        return sparseAttention[(2 * cache) + (isDecode ? 0 : 1)] is { } parameters
            ? SparseAttentionTiming.Microseconds(
                parameters,
                chip.Scale,
                chip.Peaks.HalfFlopsPerSecond,
                rows,
                isDecode && cache == 0 ? Math.Min(selected, context) : selected,
                heads,
                latent.CachedWidth,
                latent.KeyValueRank,
                cacheBytes)
            : null;
    }
}

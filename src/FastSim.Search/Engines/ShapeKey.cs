using FastSim.Kernels.Models;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Search.Engines;

/// <summary>
/// What of a layout decides a card's time and memory. Data parallelism does not, but for the way that a pipeline sends where switches have levels: layouts of the
/// same shape, on any number of cards, share lowering, bound and best batch.
/// </summary>
internal readonly record struct ShapeKey(
    int TensorParallel,
    int ContextParallel,
    int AttentionDataParallel,
    bool SequenceParallel,
    FeedForwardForm FeedForward,
    int PipelineParallel,
    int ExpertParallel,
    int ExpertTensorParallel,
    int RedundantExperts,
    int MicroBatches,
    int StatedBatch,
    (int Tier, int Span) Send,
    SecondMemoryShares Second)
{
    /// <summary>Key of a layout.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="microBatches">Micro-batches in flight per rank.</param>
    /// <param name="statedBatch">Sequences of the micro-batch when the user stated it, else 0.</param>
    /// <param name="accounting">Physical accounting sends between stages over the tier that spans all cards.</param>
    /// <param name="rates">The chip.</param>
    public static ShapeKey Of(ParallelLayout layout, int microBatches, int statedBatch, Accounting accounting, ChipRates rates) => new(
        layout.TensorParallel,
        layout.ContextParallel,
        layout.AttentionDataParallel,
        layout.SequenceParallel,
        layout.FeedForward,
        layout.PipelineParallel,
        layout.ExpertParallel,
        layout.ExpertTensorParallel,
        layout.RedundantExperts,
        microBatches,
        statedBatch,
        accounting == Accounting.Physical && layout.PipelineParallel > 1 ? rates.SendOver(layout.Cards) : default,
        layout.Second);
}

using FastSim.Cli.Configuration;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>A layout as <c>--json</c> prints it: what shares contexts and feed-forwards out, and what lies in a second memory, is there only where something does, or is asked for.</summary>
internal sealed record LayoutSummary(
    int DataParallel,
    int PipelineParallel,
    int TensorParallel,
    int ExpertParallel,
    int ExpertTensorParallel,
    int ExpertDataParallel,
    int RedundantExperts,
    int SharedReplicas,
    int Cards,
    int? ContextParallel,
    int? AttentionDataParallel,
    bool? SequenceParallel,
    string? FeedForwardExchange,
    int? FeedForwardWays,
    double? SecondMemoryWeights,
    double? SecondMemoryCache)
{
    /// <summary>Of a layout.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="job">The job it answers: a dimension that it asks for is named where it is 1, too.</param>
    public static LayoutSummary Of(ParallelLayout layout, Job job) => new(
        layout.DataParallel,
        layout.PipelineParallel,
        layout.TensorParallel,
        layout.ExpertParallel,
        layout.ExpertTensorParallel,
        layout.ExpertDataParallel,
        layout.RedundantExperts,
        layout.SharedReplicas,
        layout.Cards,
        job.SharesContexts ? layout.ContextParallel : null,
        job.SharesFeedForwards ? layout.AttentionDataParallel : null,
        job.ChoosesRows ? layout.SequenceParallel : null,
        job.ExchangesOtherThanRows ? RankKeys.WordOf(layout.FeedForward.Exchange) : null,
        job.ExchangesOtherThanRows ? Math.Max(1, layout.FeedForward.OfWays) : null,
        layout.Second.IsNone ? null : layout.Second.Weights,
        layout.Second.IsNone ? null : layout.Second.Cache);
}

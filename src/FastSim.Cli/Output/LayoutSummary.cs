using FastSim.Kernels.Stages;

namespace FastSim.Cli.Output;

/// <summary>A layout as <c>--json</c> prints it: what shares contexts out, and what lies in a second memory, is there only where something does.</summary>
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
    double? SecondMemoryWeights,
    double? SecondMemoryCache)
{
    /// <summary>Of a layout.</summary>
    public static LayoutSummary Of(ParallelLayout layout) => new(
        layout.DataParallel,
        layout.PipelineParallel,
        layout.TensorParallel,
        layout.ExpertParallel,
        layout.ExpertTensorParallel,
        layout.ExpertDataParallel,
        layout.RedundantExperts,
        layout.SharedReplicas,
        layout.Cards,
        layout.ContextParallel > 1 ? layout.ContextParallel : null,
        layout.Second.IsNone ? null : layout.Second.Weights,
        layout.Second.IsNone ? null : layout.Second.Cache);
}

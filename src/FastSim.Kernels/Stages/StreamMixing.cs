using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// Several residual streams (<see cref="HyperConnections"/>; docs/cost-model.md, "DeepSeek-V4"): what joined them last and what the next part takes of them is
/// one launch, in 32 bits.
/// </summary>
internal static class StreamMixing
{
    private const double WeightBytes = 4;

    /// <summary>
    /// Before an attention or a feed-forward: the streams and the last output are read, the streams and the next input written. An engine normalises that in the
    /// same launch, with <paramref name="normWeights"/>.
    /// </summary>
    public static void Lower(StageBuilder stage, HyperConnections streams, double normWeights)
    {
        double hidden = stage.Shape.Model.Hidden;
        double count = streams.Streams;
        double weights = (streams.Mixes * count * hidden) + streams.Mixes + 3 + normWeights;
        stage.Vector(
            "hyper_connection",
            flops: stage.Rows * ((2 * streams.Mixes * count * hidden) + (2 * count * (count + 2) * hidden) + (4 * count * count * streams.Rounds)),
            bytes: (stage.Rows * (2 * (count + 1) * hidden * StageBuilder.FusedBytes)) + (weights * WeightBytes),
            weightElements: weights,
            bytesPerWeight: WeightBytes);
    }

    /// <summary>After the last block: the streams to one.</summary>
    public static void LowerHead(StageBuilder stage)
    {
        if (stage.Shape.Model.Structure is not { Streams: { } streams })
        {
            return;
        }

        double hidden = stage.Shape.Model.Hidden;
        double count = streams.Streams;
        double weights = (count * count * hidden) + count + 1;
        AffineInBatch rows = stage.Shape.Phase == Phase.Prefill ? stage.Sequences : stage.Rows;
        stage.Begin("hyper_connection_head", StagePart.Attention, 1);
        stage.Vector(
            "hyper_connection",
            flops: rows * ((2 * count * count * hidden) + (2 * count * hidden)),
            bytes: (rows * ((count + 1) * hidden * StageBuilder.FusedBytes)) + (weights * WeightBytes),
            weightElements: weights,
            bytesPerWeight: WeightBytes);
    }
}

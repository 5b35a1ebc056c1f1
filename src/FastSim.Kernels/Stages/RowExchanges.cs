using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>What the cards that share a product out tell each other of its rows.</summary>
internal static class RowExchanges
{
    /// <summary>Rows that cards have in turn between products to all of them: a message of <c>rows·h·u</c>.</summary>
    public static void GatherRows(this StageBuilder stage, AffineInBatch rows)
    {
        if (stage.Shape.RowRanks > 1)
        {
            ExchangeRows(stage, "sp_all_gather", ExchangeGroup.SequenceParallel, Collective.AllGather, rows, bytesPerElement: 0);
        }
    }

    /// <summary>
    /// The all-reduce of the cards that share a product out, in decode those of all of a sequence's tokens: <c>rows·h·(TP-1)/TP</c> FLOP, a message of
    /// <c>rows·h·u</c> (cost model A2, B5). Of cards that have rows in turn between products the reduce-scatter.
    /// </summary>
    public static void TensorParallelAllReduce(this StageBuilder stage, AffineInBatch rows, double bytesPerElement)
    {
        bool sumsLater = stage.JoinsFeedForward && !stage.IsFused && stage.Shape is { Model.Experts: null, SumsFeedForwardAlike: true };
        if (stage.Shape.ProductRanks == 1 || sumsLater)
        {
            return;
        }

        if (stage.Shape.RowRanks > 1)
        {
            ExchangeRows(stage, "sp_reduce_scatter", ExchangeGroup.SequenceParallel, Collective.ReduceScatter, rows, bytesPerElement);
        }
        else
        {
            ExchangeRows(stage, "tp_all_reduce", ExchangeGroup.TensorParallel, Collective.AllReduce, rows, bytesPerElement);
        }
    }

    /// <summary>
    /// The sum of one 32-bit number a row over tensor-parallel ranks, as a norm over what they share out needs; seed accounting counts none
    /// (docs/cost-model.md, "Norms over all heads").
    /// </summary>
    public static void SumOverRanks(this StageBuilder stage, string name, AffineInBatch rows)
    {
        const double NumberBytes = 4;
        int ranks = stage.Shape.Layout.TensorParallel;
        if (ranks > 1 && stage.Shape.Accounting == Accounting.Physical)
        {
            stage.Communicate(
                name,
                Sums(rows, ranks),
                bytes: rows * NumberBytes,
                new Exchange(ExchangeGroup.TensorParallel, Collective.AllReduce, ranks, ranks, rows * NumberBytes, Launches.Exchange.BySpan));
        }
    }

    /// <summary>The sum over tensor-parallel ranks of a product whose inputs they share out: <c>elements·u</c>; seed accounting counts none.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="name">The operator.</param>
    /// <param name="elements">What the product yields.</param>
    public static void SumProductOverRanks(this StageBuilder stage, string name, AffineInBatch elements)
    {
        int ranks = stage.Shape.Layout.TensorParallel;
        if (ranks > 1 && stage.Shape.Accounting == Accounting.Physical)
        {
            AffineInBatch message = elements * stage.CommunicationBytes;
            stage.Communicate(
                name, Sums(elements, ranks), message, new Exchange(ExchangeGroup.TensorParallel, Collective.AllReduce, ranks, ranks, message, Launches.Exchange.BySpan));
        }
    }

    private static void ExchangeRows(StageBuilder stage, string name, ExchangeGroup group, Collective collective, AffineInBatch rows, double bytesPerElement)
    {
        int ranks = stage.Shape.ProductRanks;
        Exchange(stage, name, group, collective, ranks, ranks, rows, bytesPerElement);
    }

    /// <summary>An exchange of rows: a message of <c>rows·h·u</c>, of a reduction its share of the sums.</summary>
    internal static void Exchange(
        StageBuilder stage, string name, ExchangeGroup group, Collective collective, int members, int span, AffineInBatch rows, double bytesPerElement)
    {
        AffineInBatch elements = rows * stage.Shape.Model.Hidden;
        stage.Communicate(
            name,
            flops: collective == Collective.AllGather ? 0 : Sums(elements, members),
            bytes: elements * bytesPerElement,
            new Exchange(group, collective, members, span, elements * stage.CommunicationBytes, Launches.Exchange.BySpan));
    }

    /// <summary>What exchanges of rows count under.</summary>
    internal static ExchangeGroup RowGroup(StageBuilder stage) => stage.Shape.RowRanks > 1 ? ExchangeGroup.SequenceParallel : ExchangeGroup.TensorParallel;

    /// <summary>Sums of a reduction, of which every rank does its share.</summary>
    private static AffineInBatch Sums(AffineInBatch elements, int ranks) => elements * (ranks - 1d) * (1d / ranks);
}

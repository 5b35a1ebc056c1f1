using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Memory;

/// <summary>Bytes that a stage's exchanges move over a whole request (cost model A4, <c>tp_comm_mem_size</c> and <c>ep_comm_mem_size</c>).</summary>
public static class CommunicationVolume
{
    /// <summary>
    /// Tensor-parallel bytes: <c>4·b·h·u·L·tokens</c> dense, <c>2·r_a·h·u·Ls·tokens</c> for a mixture of experts, with as much again for each dense feed-forward
    /// (inferred); 0 without TP, and where rows are scattered and gathered instead. Where attention ranks share a feed-forward, or it exchanges other than rows,
    /// the messages of the stage's exchanges.
    /// </summary>
    /// <param name="table">The stage.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static double TensorParallelBytes(OperatorTable table, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        DeploymentShape shape = table.Shape;
        if (!shape.SumsFeedForwardAlike)
        {
            return Bytes(table, ExchangeGroup.TensorParallel, sequences);
        }

        if (shape.ProductRanks == 1 || shape.RowRanks > 1)
        {
            return 0;
        }

        double perBlock = sequences / (shape.Phase == Phase.Prefill ? shape.Layout.ContextParallel : 1) * shape.Model.Hidden * shape.Precision.CommunicationBytes * RequestTokens(shape);
        return shape.Model.Experts is null
            ? 4 * perBlock * shape.Blocks
            : 2 * perBlock * shape.AttentionBatches * (shape.StageBlocks + shape.StageDenseBlocks);
    }

    /// <summary>Expert-parallel bytes: <c>2·b·(k+ns)·h·u·Ls·tokens</c>, over the expert blocks; 0 for a dense model.</summary>
    /// <param name="shape">What is deployed.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static double ExpertParallelBytes(DeploymentShape shape, double sequences)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Model.Experts is not { } experts)
        {
            return 0;
        }

        double perCard = sequences / shape.Layout.RankCards;
        return 2 * perCard * experts.RowsPerToken * shape.Model.Hidden * shape.Precision.CommunicationBytes
            * shape.StageExpertBlocks * RequestTokens(shape);
    }

    /// <summary>
    /// Bytes of the exchanges of one group over a request, as the stage's operators make them, a vision encoder's left out: a prompt's pass, or one row of a sequence for each generated
    /// token.
    /// </summary>
    /// <param name="table">The stage.</param>
    /// <param name="group">Whose exchanges.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static double Bytes(OperatorTable table, ExchangeGroup group, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        DeploymentShape shape = table.Shape;
        double bytes = 0;
        for (int op = 0; op < table.Count; op++)
        {
            bytes += table.Exchanges[op].Group == group && !table.Identities[op].IsOfEncoder ? table.Exchanges[op].MessageBytes.At(sequences) * table.Repeats[op] : 0;
        }

        return shape.Phase == Phase.Decode ? bytes * shape.Lengths.Output / shape.TokensPerSequence : bytes;
    }

    /// <summary>
    /// Bytes that a card gets from the others with which it shares contexts, over a request (<c>cp_comm_mem_size</c>): of what is gathered all but its own
    /// share, of a ring's sends and parts of outputs their messages, so that either exchange of the same keys and values counts the same.
    /// </summary>
    /// <param name="table">The stage.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static double ContextParallelBytes(OperatorTable table, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        int cards = table.Shape.Layout.ContextParallel;
        bool holdsOwnShare = table.Shape is { Phase: Phase.Prefill, ContextExchange: ContextExchange.AllGather };
        return Bytes(table, ExchangeGroup.ContextParallel, sequences) * (holdsOwnShare ? (cards - 1d) / cards : 1);
    }

    /// <summary>Tokens that pass the blocks over a request: the generated ones, or the prompt's new ones.</summary>
    private static double RequestTokens(DeploymentShape shape) =>
        shape.Phase == Phase.Decode ? shape.Lengths.Output : shape.MeanTokensPerSequence;
}

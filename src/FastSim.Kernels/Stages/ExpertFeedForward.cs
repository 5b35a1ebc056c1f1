using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>The mixture-of-experts feed-forward of one block (cost model A2, MoE; B1.2; B5).</summary>
internal static class ExpertFeedForward
{
    public static void Lower(StageBuilder stage, MixtureOfExperts experts)
    {
        ParallelLayout layout = stage.Shape.Layout;
        bool seed = stage.Shape.Accounting == Accounting.Seed;
        AffineInBatch rows = stage.Rows;
        AffineInBatch cardTokens = CardTokens(stage.Shape);
        AffineInBatch expertRows = ExpertRows(stage.Shape, experts);
        double activation = stage.ActivationBytes;
        double hidden = stage.Shape.Model.Hidden;
        double width = (double)experts.Intermediate / layout.ExpertTensorParallel;

        // A published model's shared experts are on every card; the seed's form says how many are deployed.
        BlockStructure? structure = stage.Shape.Model.Structure;
        double sharedLocal = structure is null ? (double)layout.SharedReplicas / layout.ExpertParallel : experts.SharedExpertsPerToken;
        double routedLocal = (double)(experts.Experts + layout.RedundantExperts) / layout.ExpertParallel;
        double local = routedLocal + sharedLocal;

        // Seed accounting reads every local expert; physical reads the routed ones that some token reaches.
        double alwaysRead = seed ? local : sharedLocal;
        double readIfReached = seed ? 0 : routedLocal;

        double normWeights = structure is null ? 2 * hidden : hidden;
        stage.BlockNorm(rows, normWeights);
        stage.Weigh(Projection.Router);
        stage.PlainLinear("router", rows, hidden, experts.Experts, BlockExtras.RouterBias);
        if (stage.Has(BlockExtras.SharedExpertGate))
        {
            stage.Weigh(WeightRoles.Router);
            stage.Linear("shared_expert_gate", rows, hidden, 1);
        }

        // Quantization may spare the shared experts, or a projection: what is read together counts at its mean.
        (double routedGateUp, double sharedGateUp, double meanGateUp) = Bytes(
            Mean(stage.BytesOf(Projection.RoutedGate), 1, stage.BytesOf(Projection.RoutedUp), 1),
            Mean(stage.BytesOf(Projection.SharedGate), 1, stage.BytesOf(Projection.SharedUp), 1),
            routedLocal,
            sharedLocal);
        (double routedDown, double sharedDown, double meanDown) =
            Bytes(stage.BytesOf(Projection.RoutedDown), stage.BytesOf(Projection.SharedDown), routedLocal, sharedLocal);
        bool biased = stage.Has(BlockExtras.ExpertBias);
        double gateUpBias = biased ? 2 * width : 0;
        double downBias = biased ? hidden : 0;
        stage.Weigh(meanGateUp);
        GatherShards(stage, "moe_tp_all_gather", Collective.AllGather, cardTokens);
        Exchange(stage, "ep_dispatch", experts, cardTokens, expertRows);
        stage.Experts(
            "expert_gate_up",
            LaunchKind.ExpertGateUp,
            flops: 4 * expertRows * (hidden * width),
            bytes: (((alwaysRead * 2 * hidden * width) + (alwaysRead * gateUpBias)) * (seed ? meanGateUp : sharedGateUp))
                + (expertRows * (hidden + (2 * width)) * activation),
            activatedBytes: ((readIfReached * 2 * hidden * width) + (readIfReached * gateUpBias)) * routedGateUp,
            weightElements: (local * 2 * hidden * width) + (local * gateUpBias),
            rowsPerSequence: expertRows.PerSequence / local,
            columns: 2 * width,
            depth: hidden);
        stage.Vector("expert_activation_multiply", flops: 4 * expertRows * width, bytes: 5 * expertRows * width * activation);
        stage.Weigh(meanDown);
        stage.Experts(
            "expert_down",
            LaunchKind.ExpertDown,
            flops: 2 * expertRows * (hidden * width),
            bytes: (((alwaysRead * hidden * width) + (alwaysRead * downBias)) * (seed ? meanDown : sharedDown))
                + (expertRows * (hidden + width) * activation),
            activatedBytes: ((readIfReached * hidden * width) + (readIfReached * downBias)) * routedDown,
            weightElements: (local * hidden * width) + (local * downBias),
            rowsPerSequence: expertRows.PerSequence / local,
            columns: hidden,
            depth: width);
        Exchange(stage, "ep_combine", experts, cardTokens, expertRows);
        GatherShards(stage, "moe_tp_reduce_scatter", Collective.ReduceScatter, cardTokens);
        stage.Vector("unpermute", flops: 0, bytes: cardTokens * (experts.ActiveExperts * hidden * activation));
        stage.OutputNorm(rows);
        stage.Residual(rows);
    }

    /// <summary>Token rows a card brings to the experts: <c>b</c> times the tokens of a sequence, <c>b</c> = sequences per card of the micro-batch.</summary>
    public static AffineInBatch CardTokens(DeploymentShape shape) =>
        new(0, (double)shape.TokensPerSequence / shape.Layout.TensorParallel);

    /// <summary>Expert rows of a card: <c>T = b·MTP·(k+ns)</c>; the routed part is padded by the capacity factor.</summary>
    public static AffineInBatch ExpertRows(DeploymentShape shape, MixtureOfExperts experts) =>
        CardTokens(shape) * (shape.Layout.ExpertTensorParallel * experts.RowsPerToken);

    /// <summary>Logarithm per sequence of the chance that no token of the expert group picks a given expert: <c>tokens·ln(1 - k/E)</c> (B1.2).</summary>
    public static double ActivationLog(DeploymentShape shape, MixtureOfExperts experts)
    {
        double groupTokens = CardTokens(shape).PerSequence * shape.Layout.ExpertParallel * shape.Layout.ExpertTensorParallel;
        double picked = (double)experts.ActiveExperts / experts.Experts;
        double unpicked = 1 - picked;

        // ln(1 - k/E), with what rounding took from the difference put back: it is most of k/E where experts are many.
        return unpicked is > 0 and < 1 ? groupTokens * (Math.Log(unpicked) * (picked / (1 - unpicked))) : groupTokens * Math.Log(unpicked);
    }

    private static (double Routed, double Shared, double Together) Bytes(double routed, double shared, double routedLocal, double sharedLocal) =>
        (routed, shared, Mean(routed, routedLocal, shared, sharedLocal));

    /// <summary>Mean of two, exactly either where they are the same.</summary>
    private static double Mean(double first, double firstWeight, double second, double secondWeight) => first == second
        ? first
        : ((firstWeight * first) + (secondWeight * second)) / (firstWeight + secondWeight);

    /// <summary>
    /// Dispatch or combine: each counts half of <c>8·T·h·u</c> bytes (A2); on the network goes <c>b·k·h·u·(EP-1)/EP</c> (B5).
    /// </summary>
    private static void Exchange(StageBuilder stage, string name, MixtureOfExperts experts, AffineInBatch cardTokens, AffineInBatch expertRows)
    {
        ParallelLayout layout = stage.Shape.Layout;
        double communication = stage.Shape.Precision.CommunicationBytes;
        double hidden = stage.Shape.Model.Hidden;
        double leaving = (layout.ExpertParallel - 1d) / layout.ExpertParallel;
        Exchange exchange = layout.ExpertParallel == 1
            ? default
            : new Exchange(
                ExchangeGroup.ExpertParallel,
                Collective.AllToAll,
                layout.ExpertParallel,
                layout.ExpertParallel * layout.ExpertTensorParallel,
                cardTokens * (experts.ActiveExperts * experts.CapacityFactor * hidden * communication * leaving),
                Launches.Exchange.BySpan);
        stage.Communicate(name, flops: 0, bytes: 4 * expertRows * (hidden * communication), exchange);
    }

    /// <summary>
    /// MoE-TP ranks compute on each other's tokens, so they gather them before the experts and sum the results after:
    /// messages of <c>b·MTP·h·u</c> (docs/cost-model.md, "Communication"; inferred).
    /// </summary>
    private static void GatherShards(StageBuilder stage, string name, Collective collective, AffineInBatch cardTokens)
    {
        int shards = stage.Shape.Layout.ExpertTensorParallel;
        if (shards == 1)
        {
            return;
        }

        AffineInBatch message = cardTokens * ((double)shards * stage.Shape.Model.Hidden * stage.Shape.Precision.CommunicationBytes);
        stage.Communicate(
            name,
            flops: 0,
            bytes: 0,
            new Exchange(ExchangeGroup.ExpertParallel, collective, shards, shards, message, Launches.Exchange.BySpan));
    }
}

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
        bool isApart = experts.LatentWidth > 0;
        AffineInBatch expertRows = isApart ? RoutedRows(stage.Shape, experts) : ExpertRows(stage.Shape, experts);
        double activation = stage.ActivationBytes;
        double hidden = stage.Shape.Model.Hidden;
        double inner = experts.RoutedInput(stage.Shape.Model.Hidden);
        double width = (double)experts.Intermediate / layout.ExpertTensorParallel;
        double into = experts.IsPlain ? 1 : 2;

        // A published model's shared experts are on every card; the seed's form says how many are deployed.
        BlockStructure? structure = stage.Shape.Model.Structure;
        double sharedLocal = structure is null ? (double)layout.SharedReplicas / layout.ExpertParallel : experts.SharedExpertsPerToken;
        sharedLocal = isApart ? 0 : sharedLocal;
        double routedLocal = (double)(experts.Experts + layout.RedundantExperts) / layout.ExpertParallel;
        double local = routedLocal + sharedLocal;

        // Seed accounting reads every local expert; physical reads the routed ones that some token reaches.
        double alwaysRead = seed ? local : sharedLocal;
        double readIfReached = seed ? 0 : routedLocal;

        double normWeights = structure is null ? 2 * hidden : hidden;

        // A card dispatches the tokens that it has; what experts of their own width are beside runs over all rows.
        stage.BlockNorm(rows, normWeights, gathers: isApart);
        AffineInBatch routed = isApart ? rows : stage.Between(rows);
        RouterNorm(stage, experts);
        stage.Weigh(Projection.Router);
        stage.PlainLinear("router", routed, hidden, experts.Routes, BlockExtras.RouterBias);
        if (stage.Has(BlockExtras.SharedExpertGate))
        {
            stage.Weigh(WeightRoles.Router);
            stage.Linear("shared_expert_gate", routed, hidden, 1);
        }

        if (isApart)
        {
            // What experts work in is not what shared experts do: those are products of their own.
            SharedProducts(stage, experts, (double)experts.SharedExpertsPerToken * experts.Intermediate / stage.Shape.ProductRanks);
            LatentInput(stage, experts);
        }

        // Quantization may spare the shared experts, or a projection: what is read together counts at its mean.
        (double routedGateUp, double sharedGateUp, double meanGateUp) = Bytes(
            GateAndUp(stage, experts, Projection.RoutedGate, Projection.RoutedUp),
            GateAndUp(stage, experts, Projection.SharedGate, Projection.SharedUp),
            routedLocal,
            sharedLocal);
        (double routedDown, double sharedDown, double meanDown) =
            Bytes(stage.BytesOf(Projection.RoutedDown), stage.BytesOf(Projection.SharedDown), routedLocal, sharedLocal);
        bool biased = stage.Has(BlockExtras.ExpertBias);
        double gateUpBias = biased ? into * width : 0;
        double downBias = biased ? inner : 0;
        stage.Weigh(meanGateUp);
        GatherShards(stage, "moe_tp_all_gather", Collective.AllGather, cardTokens, inner);
        Exchange(stage, "ep_dispatch", experts, cardTokens, expertRows);
        stage.Experts(
            experts.IsPlain ? "expert_up" : "expert_gate_up",
            LaunchKind.ExpertGateUp,
            flops: 2 * into * expertRows * (inner * width),
            bytes: (((alwaysRead * into * inner * width) + (alwaysRead * gateUpBias)) * (seed ? meanGateUp : sharedGateUp))
                + (expertRows * (inner + (into * width)) * activation),
            activatedBytes: ((readIfReached * into * inner * width) + (readIfReached * gateUpBias)) * routedGateUp,
            weightElements: (local * into * inner * width) + (local * gateUpBias),
            rowsPerSequence: expertRows.PerSequence / local,
            columns: into * width,
            depth: inner);
        if (experts.IsPlain)
        {
            stage.PlainActivation("expert_activation", expertRows, width);
        }
        else
        {
            stage.Vector("expert_activation_multiply", flops: 4 * expertRows * width, bytes: 5 * expertRows * width * activation);
        }

        stage.Weigh(meanDown);
        stage.Experts(
            "expert_down",
            LaunchKind.ExpertDown,
            flops: 2 * expertRows * (inner * width),
            bytes: (((alwaysRead * inner * width) + (alwaysRead * downBias)) * (seed ? meanDown : sharedDown))
                + (expertRows * (inner + width) * activation),
            activatedBytes: ((readIfReached * inner * width) + (readIfReached * downBias)) * routedDown,
            weightElements: (local * inner * width) + (local * downBias),
            rowsPerSequence: expertRows.PerSequence / local,
            columns: inner,
            depth: width);
        Exchange(stage, "ep_combine", experts, cardTokens, expertRows);
        GatherShards(stage, "moe_tp_reduce_scatter", Collective.ReduceScatter, cardTokens, inner);
        stage.Vector("unpermute", flops: 0, bytes: cardTokens * (experts.ActiveExperts * inner * activation));
        LatentOutput(stage, experts);
        stage.OutputNorm(rows);
        stage.Residual(rows);
    }

    /// <summary>A norm of the router's own input where blocks have one, with the scales of the experts' outputs.</summary>
    public static void RouterNorm(StageBuilder stage, MixtureOfExperts experts)
    {
        if (stage.Has(BlockExtras.RouterScale))
        {
            double hidden = stage.Shape.Model.Hidden;
            stage.RootMeanSquareNorm("router_norm", stage.Rows, hidden, weightsRead: hidden, weightElements: hidden + experts.Experts);
        }
    }

    /// <summary>Token rows a card brings to the experts: <c>b</c> times the tokens of a sequence, <c>b</c> = sequences per card of the micro-batch.</summary>
    public static AffineInBatch CardTokens(DeploymentShape shape) =>
        new(0, (double)shape.TokensPerSequence / shape.Layout.RankCards);

    /// <summary>Expert rows of a card: <c>T = b·MTP·(k+ns)</c>; the routed part is padded by the capacity factor.</summary>
    public static AffineInBatch ExpertRows(DeploymentShape shape, MixtureOfExperts experts) =>
        CardTokens(shape) * (shape.Layout.ExpertTensorParallel * experts.RowsPerToken);

    /// <summary>Rows of a card that routed experts alone work on.</summary>
    public static AffineInBatch RoutedRows(DeploymentShape shape, MixtureOfExperts experts) =>
        CardTokens(shape) * (shape.Layout.ExpertTensorParallel * experts.ActiveExperts * experts.CapacityFactor);

    /// <summary>Bytes a weight of what leads into an expert's width: of gate and up at their mean.</summary>
    public static double GateAndUp(StageBuilder stage, MixtureOfExperts experts, Projection gate, Projection up) =>
        experts.IsPlain ? stage.BytesOf(up) : Mean(stage.BytesOf(gate), 1, stage.BytesOf(up), 1);

    /// <summary>Shared experts as products of their own, <paramref name="width"/> of them on a card.</summary>
    public static void SharedProducts(StageBuilder stage, MixtureOfExperts experts, double width)
    {
        if (width == 0)
        {
            return;
        }

        double hidden = stage.Shape.Model.Hidden;
        stage.Slices = WeightSlices.Outputs;
        stage.Weigh(GateAndUp(stage, experts, Projection.SharedGate, Projection.SharedUp));
        if (experts.IsPlain)
        {
            stage.Linear("shared_up", stage.Rows, hidden, width, LaunchKind.SharedProduct);
            stage.PlainActivation("shared_activation", stage.Rows, width);
        }
        else
        {
            stage.Linear("shared_gate_up", stage.Rows, hidden, 2 * width, LaunchKind.SharedProduct);
            stage.Activation(stage.Rows, width);
        }

        stage.Weigh(Projection.SharedDown);
        stage.Slices = WeightSlices.Inputs;
        stage.Linear("shared_down", stage.Rows, width, hidden, LaunchKind.SharedProduct);
        stage.Slices = WeightSlices.None;
    }

    /// <summary>Tokens to the width that routed experts work in; every card does it for all of its rows, in 16 bits.</summary>
    public static void LatentInput(StageBuilder stage, MixtureOfExperts experts)
    {
        if (experts.LatentWidth > 0)
        {
            stage.Weigh(Projection.RoutedInput);
            stage.PlainLinear("expert_latent_input", stage.Rows, stage.Shape.Model.Hidden, experts.LatentWidth);
        }
    }

    /// <summary>What they yield back to the hidden state, normalised first where the model does so.</summary>
    public static void LatentOutput(StageBuilder stage, MixtureOfExperts experts)
    {
        if (experts.LatentWidth == 0)
        {
            return;
        }

        if (experts.NormalisesLatent)
        {
            stage.RootMeanSquareNorm("expert_latent_norm", stage.Rows, experts.LatentWidth, experts.LatentWidth, experts.LatentWidth);
        }

        stage.Weigh(Projection.RoutedOutput);
        stage.PlainLinear("expert_latent_output", stage.Rows, experts.LatentWidth, stage.Shape.Model.Hidden);
    }

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
        double hidden = experts.RoutedInput(stage.Shape.Model.Hidden);
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
    private static void GatherShards(StageBuilder stage, string name, Collective collective, AffineInBatch cardTokens, double inner)
    {
        int shards = stage.Shape.Layout.ExpertTensorParallel;
        if (shards == 1)
        {
            return;
        }

        AffineInBatch message = cardTokens * (shards * inner * stage.Shape.Precision.CommunicationBytes);
        stage.Communicate(
            name,
            flops: 0,
            bytes: 0,
            new Exchange(ExchangeGroup.ExpertParallel, collective, shards, shards, message, Launches.Exchange.BySpan));
    }
}

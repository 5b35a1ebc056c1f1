using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// The mixture-of-experts feed-forward of one block as serving engines launch it: shared experts are dense products over the rank's cards, routed
/// ones a kernel of their own; tokens go to other ranks only where experts reach beyond the rank (docs/validation.md, "A step").
/// </summary>
internal static class FusedExperts
{
    public static void Lower(StageBuilder stage, MixtureOfExperts experts)
    {
        AffineInBatch rows = stage.Rows;
        double hidden = stage.Shape.Model.Hidden;
        stage.BlockNorm(rows, hidden);
        ExpertFeedForward.RouterNorm(stage, experts);
        stage.Weigh(Projection.Router);
        stage.PlainLinear("router", rows, hidden, experts.Routes, BlockExtras.RouterBias);
        stage.Vector("route", flops: 5 * rows * experts.Routes, bytes: 0);
        if (stage.Has(BlockExtras.SharedExpertGate))
        {
            stage.Weigh(WeightRoles.Router);
            stage.PlainLinear("shared_expert_gate", rows, hidden, 1);
        }

        double shared = (double)experts.SharedExpertsPerToken * experts.Intermediate / stage.Shape.ProductRanks;
        if (experts.IsPlain)
        {
            ExpertFeedForward.SharedProducts(stage, experts, shared);
        }
        else if (experts.SharedExpertsPerToken > 0)
        {
            stage.Slices = WeightSlices.Outputs;
            stage.Weigh((stage.BytesOf(Projection.SharedGate) + stage.BytesOf(Projection.SharedUp)) / 2);
            stage.Linear("shared_gate_up", rows, hidden, 2 * shared);
            stage.Activation(rows, shared);
            stage.Weigh(Projection.SharedDown);
            stage.Slices = WeightSlices.Inputs;
            stage.Linear("shared_down", rows, shared, hidden);
            stage.Slices = WeightSlices.None;
        }

        ExpertFeedForward.LatentInput(stage, experts);
        Routed(stage, experts);
        ExpertFeedForward.LatentOutput(stage, experts);
        stage.TensorParallelAllReduce(rows, StageBuilder.FusedBytes);
        stage.OutputNorm(rows);
    }

    private static void Routed(StageBuilder stage, MixtureOfExperts experts)
    {
        ParallelLayout layout = stage.Shape.Layout;
        double inner = experts.RoutedInput(stage.Shape.Model.Hidden);
        double into = experts.IsPlain ? 1 : 2;
        double width = (double)experts.Intermediate / layout.ExpertTensorParallel;
        double local = (double)(experts.Experts + layout.RedundantExperts) / layout.ExpertParallel;
        AffineInBatch expertRows = ExpertFeedForward.RoutedRows(stage.Shape, experts);
        bool biased = stage.Has(BlockExtras.ExpertBias);
        double gateUp = local * into * width * (inner + (biased ? 1 : 0));
        double down = local * inner * (width + (biased ? 1 : 0));
        double activation = stage.ActivationBytes;
        double routedBytes = ExpertFeedForward.GateAndUp(stage, experts, Projection.RoutedGate, Projection.RoutedUp);
        Exchange(stage, "expert_dispatch", LaunchKind.ExpertDispatch, experts, routedBytes < StageBuilder.FusedBytes ? 1 : StageBuilder.FusedBytes);
        stage.Weigh(routedBytes);
        stage.Experts(
            experts.IsPlain ? "expert_up" : "expert_gate_up",
            LaunchKind.ExpertGateUp,
            flops: 2 * into * expertRows * (inner * width),
            bytes: expertRows * (inner + (into * width)) * activation,
            activatedBytes: gateUp * stage.WeightBytes,
            weightElements: gateUp,
            rowsPerSequence: expertRows.PerSequence / local,
            columns: into * width,
            depth: inner);
        stage.Weigh(Projection.RoutedDown);
        stage.Experts(
            "expert_down",
            LaunchKind.ExpertDown,
            flops: 2 * expertRows * (inner * width),
            bytes: expertRows * (inner + width) * activation,
            activatedBytes: down * stage.WeightBytes,
            weightElements: down,
            rowsPerSequence: expertRows.PerSequence / local,
            columns: inner,
            depth: width);
        Exchange(stage, "expert_combine", LaunchKind.ExpertCombine, experts, StageBuilder.FusedBytes);
    }

    /// <summary>A token goes to as many cards as it has experts, and comes back in 16 bits; none leaves its rank where that has all experts.</summary>
    private static void Exchange(StageBuilder stage, string name, LaunchKind kind, MixtureOfExperts experts, double bytesPerElement)
    {
        ParallelLayout layout = stage.Shape.Layout;
        int members = layout.ExpertParallel * layout.ExpertTensorParallel;
        if (members <= stage.Shape.ProductRanks)
        {
            return;
        }

        AffineInBatch sent = ExpertFeedForward.CardTokens(stage.Shape) * (Math.Min(experts.ActiveExperts, members) * experts.RoutedInput(stage.Shape.Model.Hidden) * bytesPerElement);
        stage.Communicate(
            name,
            flops: 0,
            bytes: sent,
            new Exchange(ExchangeGroup.ExpertParallel, Collective.AllToAll, members, members, sent, Launches.Exchange.BySpan),
            kind);
    }
}

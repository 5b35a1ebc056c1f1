using FastSim.Kernels.Models;

namespace FastSim.Kernels.Launches;

/// <summary>Number formats that a deployment's products run in, and are stored in. Router and logits stay in 16 bits.</summary>
/// <param name="Attention">Projections of attention.</param>
/// <param name="FeedForward">Dense feed-forwards and shared experts.</param>
/// <param name="Experts">Routed experts.</param>
/// <param name="Prompt">Attention of prompts.</param>
public sealed record ProductKinds(NumberKind Attention, NumberKind FeedForward, NumberKind Experts, NumberKind Prompt)
{
    /// <summary>Roles whose format is the checkpoint's own: then each weight takes what the checkpoint stores it in, and what is spared in a role runs in 16 bits.</summary>
    public WeightRoles Stored { get; init; }

    /// <summary>Bytes an element of a role's weights, scales included.</summary>
    public double WeightBytes(WeightRoles role) => RooflineChip.WeightBytes(role switch
    {
        WeightRoles.Attention => Attention,
        WeightRoles.DenseFeedForward or WeightRoles.SharedExperts => FeedForward,
        WeightRoles.RoutedExperts => Experts,
        _ => NumberKind.SixteenBit,
    });
}

using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Plans;

/// <summary>Who says what a deployment's products run in: nobody, a word for what the checkpoint is stored in, or a word for something else; and which roles run in what the checkpoint has.</summary>
public sealed record PrecisionOrigin
{
    private const WeightRoles OfEnds = WeightRoles.Router | WeightRoles.Embedding;

    private readonly bool leavesAll;
    private readonly bool leavesExperts;

    private PrecisionOrigin(WeightRoles stored, bool leavesAll, bool leavesExperts) => (Stored, this.leavesAll, this.leavesExperts) = (stored, leavesAll, leavesExperts);

    /// <summary>Roles of a model's blocks.</summary>
    internal static WeightRoles Blocks => WeightRoles.Attention | WeightRoles.DenseFeedForward | WeightRoles.SharedExperts | WeightRoles.RoutedExperts;

    /// <summary>Nobody: all of a quantized checkpoint is as it is stored.</summary>
    public static PrecisionOrigin Silence { get; } = new(Blocks | OfEnds, leavesAll: true, leavesExperts: true);

    /// <summary>A word for the narrow format that all of a checkpoint's blocks are stored in, which asks for no more than silence does.</summary>
    public static PrecisionOrigin OwnWord { get; } = new(Blocks, leavesAll: true, leavesExperts: true);

    /// <summary>Of a checkpoint that is not quantized, or a word for something else than it stores: no role runs in what it has.</summary>
    public static PrecisionOrigin Unstored { get; } = Word(WeightRoles.None, leavesExperts: false);

    /// <summary>Roles that run in what the checkpoint has.</summary>
    public WeightRoles Stored { get; }

    /// <summary>A word, which some roles run in what the checkpoint has beside.</summary>
    /// <param name="stored">These roles.</param>
    /// <param name="leavesExperts">Whether it is not of routed experts, which are as the checkpoint stores them.</param>
    public static PrecisionOrigin Word(WeightRoles stored, bool leavesExperts) => new(stored, leavesAll: false, leavesExperts);

    /// <summary>Whether nobody asked for what a family of operators runs in, or by a word for what the checkpoint is stored in.</summary>
    /// <param name="family">The family.</param>
    public bool IsUnasked(OperatorFamily family) => leavesAll || (leavesExperts && family == OperatorFamily.Experts);
}

using FastSim.Kernels.Models;

namespace FastSim.Kernels.Serving;

/// <summary>A model as serving engines run it.</summary>
public sealed class ServedModel
{
    /// <summary>Takes a model.</summary>
    /// <param name="model">The model; its vocabulary must be stated.</param>
    public ServedModel(TransformerModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        Latent = model.Latent;
        Experts = model.Experts;
        BlockStructure? structure = model.Structure;
        BlockPattern? pattern = structure?.Pattern;
        ExpertBlocks = model.Experts is { } experts ? pattern?.ExpertBlocks(0, model.Blocks) ?? experts.ExpertBlocks(model.Blocks) : 0;
        NormalisesQueriesAndKeys = structure is { QueryKeyNorm: not QueryKeyNorm.None };
        for (int reach = 0; pattern is not null && reach < pattern.Reaches.Count; reach++)
        {
            if (pattern.Reaches[reach].Kind != ReachKind.Whole)
            {
                LimitedBlocks += pattern.ReachBlocks(reach, 0, model.Blocks);
                LimitedTokens = Math.Max(LimitedTokens, pattern.Reaches[reach].Tokens);
            }
        }

        SelectedTokens = structure?.Indexer?.SelectedTokens ?? 0;
        HasBlockScales = structure is { Storage: { IsQuantized: true, QuantizedBytes: > 1 and < 1.01, Block.Outputs: > 1 } };
        StoresExpertsInFourBits = structure is { Storage: { Quantized: var quantized, QuantizedBytes: < 0.6 } }
            && quantized.HasFlag(WeightRoles.RoutedExperts) && !quantized.HasFlag(WeightRoles.Attention);
    }

    /// <summary>The model.</summary>
    public TransformerModel Model { get; }

    /// <summary>Widths of latent attention; null for group-query attention.</summary>
    public LatentDimensions? Latent { get; }

    /// <summary>The experts; null for a dense model.</summary>
    public MixtureOfExperts? Experts { get; }

    /// <summary>Blocks with experts.</summary>
    public int ExpertBlocks { get; }

    /// <summary>Blocks with a dense feed-forward.</summary>
    public int DenseBlocks => Model.Blocks - ExpertBlocks;

    /// <summary>Blocks whose attention reaches back only so far.</summary>
    public int LimitedBlocks { get; }

    /// <summary>How far those reach, tokens.</summary>
    public int LimitedTokens { get; }

    /// <summary>Tokens that sparse attention selects; 0 where it attends to all.</summary>
    public int SelectedTokens { get; }

    /// <summary>Whether queries and keys are normalised.</summary>
    public bool NormalisesQueriesAndKeys { get; }

    /// <summary>Whether 8-bit weights carry a scale a block.</summary>
    public bool HasBlockScales { get; }

    /// <summary>Whether experts alone are stored in 4 bits.</summary>
    public bool StoresExpertsInFourBits { get; }

    /// <summary>Kernels of a block.</summary>
    public int KernelsPerBlock => (Latent is null ? 9 : 14) + (NormalisesQueriesAndKeys ? 2 : 0) + (Experts is null ? 4 : 10);
}

namespace FastSim.Kernels.Models;

/// <summary>How a checkpoint stores each projection of each block, where roles alone do not say it.</summary>
public sealed class StoredProjections
{
    private readonly BlockPattern pattern;
    private readonly StoredShare[]?[] shares = new StoredShare[]?[Enum.GetValues<Projection>().Length];

    /// <summary>Means over all blocks, which every lowering asks for.</summary>
    private readonly StoredShare[] ofAllBlocks;

    /// <summary>Takes what is stored.</summary>
    /// <param name="blocks">The model's blocks.</param>
    /// <param name="stored">An entry a block for each projection that the model has; one entry for logits and embedding. Experts at their mean.</param>
    public StoredProjections(BlockPattern blocks, IEnumerable<(Projection Projection, StoredShare[] Shares)> stored)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentNullException.ThrowIfNull(stored);
        pattern = blocks;
        foreach ((Projection projection, StoredShare[] byBlock) in stored)
        {
            shares[(int)projection] = byBlock;
            for (int block = 0; byBlock.Length > 1 && block < byBlock.Length; block++)
            {
                VariesByBlock |= Holds(projection, block) && byBlock[block] != byBlock[FirstOf(projection)];
            }
        }

        ofAllBlocks = [.. Enumerable.Range(0, shares.Length).Select(projection => Over((Projection)projection, 0, blocks.Blocks.Count, null))];
    }

    /// <summary>Whether blocks of the same kind take different bytes.</summary>
    public bool VariesByBlock { get; }

    /// <summary>Mean of a projection over those blocks of a run that have it. Blocks past the last are like the last.</summary>
    /// <param name="projection">The projection.</param>
    /// <param name="first">First block of the run.</param>
    /// <param name="count">Blocks of the run.</param>
    /// <param name="mixing">For attention, what mixes its tokens; null where any counts.</param>
    public StoredShare Mean(Projection projection, int first, int count, TokenMixing? mixing) =>
        first == 0 && count == pattern.Blocks.Count && (mixing is null || (pattern.Mixings.Count == 1 && pattern.Mixings[0] == mixing))
            ? ofAllBlocks[(int)projection]
            : Over(projection, first, count, mixing);

    /// <summary>What is stored of one block.</summary>
    /// <param name="projection">A projection that blocks have.</param>
    /// <param name="block">The block; past the last they are like the last.</param>
    public StoredShare Of(Projection projection, int block)
    {
        StoredShare[]? byBlock = shares[(int)projection];
        return byBlock is null ? new StoredShare(1, 0) : byBlock[block < byBlock.Length ? block : byBlock.Length == 1 ? 0 : LikeDraft(projection)];
    }

    private StoredShare Over(Projection projection, int first, int count, TokenMixing? mixing)
    {
        StoredShare[] byBlock = shares[(int)projection] ?? [];
        if (byBlock.Length <= 1)
        {
            return byBlock.Length == 1 ? byBlock[0] : new StoredShare(1, 0);
        }

        int blocks = 0;
        double run = 0;
        double rest = 0;
        for (int index = first; index < first + count; index++)
        {
            int block = index < byBlock.Length ? index : LikeDraft(projection);
            if (Holds(projection, block) && (mixing is null || pattern.Blocks[block].Mixing == mixing))
            {
                blocks++;
                run += byBlock[block].Run;
                rest += byBlock[block].Rest;
            }
        }

        return blocks == 0 ? new StoredShare(1, 0) : new StoredShare(run / blocks, rest / blocks);
    }

    /// <summary>Whether a block has a projection: what no weight of takes any bytes is not there.</summary>
    private bool Holds(Projection projection, int block) => ProjectionShape.RoleOf(projection) switch
    {
        WeightRoles.DenseFeedForward => pattern.Blocks[block].IsDense,
        WeightRoles.RoutedExperts or WeightRoles.SharedExperts or WeightRoles.Router => pattern.Blocks[block].HasExperts,
        _ => shares[(int)projection]![block] != default,
    };

    /// <summary>The last block that has a projection, as a block past the last does: the last of all where none has.</summary>
    private int LikeDraft(Projection projection)
    {
        int last = pattern.Blocks.Count - 1;
        for (int block = last; block >= 0 && pattern.Draft != pattern.Blocks[last]; block--)
        {
            if (Holds(projection, block) && (ProjectionShape.RoleOf(projection) != WeightRoles.Attention || pattern.Blocks[block].Form == pattern.Draft.Form))
            {
                return block;
            }
        }

        return last;
    }

    private int FirstOf(Projection projection)
    {
        int block = 0;
        while (block < pattern.Blocks.Count - 1 && !Holds(projection, block))
        {
            block++;
        }

        return block;
    }
}

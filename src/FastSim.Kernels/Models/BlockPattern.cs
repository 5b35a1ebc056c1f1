namespace FastSim.Kernels.Models;

/// <summary>What one block is, where the blocks of a model differ.</summary>
/// <param name="Reach">How far its attention reaches back.</param>
/// <param name="HasExperts">Whether its feed-forward is the model's experts; else it is dense.</param>
public readonly record struct BlockKind(AttentionReach Reach, bool HasExperts);

/// <summary>
/// The blocks of a model in order, counted ahead so that any run of them can be summed up at once. Blocks past the last, which draft
/// tokens add, are like the last.
/// </summary>
public sealed class BlockPattern
{
    private readonly AttentionReach[] reaches;
    private readonly int[] expertsBefore;
    private readonly int[][] reachBefore;
    private readonly BlockKind[] blocks;

    /// <summary>Takes the blocks.</summary>
    /// <param name="kinds">One entry a block, first to last; at least one.</param>
    public BlockPattern(IEnumerable<BlockKind> kinds)
    {
        blocks = [.. kinds];
        if (blocks.Length == 0)
        {
            throw new ArgumentException("a model has at least one block", nameof(kinds));
        }

        reaches = [.. blocks.Select(block => block.Reach).Distinct()];
        expertsBefore = Before(block => block.HasExperts);
        reachBefore = Array.ConvertAll(reaches, reach => Before(block => block.Reach == reach));
    }

    /// <summary>The blocks, first to last.</summary>
    public IReadOnlyList<BlockKind> Blocks => blocks;

    /// <summary>The different reaches, in the order of their first block.</summary>
    public IReadOnlyList<AttentionReach> Reaches => reaches;

    /// <summary>Expert blocks of a run.</summary>
    /// <param name="first">First block of the run.</param>
    /// <param name="count">Blocks of the run.</param>
    public int ExpertBlocks(int first, int count) => Among(expertsBefore, first, count, blocks[^1].HasExperts);

    /// <summary>Blocks of a run whose attention reaches as far as <see cref="Reaches"/><c>[reach]</c>.</summary>
    /// <param name="reach">Index of the reach.</param>
    /// <param name="first">First block of the run.</param>
    /// <param name="count">Blocks of the run.</param>
    public int ReachBlocks(int reach, int first, int count) => Among(reachBefore[reach], first, count, blocks[^1].Reach == reaches[reach]);

    private int Among(int[] before, int first, int count, bool likeLast)
    {
        int start = Math.Min(first, blocks.Length);
        int end = Math.Min(first + count, blocks.Length);
        return before[end] - before[start] + (likeLast ? count - (end - start) : 0);
    }

    private int[] Before(Predicate<BlockKind> counts)
    {
        int[] before = new int[blocks.Length + 1];
        for (int block = 0; block < blocks.Length; block++)
        {
            before[block + 1] = before[block] + (counts(blocks[block]) ? 1 : 0);
        }

        return before;
    }
}

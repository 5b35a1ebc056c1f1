namespace FastSim.Kernels.Models;

/// <summary>What mixes the tokens of a block: how far it reaches, and its form where that is not the model's own.</summary>
/// <param name="Reach">How far it reaches back.</param>
/// <param name="Form">The form; null for the model's own attention.</param>
public readonly record struct TokenMixing(AttentionReach Reach, AttentionForm? Form);

/// <summary>What one block is, where the blocks of a model differ.</summary>
/// <param name="Reach">How far its attention reaches back.</param>
/// <param name="HasExperts">Whether its feed-forward is the model's experts; else it is dense.</param>
public readonly record struct BlockKind(AttentionReach Reach, bool HasExperts)
{
    /// <summary>What mixes its tokens, where that is not the model's own attention.</summary>
    public AttentionForm? Form { get; init; }

    /// <summary>Whether it has no feed-forward.</summary>
    public bool LacksFeedForward { get; init; }

    /// <summary>Whether a dense feed-forward runs beside its experts, and their outputs are added up (Gemma 4's <c>enable_moe_block</c>).</summary>
    public bool HasDenseBesides { get; init; }

    /// <summary>Width of its dense feed-forward where that is not the model's (Gemma 4's <c>use_double_wide_mlp</c>, Nemotron's <c>block_configs</c>); 0 where it is.</summary>
    public int OwnFeedForward { get; init; }

    /// <summary>Whether it has a dense feed-forward.</summary>
    public bool IsDense => (!HasExperts || HasDenseBesides) && !LacksFeedForward;

    /// <summary>Whether it has experts and a dense feed-forward.</summary>
    public bool HasBoth => HasExperts && IsDense;

    /// <summary>What mixes its tokens.</summary>
    public TokenMixing Mixing => new(Reach, Form);

    /// <summary>Attention and feed-forward, as far as it has them: each begins with a norm.</summary>
    public int Parts => (Form?.Kind == AttentionKind.None ? 0 : 1) + (LacksFeedForward ? 0 : HasBoth ? 2 : 1);
}

/// <summary>
/// The blocks of a model in order, counted ahead so that any run of them can be summed up at once. Blocks past the last, which draft
/// tokens add, are like the last unless the pattern says what they are.
/// </summary>
public sealed class BlockPattern
{
    private readonly TokenMixing[] mixings;
    private readonly AttentionForm?[] forms;
    private readonly int[] expertsBefore;
    private readonly int[] denseBefore;
    private readonly int[] widths;
    private readonly int[][] widthBefore;
    private readonly int[] bothBefore;
    private readonly int[] partsBefore;
    private readonly int[][] mixingBefore;
    private readonly int[][] formBefore;
    private readonly BlockKind[] blocks;

    /// <summary>Takes the blocks.</summary>
    /// <param name="kinds">One entry a block, first to last; at least one.</param>
    /// <param name="draft">What blocks are that draft tokens add; null where they are like the last.</param>
    /// <exception cref="ArgumentException"><paramref name="kinds"/> is empty.</exception>
    public BlockPattern(IEnumerable<BlockKind> kinds, BlockKind? draft = null)
    {
        blocks = [.. kinds];
        if (blocks.Length == 0)
        {
            throw new ArgumentException("a model has at least one block", nameof(kinds));
        }

        Draft = draft ?? blocks[^1];
        mixings = [.. blocks.Append(Draft).Select(block => block.Mixing).Distinct()];
        forms = [.. mixings.Select(mixing => mixing.Form).Distinct()];
        expertsBefore = Before(block => block.HasExperts ? 1 : 0);
        denseBefore = Before(block => block.IsDense ? 1 : 0);
        widths = [.. blocks.Append(Draft).Select(WidthOf).Where(width => width > 0).Distinct()];
        widthBefore = Array.ConvertAll(widths, width => Before(block => WidthOf(block) == width ? 1 : 0));
        bothBefore = Before(block => block.HasBoth ? 1 : 0);
        partsBefore = Before(block => block.Parts);
        mixingBefore = Array.ConvertAll(mixings, mixing => Before(block => block.Mixing == mixing ? 1 : 0));
        formBefore = Array.ConvertAll(forms, form => Before(block => block.Form == form ? 1 : 0));
    }

    /// <summary>The blocks, first to last.</summary>
    public IReadOnlyList<BlockKind> Blocks => blocks;

    /// <summary>What blocks past the last are.</summary>
    public BlockKind Draft { get; }

    /// <summary>What mixes tokens, each different one once, in the order of their first block.</summary>
    public IReadOnlyList<TokenMixing> Mixings => mixings;

    /// <summary>The different forms of attention, in the order of their first block; null for the model's own.</summary>
    public IReadOnlyList<AttentionForm?> Forms => forms;

    /// <summary>Whether some block reads what another one cached.</summary>
    public bool SharesCache => Array.Exists(forms, form => form is { BorrowsCache: true });

    /// <summary>Whether any block has attention of another form than the model's own, or lacks a part.</summary>
    public bool HasForms => forms.Length > 1 || forms[0] is not null;

    /// <summary>A block; those past the last are <see cref="Draft"/>.</summary>
    /// <param name="block">Its index.</param>
    public BlockKind At(int block) => block < blocks.Length ? blocks[block] : Draft;

    /// <summary>Expert blocks of a run.</summary>
    /// <param name="first">First block of the run.</param>
    /// <param name="count">Blocks of the run.</param>
    public int ExpertBlocks(int first, int count) => Among(expertsBefore, first, count, Draft.HasExperts ? 1 : 0);

    /// <summary>Blocks of a run with a dense feed-forward.</summary>
    /// <param name="first">First block of the run.</param>
    /// <param name="count">Blocks of the run.</param>
    public int DenseBlocks(int first, int count) => Among(denseBefore, first, count, Draft.IsDense ? 1 : 0);

    /// <summary>Widths of dense feed-forwards that are not the model's, each different one once, in the order of their first block.</summary>
    public IReadOnlyList<int> OwnWidths => widths;

    /// <summary>Blocks of a run whose dense feed-forward is <see cref="OwnWidths"/><c>[width]</c> wide.</summary>
    /// <param name="width">Index of the width.</param>
    /// <param name="first">First block of the run.</param>
    /// <param name="count">Blocks of the run.</param>
    public int WidthBlocks(int width, int first, int count) => Among(widthBefore[width], first, count, WidthOf(Draft) == widths[width] ? 1 : 0);

    /// <summary>Widths of the dense feed-forwards of a run, summed up.</summary>
    /// <param name="first">First block of the run.</param>
    /// <param name="count">Blocks of the run.</param>
    /// <param name="usual">The model's own width.</param>
    public double DenseWidths(int first, int count, int usual)
    {
        double sum = (double)DenseBlocks(first, count) * usual;
        for (int width = 0; width < widths.Length; width++)
        {
            sum += (double)WidthBlocks(width, first, count) * (widths[width] - usual);
        }

        return sum;
    }

    /// <summary>Blocks of a run that have experts and a dense feed-forward.</summary>
    /// <param name="first">First block of the run.</param>
    /// <param name="count">Blocks of the run.</param>
    public int BothBlocks(int first, int count) => Among(bothBefore, first, count, Draft.HasBoth ? 1 : 0);

    /// <summary>Attentions and feed-forwards of a run.</summary>
    /// <param name="first">First block of the run.</param>
    /// <param name="count">Blocks of the run.</param>
    public int Parts(int first, int count) => Among(partsBefore, first, count, Draft.Parts);

    /// <summary>Blocks of a run whose tokens <see cref="Mixings"/><c>[mixing]</c> mixes.</summary>
    /// <param name="mixing">Index of what mixes them.</param>
    /// <param name="first">First block of the run.</param>
    /// <param name="count">Blocks of the run.</param>
    public int MixingBlocks(int mixing, int first, int count) => Among(mixingBefore[mixing], first, count, Draft.Mixing == mixings[mixing] ? 1 : 0);

    /// <summary>Blocks of a run with attention of the form <see cref="Forms"/><c>[form]</c>.</summary>
    /// <param name="form">Index of the form.</param>
    /// <param name="first">First block of the run.</param>
    /// <param name="count">Blocks of the run.</param>
    public int FormBlocks(int form, int first, int count) => Among(formBefore[form], first, count, Draft.Form == forms[form] ? 1 : 0);

    private static int WidthOf(BlockKind block) => block.IsDense ? block.OwnFeedForward : 0;

    private int Among(int[] before, int first, int count, int ofDraft)
    {
        int start = Math.Min(first, blocks.Length);
        int end = Math.Min(first + count, blocks.Length);
        return before[end] - before[start] + (ofDraft * (count - (end - start)));
    }

    private int[] Before(Func<BlockKind, int> counts)
    {
        int[] before = new int[blocks.Length + 1];
        for (int block = 0; block < blocks.Length; block++)
        {
            before[block + 1] = before[block] + counts(blocks[block]);
        }

        return before;
    }
}

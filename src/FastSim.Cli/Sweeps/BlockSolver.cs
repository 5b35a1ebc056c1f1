using System.Buffers;
using System.Runtime.InteropServices;
using FastSim.Kernels.Lanes;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Sweeps;

/// <summary>A block's answers. Whoever takes them on ends their use: their buffer then serves another block.</summary>
/// <param name="buffer">Begins with its rows, UTF-8 or columns; of <see cref="ArrayPool{T}.Shared"/>.</param>
/// <param name="length">Bytes of them.</param>
internal sealed class BlockAnswers(byte[] buffer, int length) : IDisposable
{
    /// <summary>Its rows: a CSV's, UTF-8, or columns (<see cref="ColumnBlock"/>).</summary>
    public ReadOnlyMemory<byte> Rows => buffer.AsMemory(0, length);

    /// <summary>How many there are.</summary>
    public required int Count { get; init; }

    /// <summary>How many have a plan.</summary>
    public required int Feasible { get; init; }

    /// <summary>Its candidates.</summary>
    public required SweepTally Tally { get; init; }

    /// <summary>What is kept of its rows; null where nothing is.</summary>
    public required TableBlock? Kept { get; init; }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);
}

/// <summary>Answers blocks of variants and writes their rows. Serves one thread.</summary>
/// <param name="plan">The sweep.</param>
/// <param name="groups">Its groups.</param>
/// <param name="width">Lane width.</param>
/// <param name="kept">What is asked of the rows when the sweep ends; null where nothing is.</param>
/// <param name="keepsColumns">Whether rows are written as columns, not as those of a CSV.</param>
internal sealed class BlockSolver(SweepPlan plan, GroupCache groups, LaneWidth width, TableColumns? kept = null, bool keepsColumns = false)
{
    private readonly VariantSolver solver = new(plan, groups, width);
    private readonly RowWriter rows = new(plan, kept);
    private readonly ColumnBlock? columns = keepsColumns ? new ColumnBlock(plan.Kinds, plan.VariantsPerBlock * plan.First.Jobs.Length) : null;
    private readonly int mostRows = plan.VariantsPerBlock * plan.First.Jobs.Length;
    private readonly List<long> variants = [];

    /// <summary>Answers a block.</summary>
    /// <param name="first">First variant.</param>
    /// <param name="end">One past the last.</param>
    public BlockAnswers Solve(long first, long end)
    {
        SweepTally tally = new();
        variants.Clear();
        for (long variant = first; variant < end; variant++)
        {
            if (solver.Passes(variant))
            {
                variants.Add(variant);
            }
        }

        ReadOnlySpan<VariantResult> results = solver.Answer(CollectionsMarshal.AsSpan(variants), tally);
        TableBlock? block = kept?.Block(mostRows);
        rows.Write(CollectionsMarshal.AsSpan(variants), CollectionsMarshal.AsSpan(solver.GroupOf), results, block, columns);
        int feasible = 0;
        foreach (ref readonly VariantResult result in results)
        {
            feasible += result.HasPlan ? 1 : 0;
        }

        int length;
        byte[] written = columns is null ? rows.Take(out length) : columns.Take(out length);
        return new BlockAnswers(written, length) { Count = results.Length, Feasible = feasible, Tally = tally, Kept = block };
    }
}

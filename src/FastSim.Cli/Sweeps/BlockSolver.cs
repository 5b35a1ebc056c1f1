using System.Runtime.InteropServices;
using FastSim.Kernels.Lanes;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Sweeps;

/// <summary>A block's answers.</summary>
/// <param name="Rows">Its rows, UTF-8.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Feasible">How many have a plan.</param>
/// <param name="Tally">Its candidates.</param>
internal sealed record BlockAnswers(byte[] Rows, int Count, int Feasible, SweepTally Tally);

/// <summary>Answers blocks of variants and writes their rows. Serves one thread.</summary>
internal sealed class BlockSolver(SweepPlan plan, GroupCache groups, LaneWidth width)
{
    private readonly VariantSolver solver = new(plan, groups, width);
    private readonly RowWriter rows = new(plan);
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
        byte[] text = rows.Rows(CollectionsMarshal.AsSpan(variants), CollectionsMarshal.AsSpan(solver.GroupOf), results);
        int feasible = 0;
        foreach (ref readonly VariantResult result in results)
        {
            feasible += result.HasPlan ? 1 : 0;
        }

        return new BlockAnswers(text, results.Length, feasible, tally);
    }
}

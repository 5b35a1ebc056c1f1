using FastSim.Kernels.Plans;

namespace FastSim.Search.Engines;

/// <summary>
/// The choice among batches of one plan: the largest whose throughput only rounding tells from the highest of all. Batches come in rising
/// or in falling order; either way the choice is the same, since each is held against the highest and never against its neighbour.
/// </summary>
internal sealed class NearBest
{
    private readonly LinkedList<(double Sequences, PlanFigures Figures)> candidates = new();

    /// <summary>Whether there is a batch.</summary>
    public bool IsFound => candidates.Count > 0;

    /// <summary>The highest throughput of a rank so far; 0 without a batch.</summary>
    public double Highest => candidates.Last?.Value.Figures.TokensPerRankSecond ?? 0;

    /// <summary>Adds a batch smaller than all before. One that yields no more than a larger one is of no use.</summary>
    public void AddSmaller(double sequences, PlanFigures figures)
    {
        if (candidates.Last is { } last && figures.TokensPerRankSecond <= last.Value.Figures.TokensPerRankSecond)
        {
            return;
        }

        candidates.AddLast((sequences, figures));
        while (candidates.First!.Value.Figures.TokensPerRankSecond < figures.TokensPerRankSecond * Slack.Below)
        {
            candidates.RemoveFirst();
        }
    }

    /// <summary>Adds a batch larger than all before. It makes those that yield no more than it of no use.</summary>
    public void AddLarger(double sequences, PlanFigures figures)
    {
        while (candidates.First is { } first && first.Value.Figures.TokensPerRankSecond <= figures.TokensPerRankSecond)
        {
            candidates.RemoveFirst();
        }

        if (candidates.Last is not { } highest || figures.TokensPerRankSecond >= highest.Value.Figures.TokensPerRankSecond * Slack.Below)
        {
            candidates.AddFirst((sequences, figures));
        }
    }

    /// <summary>The choice; there is one.</summary>
    /// <param name="evaluated">Batches whose time was evaluated.</param>
    public BatchChoice Choice(long evaluated)
    {
        (double sequences, PlanFigures figures) = candidates.First!.Value;
        return new BatchChoice(BatchOutcome.Found, sequences, figures, evaluated);
    }
}

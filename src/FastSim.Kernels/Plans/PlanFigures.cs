namespace FastSim.Kernels.Plans;

/// <summary>What a plan achieves at a batch.</summary>
/// <param name="FirstTokenSeconds">Time to first token; NaN for a plan that only decodes.</param>
/// <param name="PerTokenSeconds">Time per output token; NaN for a plan that only prefills.</param>
/// <param name="TokensPerRank">Tokens that an attention rank yields in <paramref name="PassSeconds"/>: prompt tokens for a prefill plan, generated ones otherwise.</param>
/// <param name="PassSeconds">Time between two such yields.</param>
/// <param name="DataParallel">Attention ranks.</param>
public readonly record struct PlanFigures(
    double FirstTokenSeconds, double PerTokenSeconds, double TokensPerRank, double PassSeconds, int DataParallel)
{
    /// <summary>Time per output token of a plan that decodes, time to first token of one that only prefills.</summary>
    public double LatencySeconds => double.IsNaN(PerTokenSeconds) ? FirstTokenSeconds : PerTokenSeconds;

    /// <summary>Throughput of the instance.</summary>
    public double TokensPerSecond => TokensPerSecondOf(DataParallel);

    /// <summary>Throughput of an attention rank.</summary>
    public double TokensPerRankSecond => TokensPerRank / PassSeconds;

    /// <summary>Throughput of an instance that is the same but for its number of attention ranks: its time does not depend on it.</summary>
    public double TokensPerSecondOf(int dataParallel) => dataParallel * TokensPerRank / PassSeconds;
}

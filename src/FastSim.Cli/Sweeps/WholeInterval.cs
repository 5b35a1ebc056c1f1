using FastSim.Search.Jobs;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Sweeps;

/// <summary>
/// What a deployment achieves where every learned time is the shortest, or the longest, of its interval (docs/surrogate.md, "Intervals of a plan"): layouts and
/// batches stay those of its plans.
/// </summary>
/// <param name="Fastest">At the shortest times.</param>
/// <param name="Slowest">At the longest.</param>
internal readonly record struct WholeInterval(WholeFigures Fastest, WholeFigures Slowest)
{
    /// <summary>Column of the least throughput of a card.</summary>
    public const string LeastPerCard = $"{SweepColumns.PerCard}_low";

    /// <summary>Column of the most.</summary>
    public const string MostPerCard = $"{SweepColumns.PerCard}_high";

    private static readonly WholeFigures Unknown = new(false, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);

    /// <summary>Where no interval is stated.</summary>
    public static WholeInterval None { get; } = new(Unknown, Unknown);

    /// <summary>The columns of a sweep: the lower and the upper end of each figure.</summary>
    public static IReadOnlyList<(string Name, Func<WholeInterval, double> Value)> Columns { get; } =
    [
        (LeastPerCard, interval => interval.Slowest.TokensPerSecondPerCard),
        (MostPerCard, interval => interval.Fastest.TokensPerSecondPerCard),
        ("ttft_ms_low", interval => interval.Fastest.FirstTokenMilliseconds),
        ("ttft_ms_high", interval => interval.Slowest.FirstTokenMilliseconds),
        ("tpot_ms_low", interval => interval.Fastest.PerTokenMilliseconds),
        ("tpot_ms_high", interval => interval.Slowest.PerTokenMilliseconds),
    ];

    /// <summary>Of a deployment that has a plan.</summary>
    /// <param name="job">The job.</param>
    /// <param name="prefill">Its prefill plan, if found.</param>
    /// <param name="decode">Its decode or fusion plan, if found.</param>
    public static WholeInterval Of(Job job, in VariantPlan prefill, in VariantPlan decode) => prefill.Interval is null && decode.Interval is null
        ? None
        : new WholeInterval(
            WholeFigures.Of(job, prefill, decode, static (in VariantPlan plan) => plan.Interval?.Fastest ?? plan.Figures),
            WholeFigures.Of(job, prefill, decode, static (in VariantPlan plan) => plan.Interval?.Slowest ?? plan.Figures));
}

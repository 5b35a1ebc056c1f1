namespace FastSim.Cli.Sweeps;

/// <summary>A job of one of the best variants of a sweep.</summary>
/// <param name="Variant">Its variant.</param>
/// <param name="Job">The job.</param>
/// <param name="PerCard">Tokens/s of a card.</param>
/// <param name="Score">Its score; null where the sweep has none.</param>
/// <param name="Cost">Its cost, NaN where the variant has none; null where the sweep has none.</param>
/// <param name="Suite">The variant's score over all jobs; null where each job is judged by itself.</param>
internal readonly record struct BestRow(long Variant, int Job, double PerCard, double? Score, double? Cost, double? Suite);

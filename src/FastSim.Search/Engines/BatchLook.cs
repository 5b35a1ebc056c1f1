namespace FastSim.Search.Engines;

/// <summary>Batches between which a limit lies, in units: the largest known to be accepted, 0 for none, and the smallest known to be refused.</summary>
internal readonly record struct Bracket(long Accepted, long Refused);

/// <summary>A first look at a plan.</summary>
/// <param name="Within">Largest batch that may meet the limits, in units; 0 when none can.</param>
/// <param name="TokensPerRankSecond">No batch yields more, a rank.</param>
internal readonly record struct BatchLook(long Within, double TokensPerRankSecond);

namespace FastSim.Search.Jobs;

/// <summary>The answer to a job.</summary>
/// <param name="Job">The question.</param>
/// <param name="Prefill">Best prefill plan; null when the phase did not run or the job has no plan.</param>
/// <param name="Decode">Best decode plan; null when the phase did not run or the job has no plan.</param>
/// <param name="PrefillTally">What the search for prefill plans covered; null when it did not run, or in fusion.</param>
/// <param name="DecodeTally">What the search for decode or fusion plans covered; null when it did not run.</param>
public sealed record JobResult(
    Job Job,
    PhaseWinner? Prefill,
    PhaseWinner? Decode,
    SearchTally? PrefillTally,
    SearchTally? DecodeTally)
{
    /// <summary>Where plans fit and meet the latency limits, but none the limit of cost: the least dollars that a million tokens cost. Null otherwise.</summary>
    public double? NearestCost { get; init; }

    /// <summary>Where plans fit and meet all other limits, but none that of energy: the least joules that a token takes. Null otherwise.</summary>
    public double? NearestJoules { get; init; }

    /// <summary>Whether a plan was found.</summary>
    public bool HasPlan => Prefill is not null || Decode is not null;
}

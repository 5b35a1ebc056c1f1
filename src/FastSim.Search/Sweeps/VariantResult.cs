namespace FastSim.Search.Sweeps;

/// <summary>The answer to a job on one variant.</summary>
/// <param name="Prefill">Best prefill plan; none when the phase did not run, or the variant has no plan.</param>
/// <param name="Decode">Best decode or fusion plan; none when the phase did not run, or the variant has no plan.</param>
/// <param name="Miss">Why it has no plan.</param>
/// <param name="MissIsPrefill">Whether it is the prefill phase that has none.</param>
public readonly record struct VariantResult(VariantPlan Prefill, VariantPlan Decode, VariantMiss Miss, bool MissIsPrefill)
{
    /// <summary>Whether the variant has a plan.</summary>
    public bool HasPlan => Prefill.IsFound || Decode.IsFound;
}

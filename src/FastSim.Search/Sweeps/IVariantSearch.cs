using FastSim.Search.Engines;

namespace FastSim.Search.Sweeps;

/// <summary>Finds the best plan of a phase on many variants of its chip, whatever kind of plan it is. Serves one thread.</summary>
internal interface IVariantSearch
{
    /// <summary>Candidates of the variants searched so far.</summary>
    SweepTally Tally { get; }

    /// <summary>Numbers of a variant's chip.</summary>
    int NumbersPerVariant { get; }

    /// <summary>Searches.</summary>
    /// <param name="values">The variants' numbers, one row a variant.</param>
    /// <param name="count">Variants.</param>
    /// <param name="plans">Receives the best plan of each, card counts one after another; none where the default value stands.</param>
    /// <param name="missed">Receives why a variant has no plan on any card count.</param>
    void Solve(ReadOnlySpan<double> values, int count, Span<VariantPlan> plans, Span<VariantMiss> missed);

    /// <summary>Of a variant's plans and batches on a number of cards that keep a rate the one of least latency; null when none keeps it.</summary>
    /// <param name="values">The variant's numbers.</param>
    /// <param name="cardCount">Place of the number of cards.</param>
    /// <param name="rate">The rate.</param>
    VariantPlan? LeastLatency(ReadOnlySpan<double> values, int cardCount, KeptRate rate);

    /// <summary>Whether plans have intervals.</summary>
    bool HasIntervals { get; }

    /// <summary>The interval of a variant's plan.</summary>
    /// <param name="values">The variant's numbers.</param>
    /// <param name="plan">The plan.</param>
    PlanInterval Interval(ReadOnlySpan<double> values, in VariantPlan plan);
}

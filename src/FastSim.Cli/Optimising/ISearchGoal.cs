namespace FastSim.Cli.Optimising;

/// <summary>What a search keeps of what it answers, and by which it leaves boxes out. Read by many threads at a time, written by one between.</summary>
internal interface ISearchGoal
{
    /// <summary>Variants that stand for a box whose variants all have one score: they are answered.</summary>
    int TiedVariants { get; }

    /// <summary>Whether nothing is wanted that is no better than a corner in any objective.</summary>
    /// <param name="corner">Losses that no variant of a box falls below, an objective each.</param>
    bool Beats(ReadOnlySpan<double> corner);

    /// <summary>The same of the variants of a box, where their numbers may decide between equals, too.</summary>
    /// <param name="corner">Losses that none falls below.</param>
    /// <param name="first">The first of them.</param>
    bool Excludes(ReadOnlySpan<double> corner, long first);

    /// <summary>Takes what was answered.</summary>
    /// <param name="variants">The variants.</param>
    /// <param name="losses">Losses, the objectives of a variant one after another; NaN where it has no row that counts.</param>
    /// <param name="tied">The box that a variant stands for; null of one that stands for itself.</param>
    void Add(IReadOnlyList<long> variants, double[] losses, IReadOnlyList<Box?> tied);

    /// <summary>What is kept, best first.</summary>
    IReadOnlyList<KeptVariants> Kept { get; }

    /// <summary>Takes what an earlier search, or a part of one, kept.</summary>
    void AddKept(IReadOnlyList<KeptVariants> kept);
}

/// <summary>A variant that a search keeps, or a box of variants of the same losses.</summary>
/// <param name="Losses">Less is better, an objective each.</param>
/// <param name="First">The first variant.</param>
/// <param name="Tied">The box that it stands for; null of one that stands for itself.</param>
internal sealed record KeptVariants(double[] Losses, long First, Box? Tied);

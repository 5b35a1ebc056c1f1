namespace FastSim.Kernels.Stages;

/// <summary>Prompts that find the same number of their tokens cached.</summary>
/// <param name="Share">Their share of all prompts, above 0.</param>
/// <param name="CachedTokens">Tokens of each that are cached.</param>
public readonly record struct PrefixClass(double Share, int CachedTokens);

/// <summary>
/// Prompts of one length that find unlike parts of themselves cached. A pass takes them in their shares, so that what an operator computes, moves and sends is the mean over the classes, exactly:
/// attention, which is not linear in what is cached, is that of each class by itself (docs/cost-model.md, "Prefixes"). Equal where all classes are.
/// </summary>
public sealed class PrefixClasses : IEquatable<PrefixClasses>
{
    private readonly PrefixClass[] classes;

    private PrefixClasses(PrefixClass[] classes) => this.classes = classes;

    /// <summary>The classes, the fewest cached tokens first.</summary>
    public IReadOnlyList<PrefixClass> Classes => classes;

    /// <summary>The fewest tokens that a prompt finds.</summary>
    public int Fewest => classes[0].CachedTokens;

    /// <summary>The most.</summary>
    public int Most => classes[^1].CachedTokens;

    /// <summary>Classes of their shares; those of as many tokens are one.</summary>
    /// <param name="classes">At least one; their shares add up to 1 but for rounding.</param>
    /// <exception cref="ArgumentException">There is none, or a share or number of tokens cannot be.</exception>
    public static PrefixClasses Of(IEnumerable<PrefixClass> classes)
    {
        PrefixClass[] distinct =
        [
            .. classes.GroupBy(each => each.CachedTokens).OrderBy(group => group.Key).Select(group => new PrefixClass(group.Sum(each => each.Share), group.Key)),
        ];
        return distinct.Length > 0 && Array.TrueForAll(distinct, each => each is { Share: > 0, CachedTokens: >= 0 })
            ? new PrefixClasses(distinct)
            : throw new ArgumentException("no classes, or shares that are none", nameof(classes));
    }

    /// <summary>Mean over prompts of what a class of them has.</summary>
    /// <param name="ofTokens">What prompts have that find so many tokens cached.</param>
    public double Mean(Func<int, double> ofTokens)
    {
        ArgumentNullException.ThrowIfNull(ofTokens);
        double mean = 0;
        double shares = 0;
        foreach (PrefixClass each in classes)
        {
            shares += each.Share;
            mean += each.Share / shares * (ofTokens(each.CachedTokens) - mean);
        }

        return mean;
    }

    /// <inheritdoc/>
    public bool Equals(PrefixClasses? other) => other is not null && classes.AsSpan().SequenceEqual(other.classes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PrefixClasses);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (PrefixClass each in classes)
        {
            hash.Add(each);
        }

        return hash.ToHashCode();
    }
}

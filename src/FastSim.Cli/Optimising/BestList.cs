namespace FastSim.Cli.Optimising;

/// <summary>The best variants known, as a sweep of all of them would rank them: by score, of equals the first.</summary>
/// <param name="capacity">How many are wanted.</param>
internal sealed class BestList(int capacity) : ISearchGoal
{
    private readonly SortedSet<(double Loss, long Variant)> best = [];

    /// <inheritdoc/>
    public int TiedVariants => capacity;

    /// <inheritdoc/>
    public IReadOnlyList<KeptVariants> Kept => [.. best.Select(each => new KeptVariants([each.Loss], each.Variant, null))];

    /// <summary>The loss that a variant must not exceed to be among them.</summary>
    private double Threshold => best.Count == capacity ? best.Max.Loss : double.PositiveInfinity;

    /// <inheritdoc/>
    public bool Beats(ReadOnlySpan<double> corner) => corner[0] > Threshold;

    /// <inheritdoc/>
    public bool Excludes(ReadOnlySpan<double> corner, long first) =>
        corner[0] > Threshold || (corner[0] == Threshold && best.Count == capacity && first > best.Max.Variant);

    /// <inheritdoc/>
    public void Add(IReadOnlyList<long> variants, double[] losses, IReadOnlyList<Box?> tied)
    {
        for (int index = 0; index < losses.Length; index++)
        {
            Add(losses[index], variants[index]);
        }
    }

    /// <inheritdoc/>
    public void AddKept(IReadOnlyList<KeptVariants> kept)
    {
        foreach (KeptVariants each in kept)
        {
            Add(each.Losses[0], each.First);
        }
    }

    private void Add(double loss, long variant)
    {
        // Losses of -0 and 0 are equal, as in a sweep; what has none is none.
        if (!double.IsNaN(loss) && best.Add((loss == 0 ? 0 : loss, variant)) && best.Count > capacity)
        {
            best.Remove(best.Max);
        }
    }
}

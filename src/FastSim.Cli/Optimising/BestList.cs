namespace FastSim.Cli.Optimising;

/// <summary>The best variants known, as a sweep of all of them would rank them: by score, of equals the first.</summary>
/// <param name="capacity">How many are wanted.</param>
internal sealed class BestList(int capacity)
{
    private readonly SortedSet<(double Loss, long Variant)> best = [];

    /// <summary>The score that a variant must reach to be among them.</summary>
    public double Threshold => best.Count == capacity ? -best.Max.Loss : double.NegativeInfinity;

    /// <summary>Whether no variant from <paramref name="first"/> on is among them whose score is at most <paramref name="bound"/>.</summary>
    public bool Excludes(double bound, long first) => bound < Threshold || (bound == Threshold && best.Count == capacity && first > best.Max.Variant);

    /// <summary>The best, best first.</summary>
    public IEnumerable<(double Score, long Variant)> Ranked => best.Select(each => (-each.Loss, each.Variant));

    /// <summary>Takes a variant; one without a score is none.</summary>
    /// <returns>Whether it is among the best.</returns>
    public bool Add(double score, long variant)
    {
        // Scores of -0 and 0 are equal, as in a sweep.
        if (double.IsNaN(score) || !best.Add((score == 0 ? 0 : -score, variant)))
        {
            return false;
        }

        if (best.Count > capacity)
        {
            (double Loss, long Variant) last = best.Max;
            best.Remove(last);
            return last.Variant != variant;
        }

        return true;
    }
}

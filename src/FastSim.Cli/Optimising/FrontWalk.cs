using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>
/// Finds much of a front before boxes are bounded, so that few of them stay open: from some scattered variants on, whatever lies near those that nothing
/// beats yet. What it finds decides nothing but how much is left to look at.
/// </summary>
/// <param name="space">The variants.</param>
/// <param name="search">What answers them.</param>
internal sealed class FrontWalk(SweepSpace space, BoxSearch search)
{
    private const int PerRound = 32;
    private const int MostAnswered = 40_000;
    private const int LeastShare = 16;

    private readonly Neighbourhood neighbourhood = new(space);
    private readonly HashSet<long> seen = [];
    private readonly HashSet<long> left = [];

    /// <summary>Walks.</summary>
    public void Start()
    {
        search.Answer([.. neighbourhood.First().Where(seen.Add)]);
        while (!search.IsStopped && seen.Count < Math.Min(MostAnswered, space.Count / LeastShare))
        {
            long[] open = [.. search.Kept.Select(each => each.First).Where(variant => !left.Contains(variant))];
            if (open.Length == 0)
            {
                return;
            }

            // From all along the front, not from one end of it.
            long[] from = [.. Enumerable.Range(0, Math.Min(PerRound, open.Length)).Select(index => open[(long)index * open.Length / Math.Min(PerRound, open.Length)])];
            left.UnionWith(from);
            search.Answer([.. from.SelectMany(neighbourhood.Of).Where(seen.Add)]);
        }
    }
}

using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>
/// Finds a good variant before boxes are bounded, so that few of them stay open: from the best of some scattered ones step by step to better ones.
/// What it finds decides nothing but how much is left to look at.
/// </summary>
/// <param name="space">The variants.</param>
/// <param name="search">What answers them.</param>
internal sealed class Climb(SweepSpace space, BoxSearch search)
{
    private const int Starts = 3;
    private const int MostRounds = 400;

    private readonly Neighbourhood neighbourhood = new(space);
    private readonly HashSet<long> seen = [];

    /// <summary>Climbs.</summary>
    public void Start()
    {
        foreach ((double loss, long variant) in Better(neighbourhood.First(), double.PositiveInfinity).Take(Starts))
        {
            Rise(variant, loss);
        }
    }

    private void Rise(long from, double loss)
    {
        for (int round = 0; round < MostRounds; round++)
        {
            if (Better(neighbourhood.Of(from), loss) is not [var next, ..])
            {
                return;
            }

            (loss, from) = next;
        }
    }

    /// <summary>Variants that were not seen before, of a lower loss than some, the best first.</summary>
    private (double Loss, long Variant)[] Better(IEnumerable<long> variants, double than)
    {
        long[] fresh = [.. variants.Where(seen.Add)];
        double[] losses = search.Answer(fresh);
        return [.. losses.Select((loss, index) => (loss, fresh[index])).Where(each => each.loss < than).OrderBy(each => each.loss).ThenBy(each => each.Item2)];
    }
}

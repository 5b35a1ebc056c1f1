using FastSim.Kernels.Lanes;
using FastSim.Search.Jobs;
using FastSim.Search.Sweeps;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>What <c>sweep --optimise</c> rests on: a chip that is better in every number never serves fewer requests.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)])]
public sealed class ChipLawTests
{
    /// <summary>Room for rounding: several hundred times what lanes and reference differ by.</summary>
    private const double Room = 1e-11;
    private const int Chips = 6;

    [Law(MaxTest = 200)]
    public bool A_better_chip_never_serves_fewer_requests(Job job, int seed) => Holds(job, seed);

    [Law(MaxTest = 100)]
    public Property Under_tables_too(int seed) => Prop.ForAll(Arb.From(RandomJobs.JobsWithTables), job => Holds(job, seed));

    [Law(MaxTest = 60)]
    public Property Under_tables_that_reward_small_operators_too(int seed) => Prop.ForAll(Arb.From(RandomJobs.JobsWithOddTables), job => Holds(job, seed));

    [Law(MaxTest = 60)]
    public bool Balanced_splits_too(Job job, int seed) => Holds(job with { Mode = ServingMode.Split, SplitAim = SplitAim.Balanced }, seed);

    [Law(MaxTest = 60)]
    public bool Under_a_power_cap_too(Job job, int seed) => Holds(PowerCapLaws.Capped(job, seed), seed);

    [Law(MaxTest = 60)]
    public bool With_a_cache_in_rooflines_too(Job job, int seed) => Holds(CacheLaws.Cached(job, seed), seed);

    private static bool Holds(Job job, int seed)
    {
        Random random = new(seed);
        SweepJob sweep = new(job);
        (ChipRows worsePrefill, ChipRows betterPrefill) = Rows(sweep.PrefillNumbers.Values, job.PrefillChip.Networks.Count, random);
        (ChipRows worseDecode, ChipRows betterDecode) = Rows(sweep.DecodeNumbers.Values, job.DecodeChip.Networks.Count, random);
        ChipPlaces[] places = [.. Enumerable.Range(0, Chips).Select(chip => new ChipPlaces(chip, chip))];
        VariantResult[] results = new VariantResult[Chips];
        JobSweep search = new(sweep, LaneWidths.Best);
        search.Solve(worsePrefill, worseDecode, places, results);
        VariantResult[] better = new VariantResult[Chips];
        search.Solve(betterPrefill, betterDecode, places, better);
        double[] least = new double[Chips];
        VariantReach[] found = new VariantReach[Chips];
        search.Reach(betterPrefill, betterDecode, least, found);
        for (int chip = 0; chip < Chips; chip++)
        {
            if (!results[chip].HasPlan)
            {
                continue;
            }

            (double requests, int cards) = Served(job, results[chip]);

            // Of answers themselves it holds to the bit, which exchanges of axes rest on.
            double more = Served(job, better[chip]).Requests;
            Assert.True(search.ChoosesCards || (better[chip].HasPlan && requests <= more), $"{requests:R} requests/s, {more:R} on a better chip");
            VariantReach reach = found[chip];
            Assert.True(requests <= reach.RequestsPerSecond * (1 + Room), $"{requests:R} requests/s, {reach.RequestsPerSecond:R} on a better chip");
            Assert.True(requests / cards <= reach.RequestsPerCardSecond * (1 + Room), $"{requests / cards:R} requests/s a card, {reach.RequestsPerCardSecond:R} on a better chip");
        }

        return true;
    }

    private static (double Requests, int Cards) Served(Job job, VariantResult result)
    {
        double prefill = result.Prefill.IsFound ? result.Prefill.Figures.TokensPerSecond / job.Lengths.Input : double.PositiveInfinity;
        double decode = result.Decode.IsFound ? result.Decode.Figures.TokensPerSecond / job.Lengths.Output : double.PositiveInfinity;
        return (Math.Min(prefill, decode), (result.Prefill.IsFound ? result.Prefill.Layout.Cards : 0) + (result.Decode.IsFound ? result.Decode.Layout.Cards : 0));
    }

    /// <summary>Chips whose numbers are the job's chip's, an eighth to eight times each; and better ones, in all numbers or in some.</summary>
    private static (ChipRows Worse, ChipRows Better) Rows(ReadOnlySpan<double> numbers, int tiers, Random random)
    {
        (ChipRows worse, ChipRows better) = (new ChipRows(numbers.Length), new ChipRows(numbers.Length));
        for (int chip = 0; chip < Chips; chip++)
        {
            Span<double> bad = worse.Add(numbers);
            Span<double> good = better.Add(numbers);
            for (int place = 0; place < numbers.Length; place++)
            {
                bad[place] = numbers[place] * Math.Pow(2, (random.NextDouble() * 6) - 3);
                good[place] = bad[place] * Math.Pow(2, random.Next(2) * random.NextDouble() * 3 * ChipLaws.DirectionOf(place, tiers));
            }
        }

        return (worse, better);
    }
}

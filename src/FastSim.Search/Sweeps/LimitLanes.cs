using FastSim.Kernels.Lanes;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;

namespace FastSim.Search.Sweeps;

/// <summary>
/// Finds, for one plan on many chips at once, the largest batch within the latency limits. Lanes narrow it down chip by chip; the
/// reference decides afterwards. Time is close to convex in the batch, so the chord through two batches that are too large points at the
/// answer from above, and a handful of rounds find it; halving takes over where that fails. Serves one thread.
/// </summary>
internal sealed class LimitLanes
{
    private const int ChordRounds = 8;

    private readonly ChipLanes lanes;
    private readonly int[] chips;
    private readonly int[] active;
    private readonly double[] probe;
    private readonly double[] accepted;
    private readonly double[] refused;
    private readonly double[] refusedExcess;
    private readonly double[] beyond;
    private readonly double[] beyondExcess;
    private readonly double[] tokens;

    public LimitLanes(int capacity, int networkTiers, LaneWidth width)
    {
        lanes = new ChipLanes(capacity, networkTiers, width);
        chips = new int[capacity];
        active = new int[capacity];
        probe = new double[capacity];
        accepted = new double[capacity];
        refused = new double[capacity];
        refusedExcess = new double[capacity];
        beyond = new double[capacity];
        beyondExcess = new double[capacity];
        tokens = new double[capacity];
    }

    /// <summary>Candidates evaluated so far.</summary>
    public long Evaluated { get; private set; }

    /// <summary>Batch found for each chip, in units; 0 when even one is too slow.</summary>
    public ReadOnlySpan<double> Units => accepted;

    /// <summary>Tokens a rank yields per second at the batch found, as lanes see it.</summary>
    public ReadOnlySpan<double> TokensPerRankSecond => tokens;

    /// <summary>Searches.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="steps">The batches that are tried.</param>
    /// <param name="columns">Chips.</param>
    /// <param name="indices">Chips to search for.</param>
    /// <param name="within">Largest batch that a bound leaves each, in units, by place in <paramref name="columns"/>; at least 1.</param>
    public void Solve<TPlan>(
        in TPlan plan, LatencyLimits limits, BatchSteps steps, ChipColumns columns, ReadOnlySpan<int> indices, ReadOnlySpan<double> within)
        where TPlan : struct, IBatchPlan
    {
        plan.Load(lanes);
        int count = indices.Length;
        for (int candidate = 0; candidate < count; candidate++)
        {
            active[candidate] = candidate;
            accepted[candidate] = 0;
            refused[candidate] = within[indices[candidate]] + 1;
            refusedExcess[candidate] = double.NaN;
            beyondExcess[candidate] = double.NaN;
            probe[candidate] = within[indices[candidate]];
        }

        for (int round = 0; count > 0; round++)
        {
            Evaluate(columns, indices, count, steps);
            count = Narrow(limits, count, round);
        }
    }

    /// <summary>Evaluates a plan's smallest batch on some chips.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="steps">The batches that are tried.</param>
    /// <param name="columns">Chips.</param>
    /// <param name="indices">Chips to evaluate on.</param>
    public void SmallestBatch<TPlan>(in TPlan plan, BatchSteps steps, ChipColumns columns, ReadOnlySpan<int> indices)
        where TPlan : struct, IBatchPlan
    {
        plan.Load(lanes);
        for (int candidate = 0; candidate < indices.Length; candidate++)
        {
            active[candidate] = candidate;
            probe[candidate] = 1;
        }

        Evaluate(columns, indices, indices.Length, steps);
    }

    /// <summary>The worse miss of a candidate of the last evaluation.</summary>
    public LatencyMiss MissOf(int candidate, LatencyLimits limits) => LatencyMiss.Of(
        lanes.FirstTokenSeconds[candidate], lanes.PerTokenSeconds[candidate], limits);

    private void Evaluate(ChipColumns columns, ReadOnlySpan<int> indices, int count, BatchSteps steps)
    {
        for (int lane = 0; lane < count; lane++)
        {
            chips[lane] = indices[active[lane]];
            lanes.Sequences[lane] = steps.At(probe[active[lane]]);
        }

        lanes.SetChips(columns, chips.AsSpan(0, count));
        lanes.Evaluate(count);
        Evaluated += count;
    }

    /// <summary>Takes a round's results; returns how many chips are still open.</summary>
    private int Narrow(LatencyLimits limits, int count, int round)
    {
        int open = 0;
        for (int lane = 0; lane < count; lane++)
        {
            int candidate = active[lane];
            double excess = Math.Max(
                LatencyLimits.Excess(lanes.FirstTokenSeconds[lane], limits.FirstTokenMilliseconds),
                LatencyLimits.Excess(lanes.PerTokenSeconds[lane], limits.PerTokenMilliseconds));
            if (excess <= Slack.Above)
            {
                accepted[candidate] = probe[candidate];
                tokens[candidate] = lanes.TokensPerRankSecond(lane);
            }
            else
            {
                beyond[candidate] = refused[candidate];
                beyondExcess[candidate] = refusedExcess[candidate];
                refused[candidate] = probe[candidate];
                refusedExcess[candidate] = excess;
            }

            if (refused[candidate] - accepted[candidate] > 1)
            {
                probe[candidate] = Next(candidate, round);
                active[open] = candidate;
                open++;
            }
        }

        return open;
    }

    private double Next(int candidate, int round)
    {
        double lowest = accepted[candidate] + 1;
        double highest = refused[candidate] - 1;
        if (round > ChordRounds)
        {
            return Math.Floor((lowest + highest) / 2);
        }

        if (double.IsNaN(beyondExcess[candidate]))
        {
            return highest;
        }

        double slope = (beyondExcess[candidate] - refusedExcess[candidate]) / (beyond[candidate] - refused[candidate]);
        double target = Math.Floor(refused[candidate] - ((refusedExcess[candidate] - 1) / slope));
        return target >= lowest && target <= highest ? target : (target > highest ? highest : lowest);
    }
}

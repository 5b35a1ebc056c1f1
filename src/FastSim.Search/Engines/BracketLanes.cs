using FastSim.Kernels.Lanes;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Search.Engines;

/// <summary>Something that holds for small batches of a plan and, from some batch on, no longer.</summary>
internal interface IBatchTest
{
    /// <summary>Whether it holds for a batch that was evaluated, rounding aside.</summary>
    bool Holds(PlanLanes lanes, int lane);
}

/// <summary>Whether a batch nearly meets latency limits.</summary>
internal readonly struct MeetsLimits(LatencyLimits limits) : IBatchTest
{
    public bool Holds(PlanLanes lanes, int lane) => limits.Excess(lanes, lane) <= Slack.Above;
}

/// <summary>Narrows down, many batches at once, where a test stops to hold. An instance serves one thread.</summary>
internal sealed class BracketLanes(LaneWidth width)
{
    private const int Lanes = 16;

    private readonly PlanLanes lanes = new(Lanes, width);
    private readonly long[] probed = new long[Lanes];

    /// <summary>Batches evaluated since <see cref="Restart"/>.</summary>
    public long Evaluated { get; private set; }

    /// <summary>Of those, the ones for which a test did not hold.</summary>
    public long Failed { get; private set; }

    /// <summary>Forgets the counts.</summary>
    public void Restart() => (Evaluated, Failed) = (0, 0);

    /// <summary>Takes a plan.</summary>
    public void Load<TPlan>(in TPlan plan)
        where TPlan : struct, IBatchPlan => plan.Load(lanes);

    /// <summary>Tests one batch.</summary>
    /// <param name="test">The test.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    /// <param name="tokensPerRankSecond">What a rank yields there.</param>
    public bool Holds<TTest>(TTest test, double sequences, out double tokensPerRankSecond)
        where TTest : struct, IBatchTest
    {
        lanes.Sequences[0] = sequences;
        lanes.Evaluate(1);
        Evaluated++;
        tokensPerRankSecond = lanes.TokensPerRankSecond(0);
        bool holds = test.Holds(lanes, 0);
        Failed += holds ? 0 : 1;
        return holds;
    }

    /// <summary>The last batch for which a test holds and the first for which it does not, as lanes see it.</summary>
    /// <param name="test">The test.</param>
    /// <param name="steps">The batches that are tried.</param>
    /// <param name="bracket">A batch for which it holds and a larger one for which it does not, in units.</param>
    public Bracket Close<TTest>(TTest test, BatchSteps steps, Bracket bracket)
        where TTest : struct, IBatchTest
    {
        while (bracket.Refused - bracket.Accepted > 1)
        {
            bracket = Narrow(test, steps, bracket);
        }

        return bracket;
    }

    /// <summary>One round of a multi-way search: batches spread over the bracket.</summary>
    private Bracket Narrow<TTest>(TTest test, BatchSteps steps, Bracket bracket)
        where TTest : struct, IBatchTest
    {
        long inside = bracket.Refused - bracket.Accepted - 1;
        int count = (int)Math.Min(Lanes, inside);
        for (int lane = 0; lane < count; lane++)
        {
            probed[lane] = bracket.Accepted + 1 + (long)((double)inside * lane / count);
            lanes.Sequences[lane] = steps.At(probed[lane]);
        }

        lanes.Evaluate(count);
        Evaluated += count;
        (long accepted, long refused) = (bracket.Accepted, bracket.Refused);
        for (int lane = 0; lane < count; lane++)
        {
            if (test.Holds(lanes, lane))
            {
                accepted = Math.Max(accepted, probed[lane]);
            }
            else
            {
                refused = Math.Min(refused, probed[lane]);
                Failed++;
            }
        }

        // Rounding may disagree on neighbours; the reference sorts that out.
        return new Bracket(accepted, Math.Max(refused, accepted + 1));
    }
}
